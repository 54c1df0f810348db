import { closed, type JsonSchema } from "@weft/transport";

/** The gateway's own sections of `config.yaml`. */
export interface GatewaySections {
  auth: {
    issuer: string;
    audience: string;
    jwks_url?: string | null;
    key_file?: string | null;
    claims?: { subject?: string; role?: string; admin?: Names; customer?: Names };
  };
  cors?: { origins?: Names; max_age?: string };
  limits: { rate: number | "off"; trusted_proxies?: number };
  forward: { attempt: string; read: string; write: string };
}

/** A list, or a text with commas. */
type Names = string | string[];

/** @returns nothing where no name is left */
export function namesOf(names: Names | undefined): string[] | undefined {
  const all = (Array.isArray(names) ? names : (names ?? "").split(","))
    .map((name) => name.trim())
    .filter((name) => name !== "");
  return all.length > 0 ? all : undefined;
}

/** Of `config.yaml`: for the tokens of `pnpm dev`. */
const developer = { issuer: "weft-dev", keyFile: ".weft/keys/jwt.jwk.json" };

/** What must be set outside of development: there nobody takes the word of a developer's machine for who somebody is. */
export function missingSettings({ auth }: Pick<GatewaySections, "auth">): string[] {
  const hasKeys = Boolean(auth.jwks_url) || (auth.key_file && auth.key_file !== developer.keyFile);
  return [...(hasKeys ? [] : ["WEFT_JWKS_URL"]), ...(auth.issuer === developer.issuer ? ["WEFT_JWT_ISSUER"] : [])];
}

const names = { type: ["string", "array"], items: { type: "string" }, title: "list of names, or text with commas" };
const claim = { type: "string", minLength: 1, maxLength: 200, title: "claim" };
const text = { type: "string", minLength: 1 };
const duration = { type: "string", pattern: "^\\d+(ms|s)$", title: "duration" };

export const gatewaySections: Record<keyof GatewaySections, JsonSchema> = {
  auth: closed(
    {
      issuer: { ...text, description: "`iss` of the tokens that are taken; `weft-dev` in development only" },
      audience: { ...text, description: "`aud` of the tokens that are taken" },
      jwks_url: {
        type: ["string", "null"],
        pattern: "^https?://",
        title: "URL",
        description: "Where the issuer publishes its keys; with it, `auth.key_file` is not looked at",
      },
      key_file: {
        type: ["string", "null"],
        title: "path",
        description:
          "A key of this machine (JWK or PEM), instead of `jwks_url`. Where `WEFT_ENVIRONMENT` is `development` it is made when it is missing; elsewhere it must be there, and the default is not taken",
      },
      claims: closed({
        subject: { ...claim, default: "sub", description: "Claim that says whose token it is; a path may have dots" },
        role: {
          ...claim,
          default: "role",
          description:
            "Claim of the role, one text or a list: `realm_access.roles`, `https://example.com/role`. Where a claim's own name has dots, the longest name that is there is meant",
        },
        admin: { ...names, default: "admin", description: "What stands there for an admin" },
        customer: { ...names, default: "customer", description: "What stands there for a customer" },
      }),
    },
    ["issuer", "audience"],
  ),
  cors: closed({
    origins: {
      ...names,
      title: "list of origins, or text with commas",
      description:
        "Origins of web pages that may read answers: `https://shop.example.com`, or `*`. Without any, preflights are not answered. Cookies are never allowed; a token is",
    },
    max_age: { ...duration, default: "600s", description: "How long browsers may keep the answer to a preflight" },
  }),
  limits: closed(
    {
      rate: {
        anyOf: [{ type: "number", exclusiveMinimum: 0, maximum: 1_000_000 }, { const: "off" }],
        description: "Requests a second for each subject or address; twice that at once",
      },
      trusted_proxies: {
        type: "integer",
        minimum: 0,
        maximum: 10,
        description: "Proxies in front of it whose `X-Forwarded-For` is believed",
      },
    },
    ["rate"],
  ),
  forward: closed(
    {
      attempt: { ...duration, description: "One attempt of a read" },
      read: { ...duration, description: "A read with its retries" },
      write: { ...duration, description: "A write; it is tried once, unless it has an `Idempotency-Key`" },
    },
    ["attempt", "read", "write"],
  ),
};
