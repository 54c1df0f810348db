import { closed, type JsonSchema } from "@weft/transport";

/** The gateway's own sections of `config.yaml`. */
export interface GatewaySections {
  auth: { issuer: string; audience: string; jwks_url?: string | null; key_file?: string | null };
  limits: { rate: number | "off"; trusted_proxies?: number };
  forward: { attempt: string; read: string; write: string };
}

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
