import { ConfigurationInvalid, loadConfig } from "@weft/core";
import type { JsonSchema } from "@weft/transport";
import { ConfigReader, type HostPort } from "./config-reader.ts";
import { type ConfigFile, configSchema } from "./config-schema.ts";

/** `config.yaml` and the environment as options of the packages: units in the names, nothing left to parse. */
export interface ServiceConfig<Own = unknown> {
  http: HostPort & {
    timeoutMs: number;
    /** Registered in Consul; the address that the server listens on where it is absent. */
    advertised?: HostPort;
  };
  grpc?: HostPort & { timeoutMs: number };
  /** How long callers get to see that this process goes away. @defaultValue 200 under a supervisor, 5000 otherwise */
  drainWaitMs: number;
  consul: {
    url: string;
    token?: string;
    service: {
      name: string;
      version: string;
      metadata: Record<string, string>;
      tags: string[];
      check: { path: string; intervalMs: number; timeoutMs: number; deregisterCriticalAfterMs: number };
    };
  };
  database?: { source: string; name: string; poolSize?: number };
  redis?: { host: string; port: number; password?: string; db: number };
  kafka?: {
    brokers: string[];
    clientId: string;
    ssl?: true | { ca?: string; cert?: string; key?: string };
    sasl?: { mechanism: "plain" | "scram-sha-256" | "scram-sha-512"; username: string; password: string };
  };
  schemaRegistry?: { url: string; auth?: { username: string; password: string } };
  /** The sections that the service declared for itself, as they stand in the file. */
  own: Own;
}

export interface LoadServiceConfigOptions {
  file: string;
  /** The service's own sections, by name. @defaultValue none */
  sections?: Record<string, JsonSchema>;
  /** @defaultValue process.env */
  environment?: NodeJS.ProcessEnv;
  /** Whether a supervisor started this process, which makes the drain short. @defaultValue whether there is an IPC channel */
  isSupervised?: boolean;
}

const defaults = {
  httpTimeout: "15s",
  check: { http: "/health/ready", interval: "10s", timeout: "3s", deregister_critical_service_after: "30s" },
  supervisedDrainWaitMs: 200,
  drainWaitMs: 5000,
};

/**
 * Reads a service's configuration (surfaces.md, section 4).
 * @throws ConfigurationInvalid with the path of every wrong field
 */
export function loadServiceConfig<Own = unknown>(options: LoadServiceConfigOptions): ServiceConfig<Own> {
  const { file, sections = {}, environment = process.env, isSupervised = process.send !== undefined } = options;
  const raw = loadConfig<ConfigFile & Record<string, unknown>>(configSchema(sections), file, environment);
  const read = new ConfigReader();
  const { server, consul, data } = raw;
  const { name } = consul.service;
  const check = { ...defaults.check, ...consul.service.health_check };
  const duration = (path: string, text: string) => read.durationMs(path, text);
  const checkPath = "consul.service.health_check";

  const config: ServiceConfig<Own> = {
    http: {
      ...read.hostPort("server.http.addr", server.http.addr),
      timeoutMs: duration("server.http.timeout", server.http.timeout ?? defaults.httpTimeout),
      ...(server.http.advertised
        ? { advertised: read.hostPort("server.http.advertised", server.http.advertised) }
        : {}),
    },
    ...(server.grpc
      ? {
          grpc: {
            ...read.hostPort("server.grpc.addr", server.grpc.addr),
            timeoutMs: duration("server.grpc.timeout", server.grpc.timeout ?? defaults.httpTimeout),
          },
        }
      : {}),
    drainWaitMs: server.drain_wait
      ? duration("server.drain_wait", server.drain_wait)
      : isSupervised
        ? defaults.supervisedDrainWaitMs
        : defaults.drainWaitMs,
    consul: {
      // WEFT_CONSUL_URL is a whole URL, older files have host:port and a scheme: both are read.
      url: read.url(
        "consul.address",
        consul.address.includes("://") ? consul.address : `${consul.scheme ?? "http"}://${consul.address}`,
        ["http", "https"],
      ),
      ...(consul.token ? { token: consul.token } : {}),
      service: {
        name,
        version: consul.service.version,
        metadata: Object.fromEntries(
          Object.entries(consul.service.metadata ?? {}).map(([key, value]) => [key, String(value)]),
        ),
        tags: consul.service.tags ?? [],
        check: {
          path: check.http,
          intervalMs: duration(`${checkPath}.interval`, check.interval),
          timeoutMs: duration(`${checkPath}.timeout`, check.timeout),
          deregisterCriticalAfterMs: duration(
            `${checkPath}.deregister_critical_service_after`,
            check.deregister_critical_service_after,
          ),
        },
      },
    },
    ...(data?.database ? { database: databaseOf(data.database, name, read) } : {}),
    ...(data?.redis?.addr ? { redis: redisOf({ ...data.redis, addr: data.redis.addr }, read) } : {}),
    ...(raw.kafka ? { kafka: kafkaOf(raw.kafka, name, read) } : {}),
    ...(raw.schema_registry ? { schemaRegistry: schemaRegistryOf(raw.schema_registry, read) } : {}),
    own: Object.fromEntries(Object.keys(sections).map((section) => [section, raw[section]])) as Own,
  };
  if (Object.keys(read.problems).length > 0) {
    throw new ConfigurationInvalid({ path: file, fieldErrors: read.problems });
  }
  return config;
}

/** `{database}` in the address stands for the database's name, so that one WEFT_POSTGRES_URL serves every service. */
function databaseOf(
  { source, name, pool_size }: NonNullable<NonNullable<ConfigFile["data"]>["database"]>,
  service: string,
  read: ConfigReader,
): NonNullable<ServiceConfig["database"]> {
  const database = name ?? service.replace(/-service$/, "").replaceAll("-", "_");
  return {
    source: read.url("data.database.source", source.replaceAll("{database}", database), ["postgres", "postgresql"]),
    name: database,
    ...(pool_size === undefined ? {} : { poolSize: pool_size }),
  };
}

function redisOf(
  { addr, password, db = 0 }: { addr: string; password?: string | number | null; db?: number },
  read: ConfigReader,
): NonNullable<ServiceConfig["redis"]> {
  const isUrl = addr.includes("://");
  if (isUrl) read.url("data.redis.addr", addr, ["redis", "rediss"]);
  const address = read.hostPort("data.redis.addr", isUrl && URL.canParse(addr) ? new URL(addr).host : addr);
  return { ...address, db, ...(password == null || password === "" ? {} : { password: String(password) }) };
}

function kafkaOf(
  { brokers, client_id, ssl, sasl }: NonNullable<ConfigFile["kafka"]>,
  service: string,
  read: ConfigReader,
): NonNullable<ServiceConfig["kafka"]> {
  const list = (Array.isArray(brokers) ? brokers : brokers.split(",")).map((broker) => broker.trim()).filter(Boolean);
  for (const [index, broker] of list.entries()) read.hostPort(`kafka.brokers.${index}`, broker);
  if (list.length === 0) read.wrong("kafka.brokers", "must name at least one broker");
  const file = (field: string, name?: string | null) =>
    name ? { [field]: read.file(`kafka.ssl.${field}_file`, name) } : {};
  if (sasl?.username && sasl.password == null) read.wrong("kafka.sasl.password", "is required");
  return {
    brokers: list,
    clientId: client_id ?? service,
    ...(ssl === true ? { ssl: true as const } : {}),
    ...(ssl && ssl !== true
      ? {
          ssl: {
            ...file("ca", ssl.ca_file),
            ...file("cert", ssl.cert_file),
            ...file("key", ssl.key_file),
          },
        }
      : {}),
    ...(sasl?.username
      ? { sasl: { mechanism: sasl.mechanism, username: sasl.username, password: String(sasl.password) } }
      : {}),
  };
}

function schemaRegistryOf(
  { url, username, password }: NonNullable<ConfigFile["schema_registry"]>,
  read: ConfigReader,
): NonNullable<ServiceConfig["schemaRegistry"]> {
  return {
    url: read.url("schema_registry.url", url, ["http", "https"]),
    ...(username ? { auth: { username, password: String(password ?? "") } } : {}),
  };
}
