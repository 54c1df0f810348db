import { formatDuration, parseDurationMs } from "./duration.ts";
import { badRequest } from "./refusal.ts";

/** What a registration says, read from Consul's JSON, which may be written `DeregisterCriticalServiceAfter` or `deregister_critical_service_after`. */

export type CheckStatus = "passing" | "warning" | "critical";

export type CheckKind =
  | {
      type: "http";
      url: string;
      method: string;
      headers: Record<string, string[]>;
      body: string;
      followRedirects: boolean;
      tlsSkipVerify: boolean;
    }
  | { type: "tcp"; host: string; port: number; useTls: boolean; tlsSkipVerify: boolean }
  | { type: "grpc"; host: string; port: number; service: string; useTls: boolean }
  | { type: "ttl"; ttlMs: number }
  | { type: "maintenance" };

export interface CheckDefinition {
  id: string;
  name: string;
  notes: string;
  kind: CheckKind;
  intervalMs: number;
  timeoutMs: number;
  /** Absent: critical until the first result. */
  initialStatus?: CheckStatus;
  /** Of a check that stays critical so long, its service is removed. 0: never. */
  deregisterAfterMs: number;
  successBeforePassing: number;
  failuresBeforeWarning: number;
  failuresBeforeCritical: number;
  outputMaxBytes: number;
}

export interface ServiceDefinition {
  id: string;
  name: string;
  tags: string[];
  meta: Record<string, string>;
  address: string;
  port: number;
  weights: { Passing: number; Warning: number };
  taggedAddresses: Record<string, { Address: string; Port: number }>;
  enableTagOverride: boolean;
}

type Fields = Record<string, unknown>;

const limits = {
  minIntervalMs: 1000,
  defaultTimeoutMs: 10_000,
  outputMaxBytes: 4096,
  metaPairs: 64,
  metaKey: 128,
  metaValue: 512,
  tags: 256,
  text: 1024,
  checks: 64,
};
const unsupportedChecks = ["udp", "h2ping", "aliasservice", "aliasnode", "dockercontainerid", "osservice"];

/** @throws Refusal as Consul refuses a body that is no JSON object */
export function readObject(body: Buffer): Fields {
  if (body.length === 0) throw badRequest("Request decode failed: EOF");
  let value: unknown;
  try {
    value = JSON.parse(body.toString("utf8"));
  } catch (error) {
    throw badRequest(`Request decode failed: ${(error as Error).message}`);
  }
  if (value === null || typeof value !== "object" || Array.isArray(value))
    throw badRequest("Request decode failed: json: cannot unmarshal the body into an object");
  return normalized(value as Fields);
}

/** Names without their case and underscores. */
export const normalized = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name.replaceAll("_", "").toLowerCase(), value]));

export function readService(fields: Fields): { service: ServiceDefinition; checks: CheckDefinition[] } {
  const name = text(fields, "name");
  if (name === "") throw badRequest("Missing service name");
  const id = text(fields, "id") || name;
  if (fields.kind !== undefined && fields.kind !== "")
    throw badRequest("Only typical services are supported by this embedded server");
  const port = whole(fields, "port", 0);
  if (port > 65_535) throw badRequest(`Invalid port ${port}`);
  const service: ServiceDefinition = {
    id,
    name,
    tags: textList(fields, "tags", limits.tags),
    meta: readMeta(fields.meta),
    address: text(fields, "address"),
    port,
    weights: readWeights(fields.weights),
    taggedAddresses: readTaggedAddresses(fields.taggedaddresses),
    enableTagOverride: fields.enabletagoverride === true,
  };
  const raw = [...(fields.check ? [fields.check] : []), ...list(fields, "checks", limits.checks)].filter(Boolean);
  const checks = raw.map((one, index) => {
    const check = normalized(one as Fields);
    return readCheck(check, {
      id: text(check, "checkid") || (raw.length === 1 ? `service:${id}` : `service:${id}:${index + 1}`),
      name: text(check, "name") || `Service '${name}' check`,
    });
  });
  return { service, checks };
}

export function readCheck(fields: Fields, identity: { id: string; name: string }): CheckDefinition {
  const kind = readKind(fields);
  const intervalMs = duration(fields, "interval");
  if (kind.type !== "ttl" && intervalMs <= 0)
    throw badRequest("Invalid check: Interval must be > 0 for Script, HTTP, H2PING, TCP, UDP or OSService checks");
  const failuresBeforeCritical = whole(fields, "failuresbeforecritical", 0);
  const failuresBeforeWarning =
    fields.failuresbeforewarning === undefined ? failuresBeforeCritical : whole(fields, "failuresbeforewarning", 0);
  if (failuresBeforeWarning > failuresBeforeCritical)
    throw badRequest("Invalid check: FailuresBeforeWarning can't be higher than FailuresBeforeCritical");
  const outputMaxBytes = whole(fields, "outputmaxsize", limits.outputMaxBytes) || limits.outputMaxBytes;
  return {
    ...identity,
    notes: text(fields, "notes"),
    kind,
    intervalMs: Math.max(intervalMs, kind.type === "ttl" ? 0 : limits.minIntervalMs),
    timeoutMs: duration(fields, "timeout") || limits.defaultTimeoutMs,
    initialStatus: readStatus(fields.status),
    deregisterAfterMs: duration(fields, "deregistercriticalserviceafter"),
    successBeforePassing: whole(fields, "successbeforepassing", 0),
    failuresBeforeWarning,
    failuresBeforeCritical,
    outputMaxBytes: Math.min(outputMaxBytes, limits.outputMaxBytes),
  };
}

function readKind(fields: Fields): CheckKind {
  if (fields.args !== undefined || fields.script !== undefined)
    throw badRequest(
      "Invalid check: Scripts are disabled on this agent; to enable, configure 'enable_script_checks' or 'enable_local_script_checks' to true",
    );
  for (const name of unsupportedChecks)
    if (fields[name]) throw badRequest(`Invalid check: ${name} checks are not supported by this embedded server`);
  if (fields.http) {
    const url = text(fields, "http");
    if (!/^https?:\/\//.test(url) || !URL.canParse(url)) throw badRequest(`Invalid check: invalid HTTP address ${url}`);
    return {
      type: "http",
      url,
      method: (text(fields, "method") || "GET").toUpperCase(),
      headers: readHeaders(fields.header),
      body: text(fields, "body"),
      followRedirects: fields.disableredirects !== true,
      tlsSkipVerify: fields.tlsskipverify === true,
    };
  }
  if (fields.tcp) {
    const [useTls, tlsSkipVerify] = [fields.tcpusetls === true, fields.tlsskipverify === true];
    return { type: "tcp", ...readAddress(text(fields, "tcp")), useTls, tlsSkipVerify };
  }
  if (fields.grpc) {
    const [target = "", ...service] = text(fields, "grpc").split("/");
    return { type: "grpc", ...readAddress(target), service: service.join("/"), useTls: fields.grpcusetls === true };
  }
  const ttlMs = duration(fields, "ttl");
  if (fields.ttl !== undefined && ttlMs <= 0) throw badRequest("Invalid check: TTL must be > 0 for TTL checks");
  if (ttlMs > 0) return { type: "ttl", ttlMs };
  throw badRequest("Invalid check: check must be one of script, docker, HTTP, TCP, UDP, gRPC, TTL, alias");
}

function readStatus(value: unknown): CheckStatus | undefined {
  if (value === undefined || value === "") return undefined;
  if (value === "passing" || value === "warning" || value === "critical") return value;
  throw badRequest("Status for checks must 'passing', 'warning', 'critical'");
}

function readAddress(address: string): { host: string; port: number } {
  const match = address.match(/^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/);
  if (!match || Number(match[3]) > 65_535)
    throw badRequest(`Invalid check: address ${address}: missing port in address`);
  return { host: match[1] ?? match[2] ?? "", port: Number(match[3]) };
}

function readMeta(value: unknown): Record<string, string> {
  const pairs = Object.entries(object(value, "Meta"));
  if (pairs.length > limits.metaPairs)
    throw badRequest(
      `Invalid Service Meta: Node metadata cannot contain more than ${limits.metaPairs} key/value pairs`,
    );
  for (const [key, entry] of pairs) {
    if (typeof entry !== "string") throw badRequest(`Request decode failed: Meta.${key} must be a string`);
    if (!/^[a-zA-Z0-9_-]+$/.test(key) || key.length > limits.metaKey || entry.length > limits.metaValue)
      throw badRequest(
        `Invalid Service Meta: Couldn't load metadata pair ('${key}', '${entry.slice(0, 40)}'): the key or the value is not allowed`,
      );
  }
  return Object.fromEntries(pairs) as Record<string, string>;
}

function readWeights(value: unknown): ServiceDefinition["weights"] {
  const fields = normalized(object(value, "Weights"));
  return { Passing: whole(fields, "passing", 1), Warning: whole(fields, "warning", 1) };
}

function readTaggedAddresses(value: unknown): ServiceDefinition["taggedAddresses"] {
  const entries = Object.entries(object(value, "TaggedAddresses")).slice(0, 16);
  return Object.fromEntries(
    entries.map(([name, one]) => {
      const fields = normalized(object(one, `TaggedAddresses.${name}`));
      return [name, { Address: text(fields, "address"), Port: whole(fields, "port", 0) }];
    }),
  );
}

function readHeaders(value: unknown): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(object(value, "Header")).map(([name, values]) => {
      if (
        !Array.isArray(values) ||
        !values.every((one) => typeof one === "string" && !/[\r\n]/.test(one)) ||
        !/^[\w!#$%&'*+.^`|~-]+$/.test(name)
      )
        throw badRequest(`Request decode failed: Header.${name} must be a list of strings`);
      return [name, values as string[]];
    }),
  );
}

function text(fields: Fields, name: string): string {
  const value = fields[name] ?? "";
  if (typeof value !== "string") throw badRequest(`Request decode failed: ${name} must be a string`);
  if (value.length > limits.text)
    throw badRequest(`Request decode failed: ${name} is longer than ${limits.text} characters`);
  return value;
}

function whole(fields: Fields, name: string, otherwise: number): number {
  const value = fields[name] ?? otherwise;
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0)
    throw badRequest(`Request decode failed: ${name} must be a whole number`);
  return value;
}

function duration(fields: Fields, name: string): number {
  const value = fields[name];
  if (value === undefined || value === "") return 0;
  const ms = parseDurationMs(value);
  if (ms === undefined || ms < 0)
    throw badRequest(`Request decode failed: time: invalid duration "${String(value).slice(0, 40)}"`);
  // Go counts whole nanoseconds, and 1.001 s are 1000.9999999999999 ms here.
  return Math.ceil(Number(ms.toFixed(6)));
}

function list(fields: Fields, name: string, most: number): unknown[] {
  const value = fields[name] ?? [];
  if (!Array.isArray(value) || value.length > most)
    throw badRequest(`Request decode failed: ${name} must be a list of at most ${most}`);
  return value;
}

function textList(fields: Fields, name: string, most: number): string[] {
  const values = list(fields, name, most);
  if (!values.every((value) => typeof value === "string"))
    throw badRequest(`Request decode failed: ${name} must be a list of strings`);
  return values as string[];
}

function object(value: unknown, name: string): Fields {
  if (value === undefined || value === null) return {};
  if (typeof value !== "object" || Array.isArray(value))
    throw badRequest(`Request decode failed: ${name} must be an object`);
  return value as Fields;
}

/** A check's definition as answers show it. */
export function definitionForAnswer({ kind, intervalMs, timeoutMs, deregisterAfterMs }: CheckDefinition): Fields {
  const times = {
    Interval: formatDuration(intervalMs),
    Timeout: formatDuration(timeoutMs),
    DeregisterCriticalServiceAfter: formatDuration(deregisterAfterMs),
  };
  switch (kind.type) {
    case "http":
      return {
        ...times,
        HTTP: kind.url,
        Method: kind.method,
        Header: kind.headers,
        Body: kind.body,
        TLSSkipVerify: kind.tlsSkipVerify,
      };
    case "tcp":
      return { ...times, TCP: `${kind.host}:${kind.port}`, TCPUseTLS: kind.useTls, TLSSkipVerify: kind.tlsSkipVerify };
    case "grpc":
      return {
        ...times,
        GRPC: `${kind.host}:${kind.port}${kind.service ? `/${kind.service}` : ""}`,
        GRPCUseTLS: kind.useTls,
      };
    case "ttl":
      return { TTL: formatDuration(kind.ttlMs), DeregisterCriticalServiceAfter: times.DeregisterCriticalServiceAfter };
    case "maintenance":
      return {};
  }
}
