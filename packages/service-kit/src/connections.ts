import type { TlsOptions } from "@weft/core";
import { defaultNetworks, networkProblem } from "@weft/discovery/networks";
import type { ConfigReader, HostPort } from "./config-reader.ts";

type SaslMechanism = "plain" | "scram-sha-256" | "scram-sha-512";

/** Where the servers are and how they are spoken to, as options of the packages. Certificates are read, not named. */
export interface ConsulConnection {
  url: string;
  token?: string;
  tls?: TlsOptions;
}

export interface DatabaseConnection {
  source: string;
  name: string;
  poolSize: number;
  tls?: Omit<TlsOptions, "servername">;
}

export interface RedisConnectionConfig extends HostPort {
  username?: string;
  password?: string;
  db: number;
  tls?: TlsOptions;
  timeoutMs: number;
}

export interface KafkaConnectionConfig {
  brokers: string[];
  clientId: string;
  tls?: TlsOptions;
  sasl?: { mechanism: SaslMechanism; username: string; password: string };
}

export interface SchemaRegistryConnection {
  url: string;
  auth?: { username: string; password: string };
  tls?: TlsOptions;
}

export function consulConnection(read: ConfigReader): ConsulConnection {
  // WEFT_CONSUL_URL is a whole URL, older files have host:port and a scheme: both are read.
  const address = read.text("consul.address");
  const url = address === undefined || address.includes("://") ? address : `${read.text("consul.scheme")}://${address}`;
  const token = read.text("consul.token");
  const tls = tlsOf(read, "consul.tls");
  if (tls && isPlainHttp(url)) read.wrong("consul.tls", "is for https, and consul.address is http");
  return {
    url: read.url("consul.address", ["http", "https"], url),
    ...(token === undefined ? {} : { token }),
    ...(tls === undefined ? {} : { tls }),
  };
}

/** `HTTP://` is too. */
const isPlainHttp = (url: string | undefined) => url !== undefined && URL.parse(url)?.protocol === "http:";

/**
 * Where instances may be. A process that says it is one of a development environment calls nobody but this machine, unless it
 * is told otherwise.
 */
export function networksOf(read: ConfigReader): readonly string[] {
  const path = "discovery.networks";
  const stated = read.value(path);
  const parts: unknown[] = Array.isArray(stated) ? stated : String(stated ?? "").split(",");
  const networks = parts.map((network) => String(network).trim()).filter(Boolean);
  for (const [index, network] of networks.entries()) {
    const problem = networkProblem(network);
    if (problem) read.wrong(`${path}.${index}`, problem);
  }
  if (networks.length > 0) return networks;
  return read.text("consul.service.metadata.environment") === "development" ? ["loopback"] : defaultNetworks;
}

/** `{database}` in the address stands for the database's name, so that one WEFT_POSTGRES_URL serves every service. */
export function databaseConnection(read: ConfigReader, service: string): DatabaseConnection {
  const path = "data.database.source";
  const name = read.text("data.database.name") ?? service.replace(/-service$/, "").replaceAll("-", "_");
  const stated = read.url(path, ["postgres", "postgresql"], read.text(path)?.replaceAll("{database}", name));
  const tls = tlsOf(read, "data.database.tls");
  const url = URL.parse(stated);
  const parameters = url?.searchParams ?? new URLSearchParams();
  const mode = parameters.get("sslmode") ?? undefined;
  if (mode !== undefined && mode !== "disable" && mode !== "verify-full") {
    // What libpq calls require or prefer looks at no certificate: whoever answers gets the password.
    read.wrong(path, "must have sslmode=verify-full (with sslrootcert=FILE) or disable, nothing in between");
  }
  const files = {
    ...pemOf(read, path, "ca", parameters.get("sslrootcert")),
    ...pemOf(read, path, "cert", parameters.get("sslcert")),
    ...pemOf(read, path, "key", parameters.get("sslkey")),
  };
  const inUrl = mode === "verify-full" || (mode === undefined && Object.keys(files).length > 0) ? files : undefined;
  if (mode === "disable" && tls) read.wrong(path, "has sslmode=disable, and data.database.tls asks for TLS");
  const both = (tls ?? inUrl) ? { ...inUrl, ...tls } : undefined;
  return {
    source: url && hasTlsParameters(parameters) ? withoutTlsParameters(stated) : stated,
    name,
    poolSize: read.number("data.database.pool_size")!,
    ...(both === undefined ? {} : { tls: both }),
  };
}

const tlsParameters = ["sslmode", "sslrootcert", "sslcert", "sslkey"];
const hasTlsParameters = (parameters: URLSearchParams) => tlsParameters.some((name) => parameters.has(name));

function withoutTlsParameters(source: string): string {
  const url = new URL(source);
  for (const name of tlsParameters) url.searchParams.delete(name);
  return url.href;
}

function pemOf(read: ConfigReader, path: string, field: keyof TlsOptions, file: string | null): TlsOptions {
  const text = file ? read.contentsOf(path, file) : undefined;
  return text === undefined ? {} : { [field]: text };
}

/** A URL brings its own user, password and number of the database; what the fields say comes before it. */
export function redisConnection(read: ConfigReader): RedisConnectionConfig {
  const addr = read.text("data.redis.addr")!;
  const isUrl = addr.includes("://");
  if (isUrl) read.url("data.redis.addr", ["redis", "rediss"]);
  const url = isUrl ? URL.parse(addr) : undefined;
  const host = url ? (url.port === "" ? `${url.host}:6379` : url.host) : addr;
  const username = read.text("data.redis.username") ?? decoded(read, url?.username);
  const password = read.secret("data.redis.password") ?? decoded(read, url?.password);
  const inPath = /^\/(\d{1,4})$/.exec(url?.pathname ?? "")?.[1];
  const tls = tlsOf(read, "data.redis.tls") ?? (url?.protocol === "rediss:" ? {} : undefined);
  return {
    ...read.hostPort("data.redis.addr", host),
    db: read.number("data.redis.db") ?? Number(inPath ?? 0),
    timeoutMs: read.durationMs("data.redis.timeout", { from: 1 }),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls === undefined ? {} : { tls }),
  };
}

function decoded(read: ConfigReader, part: string | undefined): string | undefined {
  if (!part) return undefined;
  try {
    return decodeURIComponent(part);
  } catch {
    read.wrong("data.redis.addr", "has a % in its user or password that is not written %25");
    return undefined;
  }
}

export function kafkaConnection(read: ConfigReader, service: string): KafkaConnectionConfig {
  const stated = read.value("kafka.brokers");
  const parts: unknown[] = Array.isArray(stated) ? stated : String(stated ?? "").split(",");
  const brokers = parts.map((broker) => String(broker).trim()).filter(Boolean);
  for (const [index, broker] of brokers.entries()) read.hostPort(`kafka.brokers.${index}`, broker);
  if (brokers.length === 0) read.wrong("kafka.brokers", "must name at least one broker");
  const mechanism = read.text("kafka.sasl.mechanism") as SaslMechanism;
  const username = read.text("kafka.sasl.username");
  const password = read.secret("kafka.sasl.password");
  if (username !== undefined && password === undefined) read.wrong("kafka.sasl.password", "is required");
  const tls = tlsOf(read, "kafka.tls");
  return {
    brokers,
    clientId: read.text("kafka.client_id") ?? service,
    ...(tls === undefined ? {} : { tls }),
    ...(username === undefined ? {} : { sasl: { mechanism, username, password: password ?? "" } }),
  };
}

export function schemaRegistryConnection(read: ConfigReader): SchemaRegistryConnection {
  const url = read.url("schema_registry.url", ["http", "https"]);
  const username = read.text("schema_registry.username");
  const password = read.secret("schema_registry.password");
  if (username !== undefined && password === undefined) read.wrong("schema_registry.password", "is required");
  const tls = tlsOf(read, "schema_registry.tls");
  if (tls && isPlainHttp(url)) read.wrong("schema_registry.tls", "is for https, and schema_registry.url is http");
  return {
    url,
    ...(username === undefined ? {} : { auth: { username, password: password ?? "" } }),
    ...(tls === undefined ? {} : { tls }),
  };
}

/** On where `enabled` says so, or says nothing and a file or a name is given. Files are read now, so that a wrong one shows now. */
function tlsOf(read: ConfigReader, path: string): TlsOptions | undefined {
  const enabled = read.value(`${path}.enabled`);
  if (enabled === false) return undefined;
  const pem = (field: "ca" | "cert" | "key") => {
    const text = read.contentsOf(`${path}.${field}_file`);
    return text === undefined ? {} : { [field]: text };
  };
  const isNamed = (field: string) => read.text(`${path}.${field}`) !== undefined;
  if (isNamed("cert_file") !== isNamed("key_file")) {
    read.wrong(`${path}.${isNamed("cert_file") ? "key_file" : "cert_file"}`, "is required: the two go together");
  }
  const servername = read.text(`${path}.servername`);
  const tls = { ...pem("ca"), ...pem("cert"), ...pem("key"), ...(servername === undefined ? {} : { servername }) };
  const isAsked = enabled === true || ["ca_file", "cert_file", "key_file", "servername"].some(isNamed);
  return isAsked ? tls : undefined;
}
