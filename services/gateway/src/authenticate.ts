import { option, takeOptions, Unauthorized } from "@weft/core";
import { errors } from "jose";
import { jwtVerify } from "jose/jwt/verify";
import type { User } from "./access.ts";
import { type ClaimNames, claimReader } from "./claims.ts";
import { hasRepeatedNames } from "./repeated-names.ts";
import { isSubject, userIdOf } from "./subject.ts";
import { algorithms, type TokenKeys } from "./token-keys.ts";

export interface AuthenticateOptions {
  issuer: string;
  audience: string;
  claims?: ClaimNames;
  /** How far clocks may differ, in seconds. @defaultValue 60 */
  clockSkewSeconds?: number;
  /** Longer tokens are not looked at, in characters. @defaultValue 8192 */
  maxTokenLength?: number;
  /** For tests, in milliseconds since the epoch. @defaultValue Date.now */
  now?: () => number;
}

const rules = { clockSkewSeconds: option.count(60, { from: 0 }), maxTokenLength: option.count(8192) };

const types = new Set(["jwt", "at+jwt", "application/at+jwt"]);
/**
 * Header fields by which a token would bring its own key, or mean more than it says. Thumbprints (`x5t`, `x5t#S256`), which
 * issuers write beside `kid`, name a key and bring none: they are not looked at.
 */
const refusedHeaders = ["jwk", "jku", "x5u", "x5c", "crit", "b64", "cty", "zip", "enc", "epk"];

/**
 * Who sent a request, by its `Authorization: Bearer` (RFC 6750, 7519, 8725): nobody where there is no header.
 * @throws Unauthorized for whatever is not a token of this issuer for this audience, now; never with the reason
 * @throws KeysUnavailable (retryable) while the issuer's keys were never fetched
 */
export function authenticator({ keys }: { keys: TokenKeys }, options: AuthenticateOptions) {
  const taken = takeOptions("authenticator", rules, options);
  const { issuer, audience, claims, clockSkewSeconds, maxTokenLength, now = Date.now } = taken;
  const read = claimReader(claims);

  return async (authorization: string | undefined): Promise<User | undefined> => {
    if (authorization === undefined) return undefined;
    const token = /^bearer +([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)$/i.exec(
      authorization.length > maxTokenLength + 16 ? "" : authorization,
    )?.[1];
    // What is wrong is told to nobody: it would help whoever tries.
    if (token === undefined || token.length > maxTokenLength || !isPlain(token)) throw new Unauthorized({});
    const currentDate = new Date(now());
    try {
      const { payload } = await jwtVerify(token, keys.find, {
        algorithms,
        issuer,
        audience,
        clockTolerance: clockSkewSeconds,
        currentDate,
        requiredClaims: ["exp"],
      });
      const { exp, iat = 0 } = payload;
      const { subject, role } = read(payload);
      const latest = currentDate.getTime() / 1000 + clockSkewSeconds;
      // `1e999` is a number in JSON and never over.
      const isInTime = Number.isFinite(exp) && iat <= latest;
      if (role === undefined || !isSubject(subject) || !isInTime) throw new Unauthorized({});
      return { id: userIdOf(subject), role };
    } catch (error) {
      // Anything else is a bug of ours, or the issuer that is away, and no token's fault.
      if (!(error instanceof errors.JOSEError)) throw error;
      throw new Unauthorized({}, { cause: error });
    }
  };
}

/** What can be refused before any signature is computed. */
function isPlain(token: string): boolean {
  const [header = "", payload = ""] = token.split(".").map((part) => Buffer.from(part, "base64url").toString("utf8"));
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(header) as Record<string, unknown>;
    JSON.parse(payload);
  } catch {
    return false;
  }
  if (hasRepeatedNames(header) || hasRepeatedNames(payload)) return false;
  if (typeof fields !== "object" || fields === null) return false;
  const { typ, kid, alg } = fields;
  if (!algorithms.includes(alg as string)) return false;
  if (typ !== undefined && !(typeof typ === "string" && types.has(typ.toLowerCase()))) return false;
  if (kid !== undefined && !(typeof kid === "string" && kid.length <= 200)) return false;
  return refusedHeaders.every((name) => !Object.hasOwn(fields, name));
}
