import { Agent, type AgentOptions } from "node:https";
import { createRequire } from "node:module";
import { type TlsOptions, tlsFailureOf, within } from "@weft/core";

/** What came instead of success. `status` is that of a refusal (4xx); absent: the registry is away or broken. */
export interface RegistryFailure {
  status: number | undefined;
  message: string;
}

export interface RegistryClient {
  /** The schema text of an id. */
  schemaOf(id: number): Promise<{ schema: string }>;
  /** The id of exactly this schema under a subject. */
  lookUp(subject: string, schema: string): Promise<{ id: number }>;
  register(subject: string, schema: string): Promise<{ id: number }>;
  setCompatibility(subject: string, level: string): Promise<void>;
}

interface Response {
  data(): unknown;
}
type Call = (params: Record<string, unknown>) => Promise<Response>;
interface Api {
  Schema: { find: Call };
  Subject: { registered: Call; register: Call; updateConfig: Call };
}
interface Request {
  enhance(extras: { timeout: number }): Request;
}
type CreateApi = (options: {
  host: string;
  clientId: string;
  agent?: Agent;
  auth?: { username: string; password: string };
  retry: { retries: number };
  middlewares: (() => { request(request: Request): Request })[];
}) => Api;

const agentOptions: AgentOptions = { keepAlive: true, maxSockets: 8 };

/**
 * The HTTP part of `@kafkajs/confluent-schema-registry` alone. The rest of that package loads Avro, Protocol Buffers and an
 * Ajv without formats, which refuses every schema that uses `format`; validation here is that of `contracts`.
 * @see https://docs.confluent.io/platform/current/schema-registry/develop/api.html
 */
export function registryClient(options: {
  url: string;
  auth?: { username: string; password: string };
  tls?: TlsOptions;
  timeoutMs: number;
}): RegistryClient {
  const require = createRequire(import.meta.url);
  const { default: createApi } = require("@kafkajs/confluent-schema-registry/dist/api") as { default: CreateApi };
  const api = createApi({
    host: options.url.replace(/\/+$/, ""),
    clientId: "weft",
    ...(options.auth ? { auth: options.auth } : {}),
    ...(options.tls ? { agent: new Agent({ ...agentOptions, ...options.tls }) } : {}),
    // Repeated by whoever waits for the answer, with one policy for all.
    retry: { retries: 0 },
    middlewares: [() => ({ request: (request) => request.enhance({ timeout: options.timeoutMs }) })],
  });
  const body = (schema: string) => ({ schemaType: "JSON", schema });
  // A redirection is not followed (mappersmith takes it for success), and neither is anything that is not the API's answer.
  const answerTo = async <T extends object>(call: Call, params: Record<string, unknown>) =>
    (await bounded(call(params), options.timeoutMs)).data() as T | undefined;
  const ask = async <T extends object>(call: Call, params: Record<string, unknown>, field: keyof T, type: string) => {
    const answer = await answerTo<T>(call, params);
    if (typeof answer?.[field] !== type) throw new Error(`the answer has no ${String(field)}`);
    return answer as T;
  };
  return {
    schemaOf: (id) => ask<{ schema: string }>(api.Schema.find, { id }, "schema", "string"),
    lookUp: (subject, schema) =>
      ask<{ id: number }>(api.Subject.registered, { subject, body: body(schema) }, "id", "number"),
    register: (subject, schema) =>
      ask<{ id: number }>(api.Subject.register, { subject, body: body(schema) }, "id", "number"),
    setCompatibility: async (subject, compatibility) => {
      const params = { subject, body: { compatibility } };
      // Apicurio answers under the name that a level has when it is read.
      const answer = await answerTo<Record<"compatibility" | "compatibilityLevel", string>>(
        api.Subject.updateConfig,
        params,
      );
      if (typeof (answer?.compatibility ?? answer?.compatibilityLevel) !== "string")
        throw new Error("the answer has no compatibility");
    },
  };
}

/** The client's own timeout is one of silence on the socket; this one is of the whole answer. */
function bounded<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  return within(timeoutMs, work, () => {
    throw new Error(`no answer within ${timeoutMs} ms`);
  });
}

/**
 * mappersmith reports a connection that failed as status 400, and a body that is not JSON (another server behind the
 * address) leaves its own text in the message: neither is an answer of a registry.
 */
export function failureOf(error: unknown): RegistryFailure {
  const { status, message } = error as { status?: unknown; message?: unknown };
  const text = (typeof message === "string" ? message : String(error)).replace(/^weft - /, "").slice(0, 2000);
  const tls = tlsFailureOf(text);
  if (tls) return { status: undefined, message: `TLS failed: ${tls} (schema_registry.tls; ${text})` };
  const isAnswer = typeof status === "number" && status > 400 && status < 500 && !text.startsWith("Error, status");
  return { status: isAnswer ? status : undefined, message: text };
}
