import { ConfigurationInvalid, compileValidator, loadConfig } from "@weft/core";
import type { JsonSchema } from "@weft/transport";
import { ConfigReader, type HostPort } from "./config-reader.ts";
import { configSchema } from "./config-schema.ts";

type SaslMechanism = "plain" | "scram-sha-256" | "scram-sha-512";

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
  database?: { source: string; name: string; poolSize: number };
  redis?: { host: string; port: number; password?: string; db: number };
  kafka?: {
    brokers: string[];
    clientId: string;
    ssl?: true | { ca?: string; cert?: string; key?: string };
    sasl?: { mechanism: SaslMechanism; username: string; password: string };
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

const drainWaitMs = { supervised: 200, alone: 5000 };

/**
 * Reads a service's configuration (surfaces.md, section 4).
 * @throws ConfigurationInvalid with the path of every wrong field
 */
export function loadServiceConfig<Own = unknown>(options: LoadServiceConfigOptions): ServiceConfig<Own> {
  const { file, sections = {}, environment = process.env, isSupervised = process.send !== undefined } = options;
  const schema = configSchema(sections);
  const raw = loadConfig<Record<string, unknown>>({ type: "object" }, file, environment);
  const refused = compileValidator(schema)(raw);
  const read = new ConfigReader({ file: raw, schema });
  const name = read.text("consul.service.name") ?? "";

  // Also of a file that the schema refuses: what is wrong with its texts is told with the rest.
  const config: ServiceConfig<Own> = {
    http: {
      ...read.hostPort("server.http.addr"),
      timeoutMs: read.durationMs("server.http.timeout"),
      ...(read.text("server.http.advertised") ? { advertised: read.hostPort("server.http.advertised") } : {}),
    },
    ...(read.value("server.grpc")
      ? { grpc: { ...read.hostPort("server.grpc.addr"), timeoutMs: read.durationMs("server.grpc.timeout") } }
      : {}),
    drainWaitMs: read.text("server.drain_wait")
      ? read.durationMs("server.drain_wait")
      : isSupervised
        ? drainWaitMs.supervised
        : drainWaitMs.alone,
    consul: consulOf(read, name),
    ...(read.value("data.database") ? { database: databaseOf(read, name) } : {}),
    ...(read.text("data.redis.addr") ? { redis: redisOf(read) } : {}),
    ...(read.value("kafka") ? { kafka: kafkaOf(read, name) } : {}),
    ...(read.value("schema_registry") ? { schemaRegistry: schemaRegistryOf(read) } : {}),
    own: Object.fromEntries(Object.keys(sections).map((section) => [section, raw[section]])) as Own,
  };
  const fieldErrors = { ...read.problems, ...refused };
  if (Object.keys(fieldErrors).length > 0) throw new ConfigurationInvalid({ path: file, fieldErrors });
  return config;
}

function consulOf(read: ConfigReader, name: string): ServiceConfig["consul"] {
  // WEFT_CONSUL_URL is a whole URL, older files have host:port and a scheme: both are read.
  const address = read.text("consul.address");
  const url = address === undefined || address.includes("://") ? address : `${read.text("consul.scheme")}://${address}`;
  const token = read.text("consul.token");
  const check = "consul.service.health_check";
  return {
    url: read.url("consul.address", ["http", "https"], url),
    ...(token === undefined ? {} : { token }),
    service: {
      name,
      version: read.text("consul.service.version") ?? "",
      metadata: Object.fromEntries(
        Object.entries(read.value("consul.service.metadata") ?? {}).map(([key, value]) => [key, String(value)]),
      ),
      tags: read.value("consul.service.tags") as string[],
      check: {
        path: read.text(`${check}.http`)!,
        intervalMs: read.durationMs(`${check}.interval`),
        timeoutMs: read.durationMs(`${check}.timeout`),
        deregisterCriticalAfterMs: read.durationMs(`${check}.deregister_critical_service_after`),
      },
    },
  };
}

/** `{database}` in the address stands for the database's name, so that one WEFT_POSTGRES_URL serves every service. */
function databaseOf(read: ConfigReader, service: string): NonNullable<ServiceConfig["database"]> {
  const name = read.text("data.database.name") ?? service.replace(/-service$/, "").replaceAll("-", "_");
  const source = read.text("data.database.source")?.replaceAll("{database}", name);
  return {
    source: read.url("data.database.source", ["postgres", "postgresql"], source),
    name,
    poolSize: read.number("data.database.pool_size")!,
  };
}

function redisOf(read: ConfigReader): NonNullable<ServiceConfig["redis"]> {
  const addr = read.text("data.redis.addr")!;
  const isUrl = addr.includes("://");
  if (isUrl) read.url("data.redis.addr", ["redis", "rediss"]);
  const address = read.hostPort("data.redis.addr", isUrl && URL.canParse(addr) ? new URL(addr).host : addr);
  const password = read.secret("data.redis.password");
  return { ...address, db: read.number("data.redis.db")!, ...(password === undefined ? {} : { password }) };
}

function kafkaOf(read: ConfigReader, service: string): NonNullable<ServiceConfig["kafka"]> {
  const stated = read.value("kafka.brokers");
  const parts: unknown[] = Array.isArray(stated) ? stated : String(stated ?? "").split(",");
  const brokers = parts.map((broker) => String(broker).trim()).filter(Boolean);
  for (const [index, broker] of brokers.entries()) read.hostPort(`kafka.brokers.${index}`, broker);
  if (brokers.length === 0) read.wrong("kafka.brokers", "must name at least one broker");
  const mechanism = read.text("kafka.sasl.mechanism") as SaslMechanism;
  const username = read.text("kafka.sasl.username");
  const password = read.secret("kafka.sasl.password");
  if (username !== undefined && password === undefined) read.wrong("kafka.sasl.password", "is required");
  const ssl = sslOf(read);
  return {
    brokers,
    clientId: read.text("kafka.client_id") ?? service,
    ...(ssl === undefined ? {} : { ssl }),
    ...(username === undefined ? {} : { sasl: { mechanism, username, password: password ?? "" } }),
  };
}

function sslOf(read: ConfigReader): NonNullable<ServiceConfig["kafka"]>["ssl"] {
  const stated = read.value("kafka.ssl");
  if (typeof stated !== "object") return stated === true ? true : undefined;
  const part = (field: string) => {
    const text = read.contentsOf(`kafka.ssl.${field}_file`);
    return text === undefined ? {} : { [field]: text };
  };
  return { ...part("ca"), ...part("cert"), ...part("key") };
}

function schemaRegistryOf(read: ConfigReader): NonNullable<ServiceConfig["schemaRegistry"]> {
  const username = read.text("schema_registry.username");
  const password = read.secret("schema_registry.password") ?? "";
  return {
    url: read.url("schema_registry.url", ["http", "https"]),
    ...(username === undefined ? {} : { auth: { username, password } }),
  };
}
