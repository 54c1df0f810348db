import { closed, type JsonSchema } from "@weft/transport";

/** The gateway's own sections of `config.yaml`. */
export interface GatewaySections {
  auth: { issuer: string; audience: string; jwks_url?: string | null; key_file?: string | null };
  limits: { rate: number | "off"; trusted_proxies?: number };
  forward: { attempt: string; read: string; write: string };
}

const text = { type: "string", minLength: 1 };
const duration = { type: "string", pattern: "^\\d+(ms|s)$" };

export const gatewaySections: Record<keyof GatewaySections, JsonSchema> = {
  auth: closed(
    {
      issuer: text,
      audience: text,
      jwks_url: { type: ["string", "null"], pattern: "^https?://" },
      key_file: { type: ["string", "null"] },
    },
    ["issuer", "audience"],
  ),
  limits: closed(
    {
      rate: { anyOf: [{ type: "number", exclusiveMinimum: 0, maximum: 1_000_000 }, { const: "off" }] },
      trusted_proxies: { type: "integer", minimum: 0, maximum: 10 },
    },
    ["rate"],
  ),
  forward: closed({ attempt: duration, read: duration, write: duration }, ["attempt", "read", "write"]),
};
