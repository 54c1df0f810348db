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

const names = { type: ["string", "array"], items: { type: "string" }, title: "list of names, or text with commas" };
const claim = { type: "string", minLength: 1, maxLength: 200, title: "claim" };
const text = { type: "string", minLength: 1 };
const duration = { type: "string", pattern: "^\\d+(ms|s)$", title: "duration" };

export const gatewaySections: Record<keyof GatewaySections, JsonSchema> = {
  auth: closed(
    {
      issuer: { ...text, description: "`iss` of the tokens that are taken" },
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
        description: "For development: a key of this machine (JWK or PEM), made when it is missing",
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
