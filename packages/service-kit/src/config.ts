import { ConfigurationInvalid, compileValidator, loadConfig } from "@weft/core";
import type { JsonSchema } from "@weft/transport";
import { ConfigReader, type HostPort } from "./config-reader.ts";
import { configSchema } from "./config-schema.ts";
import {
  type ConsulConnection,
  consulConnection,
  type DatabaseConnection,
  databaseConnection,
  type KafkaConnectionConfig,
  kafkaConnection,
  networksOf,
  type RedisConnectionConfig,
  redisConnection,
  type SchemaRegistryConnection,
  schemaRegistryConnection,
} from "./connections.ts";
import { environmentName } from "./developer-defaults.ts";

/** `config.yaml` and the environment as options of the packages: units in the names, nothing left to parse. */
export interface ServiceConfig<Own = unknown> {
  /** `consul.service.metadata.environment`, else what WEFT_ENVIRONMENT and NODE_ENV say. */
  environment: string;
  http: HostPort & {
    timeoutMs: number;
    /** Registered in Consul; the address that the server listens on where it is absent. */
    advertised?: HostPort;
    keepAliveMs: number;
    /** With the name that is advertised, if any. */
    allowedHosts: string[];
    /** Absent: everybody inside sees what operators see, and at an edge nobody. */
    operators?: { token?: string; addr?: string };
  };
  grpc?: HostPort & { timeoutMs: number };
  /** How long callers get to see that this process goes away. @defaultValue 200 under a supervisor, 5000 otherwise */
  drainWaitMs: number;
  consul: ConsulConnection & {
    service: {
      name: string;
      version: string;
      metadata: Record<string, string>;
      tags: string[];
      check: { path: string; intervalMs: number; timeoutMs: number; deregisterCriticalAfterMs: number };
    };
  };
  discovery: {
    /** Where instances of services may be, for `consulRegistry`. */
    networks: readonly string[];
  };
  database?: DatabaseConnection;
  redis?: RedisConnectionConfig;
  kafka?: KafkaConnectionConfig;
  schemaRegistry?: SchemaRegistryConnection;
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
 * Reads a service's configuration.
 * @throws ConfigurationInvalid with the path of every wrong field
 */
export function loadServiceConfig<Own = unknown>(options: LoadServiceConfigOptions): ServiceConfig<Own> {
  const { file, sections = {}, environment = process.env, isSupervised = process.send !== undefined } = options;
  const schema = configSchema(sections);
  const named = environmentName(environment);
  const raw = loadConfig<Record<string, unknown>>({ type: "object" }, file, {
    ...environment,
    WEFT_ENVIRONMENT: named,
  });
  const refused = compileValidator(schema)(raw);
  const read = new ConfigReader({ file: raw, schema });
  const name = read.text("consul.service.name") ?? "";

  // Also of a file that the schema refuses: what is wrong with its texts is told with the rest.
  const config: ServiceConfig<Own> = {
    environment: read.text("consul.service.metadata.environment") ?? named,
    http: httpOf(read),
    ...(read.value("server.grpc")
      ? {
          grpc: {
            ...read.hostPort("server.grpc.addr"),
            timeoutMs: read.durationMs("server.grpc.timeout", { from: 1 }),
          },
        }
      : {}),
    drainWaitMs: read.text("server.drain_wait")
      ? read.durationMs("server.drain_wait")
      : isSupervised
        ? drainWaitMs.supervised
        : drainWaitMs.alone,
    consul: consulOf(read, name),
    discovery: { networks: networksOf(read) },
    ...(read.value("data.database") ? { database: databaseConnection(read, name) } : {}),
    ...(read.text("data.redis.addr") ? { redis: redisConnection(read) } : {}),
    ...(read.value("kafka") ? { kafka: kafkaConnection(read, name) } : {}),
    ...(read.value("schema_registry") ? { schemaRegistry: schemaRegistryConnection(read) } : {}),
    own: Object.fromEntries(Object.keys(sections).map((section) => [section, raw[section]])) as Own,
  };
  for (const section of Object.keys(sections)) read.checkDurations(section);
  const fieldErrors = { ...read.problems, ...refused };
  if (Object.keys(fieldErrors).length > 0) throw new ConfigurationInvalid({ path: file, fieldErrors });
  return config;
}

const maxKeepAliveMs = 86_400_000;
const minTokenLength = 16;

function httpOf(read: ConfigReader): ServiceConfig["http"] {
  const advertised = read.text("server.http.advertised") ? read.hostPort("server.http.advertised") : undefined;
  const keepAliveMs = read.durationMs("server.http.keep_alive", { from: 1000 });
  if (keepAliveMs > maxKeepAliveMs) read.wrong("server.http.keep_alive", "must be at most 24h");
  const token = read.secret("server.operators.token");
  if (token !== undefined && token.length < minTokenLength) {
    read.wrong("server.operators.token", `must have at least ${minTokenLength} characters`);
  }
  const addr = read.text("server.operators.addr");
  if (addr !== undefined) read.hostPort("server.operators.addr");
  const operators = { ...(token === undefined ? {} : { token }), ...(addr === undefined ? {} : { addr }) };
  return {
    ...read.hostPort("server.http.addr"),
    timeoutMs: read.durationMs("server.http.timeout", { from: 1 }),
    ...(advertised ? { advertised } : {}),
    keepAliveMs,
    allowedHosts: [...read.list("server.http.allowed_hosts"), ...(advertised ? [advertised.host] : [])],
    ...(Object.keys(operators).length > 0 ? { operators } : {}),
  };
}

function consulOf(read: ConfigReader, name: string): ServiceConfig["consul"] {
  const check = "consul.service.health_check";
  return {
    ...consulConnection(read),
    service: {
      name,
      version: read.text("consul.service.version") ?? "",
      metadata: Object.fromEntries(
        Object.entries(read.value("consul.service.metadata") ?? {}).map(([key, value]) => [key, String(value)]),
      ),
      tags: read.value("consul.service.tags") as string[],
      check: {
        path: read.text(`${check}.http`)!,
        intervalMs: read.durationMs(`${check}.interval`, { from: 1 }),
        timeoutMs: read.durationMs(`${check}.timeout`, { from: 1 }),
        deregisterCriticalAfterMs: read.durationMs(`${check}.deregister_critical_service_after`),
      },
    },
  };
}
