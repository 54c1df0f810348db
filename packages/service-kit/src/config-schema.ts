import { closed, type JsonSchema } from "@weft/transport";

/** What `config.yaml` holds, before its texts are read. Texts that may stay empty in the environment are null then. */
export interface ConfigFile {
  server: {
    http: { addr: string; timeout?: string; advertised?: string | null };
    grpc?: { addr: string; timeout?: string };
    drain_wait?: string | null;
  };
  consul: {
    address: string;
    scheme?: "http" | "https";
    token?: string | null;
    service: {
      name: string;
      version: string;
      metadata?: Record<string, string | number | boolean>;
      tags?: string[];
      health_check?: {
        http?: string;
        interval?: string;
        timeout?: string;
        deregister_critical_service_after?: string;
      };
    };
  };
  data?: {
    database?: { driver: "postgres"; source: string; name?: string; pool_size?: number };
    redis?: { addr?: string | null; password?: string | null; db?: number };
  };
  kafka?: {
    brokers: string | string[];
    client_id?: string;
    ssl?: boolean | null | { ca_file?: string | null; cert_file?: string | null; key_file?: string | null };
    sasl?: {
      mechanism: "plain" | "scram-sha-256" | "scram-sha-512";
      username?: string | null;
      password?: string | number | null;
    } | null;
  };
  schema_registry?: { url: string; username?: string | null; password?: string | number | null };
}

const text = { type: "string", minLength: 1 };
const maybeText = { type: ["string", "null"] };
// A password out of the environment may look like a number to YAML.
const secret = { type: ["string", "number", "null"] };
/** @param sections what a service adds of its own, by its name at the top of the file */
export function configSchema(sections: Record<string, JsonSchema>): JsonSchema {
  return closed(
    {
      server: closed(
        {
          http: closed({ addr: text, timeout: text, advertised: maybeText }, ["addr"]),
          grpc: closed({ addr: text, timeout: text }, ["addr"]),
          drain_wait: maybeText,
        },
        ["http"],
      ),
      consul: closed(
        {
          address: text,
          scheme: { enum: ["http", "https"] },
          token: maybeText,
          service: closed(
            {
              name: { ...text, pattern: "^[a-z][a-z0-9-]{0,62}$" },
              version: text,
              metadata: { type: "object", additionalProperties: { type: ["string", "number", "boolean"] } },
              tags: { type: "array", items: { type: "string" }, maxItems: 50 },
              health_check: closed({
                http: { ...text, pattern: "^/" },
                interval: text,
                timeout: text,
                deregister_critical_service_after: text,
              }),
            },
            ["name", "version"],
          ),
        },
        ["address", "service"],
      ),
      data: closed({
        database: closed(
          {
            driver: { const: "postgres" },
            source: text,
            name: { ...text, pattern: "^[a-z_][a-z0-9_]{0,62}$" },
            pool_size: { type: "integer", minimum: 2, maximum: 200 },
          },
          ["driver", "source"],
        ),
        redis: closed({ addr: maybeText, password: secret, db: { type: "integer", minimum: 0 } }),
      }),
      kafka: closed(
        {
          brokers: { type: ["string", "array"], minLength: 1, minItems: 1, items: text },
          client_id: text,
          ssl: {
            type: ["boolean", "null", "object"],
            properties: { ca_file: maybeText, cert_file: maybeText, key_file: maybeText },
            additionalProperties: false,
          },
          sasl: {
            type: ["object", "null"],
            properties: {
              mechanism: { enum: ["plain", "scram-sha-256", "scram-sha-512"] },
              username: maybeText,
              password: secret,
            },
            required: ["mechanism"],
            additionalProperties: false,
          },
        },
        ["brokers"],
      ),
      schema_registry: closed({ url: text, username: maybeText, password: secret }, ["url"]),
      ...sections,
    },
    ["server", "consul"],
  );
}
