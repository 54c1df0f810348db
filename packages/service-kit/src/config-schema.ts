import { closed, type JsonSchema } from "@weft/transport/schema";

/** What a text means: the type that `docs/configuration.md` shows. `ConfigReader` reads it and says what is wrong with it. */
const text = (title: string) => ({ type: "string", minLength: 1, title });
const maybeText = (title: string) => ({ type: ["string", "null"], title });
// A password out of the environment may look like a number to YAML.
const secret = { type: ["string", "number", "null"], title: "secret" };
const duration = text("duration");
const listening = text("host:port");
const maybeFile = maybeText("path of a PEM file");

/** @param whose certificate is checked with it   @param more what not every client can say */
const tls = (whose: string, more: Record<string, JsonSchema> = {}) =>
  closed({
    enabled: {
      type: ["boolean", "null"],
      description: "`true` for TLS; unset: TLS where one of the next is given",
    },
    ca_file: {
      ...maybeFile,
      description: `Who may have signed ${whose} certificate; unset: the well-known authorities`,
    },
    cert_file: { ...maybeFile, description: "The client's own certificate, for mTLS" },
    key_file: { ...maybeFile, description: "Its private key" },
    ...more,
  });
const servername = {
  servername: { ...maybeText("name"), description: "The name in that certificate, where it is not the host's" },
};

/**
 * `description` and `default` are what a reader of `docs/configuration.md` gets, and the defaults what `loadServiceConfig`
 * takes: they stand here only.
 */
const sectionsOfEveryService: Record<string, JsonSchema> = {
  server: closed(
    {
      http: closed(
        {
          addr: { ...listening, description: "Where the HTTP server listens; port 0 takes any free one" },
          timeout: { ...duration, default: "15s", description: "Bound of a whole request; a route may have its own" },
          advertised: {
            ...maybeText("host:port"),
            description: "What is registered in Consul instead of `server.http.addr`, where a proxy stands in between",
          },
          keep_alive: {
            ...maybeText("duration"),
            default: "65s",
            description:
              "How long an idle connection is kept, from 1s to 24h: longer than the balancer in front keeps it, which has 60s with AWS and nginx, 240s with Azure, 600s with Google Cloud",
          },
          allowed_hosts: {
            type: ["string", "array", "null"],
            items: text("name"),
            title: "list of names, or text with commas",
            description:
              "Hosts that are answered besides `advertised`: `shop.example.com`, `*.example.com`, `*`. A server on loopback refuses every other but loopback's own (421); on another address all are answered unless some are named",
          },
        },
        ["addr"],
      ),
      operators: closed({
        token: {
          ...secret,
          description:
            "Of 16 characters or more: who shows it (`Authorization: Bearer`) sees `/metrics` and the details of `/health`, which strangers then do not",
        },
        addr: {
          ...maybeText("host:port"),
          description: "A listener of their own that shows both without a token",
        },
      }),
      grpc: closed(
        {
          addr: { ...listening, description: "Where the gRPC server listens; port 0 takes any free one" },
          timeout: { ...duration, default: "15s", description: "Bound of a whole call; a method may have its own" },
        },
        ["addr"],
      ),
      drain_wait: {
        ...maybeText("duration"),
        description:
          "How long callers get to see that this process goes away: 5s unless told, 200ms under a supervisor (`pnpm dev`)",
      },
    },
    ["http"],
  ),
  consul: closed(
    {
      address: { ...text("URL or host:port"), description: "The local Consul agent" },
      scheme: { enum: ["http", "https"], default: "http", description: "Of an `address` that is `host:port`" },
      token: { ...maybeText("secret"), description: "Sent as `X-Consul-Token`" },
      tls: tls("the agent's", servername),
      service: closed(
        {
          name: { ...text("name"), pattern: "^[a-z][a-z0-9-]{0,62}$", description: "The name that others find it by" },
          version: { ...text("text"), description: "Shown in Consul, `/health`, log lines and `X-Service-Version`" },
          metadata: {
            type: "object",
            additionalProperties: { type: ["string", "number", "boolean"] },
            default: {},
            description:
              "`version`, `layer`, `team`, `environment`, `route` (prefixes for the gateway), `grpc_port`, …",
          },
          tags: { type: "array", items: { type: "string" }, maxItems: 50, default: [], description: "Tags in Consul" },
          health_check: closed({
            http: {
              ...text("path"),
              pattern: "^/",
              default: "/health/ready",
              description: "What Consul asks",
            },
            interval: { ...duration, default: "10s", description: "Between two checks" },
            timeout: { ...duration, default: "3s", description: "Of one check" },
            deregister_critical_service_after: {
              ...duration,
              default: "30s",
              description: "After that long critical the agent forgets it; Consul itself waits a minute at least",
            },
          }),
        },
        ["name", "version"],
      ),
    },
    ["address", "service"],
  ),
  discovery: closed({
    networks: {
      type: ["string", "array", "null"],
      items: text("network"),
      title: "list of networks, or text with commas",
      description:
        "Where instances of services may be: `loopback`, `private`, IP addresses and networks as `10.0.0.0/8`; others are never called. `loopback` where `consul.service.metadata.environment` is `development`, else `loopback,private`, unless told. Link-local addresses, and with them the metadata services of clouds, never are",
    },
  }),
  data: closed({
    database: closed(
      {
        driver: { const: "postgres", description: "The only one there is" },
        source: {
          ...text("URL"),
          description:
            "`postgres://user:password@host:port/name`; `{database}` in it stands for `data.database.name`. Of `sslmode` it takes `verify-full`, with `sslrootcert`, and `disable`",
        },
        name: {
          ...text("name"),
          pattern: "^[a-z_][a-z0-9_]{0,62}$",
          description: "The database; the service's name without `-service`, with `_` for `-`, unless told",
        },
        pool_size: {
          type: "integer",
          minimum: 2,
          maximum: 200,
          default: 5,
          description: "Connections for requests; relay and consumer have their own besides",
        },
        tls: tls("the server's"),
      },
      ["driver", "source"],
    ),
    redis: closed({
      addr: {
        ...maybeText("URL or host:port"),
        description: "`redis://` or, with TLS, `rediss://`. Without it each process counts and caches alone",
      },
      username: { ...maybeText("text"), description: "Of a server with ACLs" },
      password: { ...secret, description: "Of the server or that user; it may stand in the URL too" },
      db: {
        type: ["integer", "null"],
        minimum: 0,
        description: "Number of the database; 0, or the URL's, unless told",
      },
      tls: tls("the server's", servername),
      timeout: { ...duration, default: "20ms", description: "Bound of one command; then the process goes on alone" },
    }),
  }),
  kafka: closed(
    {
      brokers: {
        type: ["string", "array"],
        minLength: 1,
        minItems: 1,
        items: text("host:port"),
        title: "list of host:port, or text with commas",
        description: "The brokers that are asked first",
      },
      client_id: { ...text("name"), description: "What brokers know it by; the service's name unless told" },
      tls: tls("the brokers'", servername),
      sasl: {
        type: ["object", "null"],
        properties: {
          mechanism: {
            enum: ["plain", "scram-sha-256", "scram-sha-512"],
            default: "scram-sha-512",
            description: "How it proves who it is",
          },
          username: { ...maybeText("text"), description: "Empty: no SASL at all" },
          password: { ...secret, description: "Required where there is a `username`" },
        },
        additionalProperties: false,
      },
    },
    ["brokers"],
  ),
  schema_registry: closed(
    {
      url: { ...text("URL"), description: "Confluent's API; a path is kept" },
      username: { ...maybeText("text"), description: "Basic authentication; empty: none" },
      password: { ...secret, description: "Of that user" },
      tls: tls("the registry's", servername),
    },
    ["url"],
  ),
};

/** @param sections what a service adds of its own, by its name at the top of the file */
export function configSchema(sections: Record<string, JsonSchema>): JsonSchema {
  return closed({ ...sectionsOfEveryService, ...sections }, ["server", "consul"]);
}

export type ConnectionSection = "consul" | "discovery" | "kafka" | "schema_registry" | "data";

/** The part of it that a program without a file needs for one connection. */
export const connectionSchema = (section: ConnectionSection): JsonSchema =>
  closed({ [section]: sectionsOfEveryService[section] }, []);
