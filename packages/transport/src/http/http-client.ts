import {
  type DependencyCause,
  DependencyFailed,
  type Logger,
  type Metrics,
  noMetrics,
  option,
  type ServiceIdentity,
  takeOptions,
  WeftError,
} from "@weft/core";
import { anywhere, assertAllowed, type Networks, type Registry, type ServiceInstance } from "@weft/discovery";
import type { Agent } from "undici";
import { callHeaders, contextHeaders } from "../context/headers.ts";
import { assertBound } from "../errors/not-sent.ts";
import type { Attempt, Outcome } from "../policy/attempt.ts";
import { checkGroups, policyRules } from "../policy/options.ts";
import { type PolicyOptions, policy, type TargetSnapshot } from "../policy/policy.ts";
import { isTheCallersFault } from "../policy/verdict.ts";
import type { ForwardAnswer, ForwardRequest, HttpAnswer, HttpClient, HttpRequest } from "./client.ts";
import { forwardedAnswerHeaders, forwardedRequestHeaders, outgoingHeaders } from "./outgoing-headers.ts";
import { assertSendable, encodedBody } from "./sendable.ts";
import { errorFromAnswer } from "./status.ts";
import { errorBodyOf, failureOf, type RawAnswerOf, retryAfterMs, verdictOf } from "./verdict.ts";

export interface HttpClientOptions extends PolicyOptions {
  /** Bound of making a connection, in milliseconds. @defaultValue 1000 */
  connectTimeoutMs?: number;
  /** Largest answer, in bytes. @defaultValue 16777216 */
  answerLimitBytes?: number;
}

const rules = {
  ...policyRules,
  connectTimeoutMs: option.milliseconds(1000),
  answerLimitBytes: option.count(16 * 1_048_576),
};

/** Shorter than a server of ours keeps an idle connection (65 s); one that says it keeps it shorter is believed. This side closes first. */
const keepAliveMs = 10_000;

interface Answered extends RawAnswerOf {
  instance: ServiceInstance;
}

interface Sent {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string | Buffer | undefined;
}

/**
 * ASK: one service over HTTP, through discovery and the policy chain (`policy/policy.ts` has the order).
 * Reads are repeatable; a write is where it has an idempotency key. The call context goes along by itself.
 * @throws OptionsInvalid
 */
export function httpClient(
  parts: { registry: Registry; log: Logger; metrics?: Metrics; identity: ServiceIdentity },
  options: HttpClientOptions,
): HttpClient & { close(): Promise<void>; snapshot(): TargetSnapshot } {
  const { identity, metrics = noMetrics } = parts;
  const settings = takeOptions("httpClient", rules, options, checkGroups);
  const { service, connectTimeoutMs, answerLimitBytes, maxInFlight } = settings;
  const chain = policy(parts, settings);
  const networks = parts.registry.networks ?? anywhere;
  const { lookup } = networks;
  const agent = connections({ connectTimeoutMs, answerLimitBytes, maxConnections: maxInFlight, lookup });
  agent.catch((error) => parts.log.error({ err: error, service }, "undici could not be loaded"));
  const duration = metrics.histogram(
    "weft_http_client_duration_seconds",
    "Time of a whole call, retries included",
    ["service", "method", "outcome"],
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  );

  /** One request over one kept connection, to the address that discovery has checked. */
  function attempt({ method, path, headers, body }: Sent): Attempt<Answered> {
    return async (instance, { signal, timeoutMs }) => {
      try {
        assertAllowed(networks, instance.host);
        const answer = await (await agent).request({
          origin: `http://${instance.host.includes(":") ? `[${instance.host}]` : instance.host}:${instance.port}`,
          path,
          method: method as "GET",
          headers: { ...headers, ...outgoingHeaders(identity, instance, timeoutMs) },
          body: body === undefined || body.length === 0 ? null : body,
          signal,
        });
        const answered: Answered = {
          status: answer.statusCode,
          headers: answer.headers,
          body: Buffer.from(await answer.body.arrayBuffer()),
          instance,
        };
        return { kind: "answer", answer: answered, verdict: verdictOf(answered) };
      } catch (error) {
        return failureOf(error, service);
      }
    };
  }

  /** @throws RequestNotSendable   @throws what else went wrong on this side, which no instance is to blame for */
  async function call(
    { method, path, headers, body }: Sent,
    { timeoutMs, signal }: Pick<ForwardRequest, "timeoutMs" | "signal">,
  ): Promise<Exclude<Outcome<Answered>, { kind: "own-fault" }>> {
    const ofContext = callHeaders("http", identity, { service, instanceId: "" });
    assertBound(`a request to ${service}`, timeoutMs);
    assertSendable({ service, method, path, headers: { ...headers, ...ofContext } });
    const idempotencyKey = headers[contextHeaders.idempotencyKey];
    const isRepeatable = method === "GET" || method === "HEAD" || method === "OPTIONS" || idempotencyKey !== undefined;
    const started = performance.now();
    const one = attempt({ method, path, headers, body });
    const outcome = await chain.call({ attempt: one, isRepeatable, timeoutMs, signal });
    if (outcome.kind === "own-fault") throw outcome.error;
    const label = outcome.kind === "answer" ? String(outcome.answer.status) : outcome.cause;
    duration.observe((performance.now() - started) / 1000, { service, method, outcome: label });
    if (outcome.kind === "failure" && signal?.aborted) throw signal.reason;
    return outcome;
  }

  function failed(operation: string, cause: DependencyCause, error?: unknown): Error {
    const retryAfterSeconds = error instanceof WeftError ? error.retryAfterSeconds : undefined;
    return new DependencyFailed({ service, operation, cause }, { cause: error, ...withPause(retryAfterSeconds) });
  }

  return {
    service,

    async request<Data>(request: HttpRequest): Promise<HttpAnswer<Data>> {
      const { method, path, query, idempotencyKey } = request;
      const operation = `${method} ${path}`;
      const body = encodedBody(service, request.body);
      const headers = {
        accept: "application/json",
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(idempotencyKey === undefined ? {} : { [contextHeaders.idempotencyKey]: idempotencyKey }),
      };
      const outcome = await call({ method, path: path + queryString(query), headers, body }, request);
      if (outcome.kind === "failure") throw failed(operation, outcome.cause, outcome.error);
      const { answer } = outcome;
      if (answer.status >= 200 && answer.status < 300) {
        const data = readAnswer<Data>(answer);
        if (!data) throw failed(operation, "bad_answer");
        return data;
      }
      const error = errorBodyOf(answer);
      const known = error && errorFromAnswer(answer.status, error, seconds(answer));
      throw known && isTheCallersFault(known.kind) ? known : failed(operation, `status_${answer.status}`, known);
    },

    async forward(request: ForwardRequest): Promise<ForwardAnswer> {
      const { method, path, body } = request;
      const headers = forwardedRequestHeaders(request.headers);
      const outcome = await call({ method, path, headers, body }, request);
      const operation = `${method} ${path.split("?")[0]}`;
      if (outcome.kind === "failure") throw failed(operation, outcome.cause, outcome.error);
      const { answer } = outcome;
      if (answer.status === 421) throw failed(operation, "status_421");
      const { status, instance } = answer;
      return { status, headers: forwardedAnswerHeaders(answer.headers), body: answer.body, instance };
    },

    snapshot: () => chain.snapshot(),

    async close() {
      chain.close();
      await (await agent).destroy();
    },
  };
}

interface ConnectionLimits {
  connectTimeoutMs: number;
  answerLimitBytes: number;
  maxConnections: number;
  lookup: Networks["lookup"];
}

/** Loaded here and not above: a service that asks nobody is spared a tenth of its start and 25 MB. */
async function connections(limits: ConnectionLimits): Promise<Agent> {
  const { connectTimeoutMs, answerLimitBytes, maxConnections, lookup } = limits;
  const { Agent } = await import("undici");
  return new Agent({
    connect: { timeout: connectTimeoutMs, lookup },
    keepAliveTimeout: keepAliveMs,
    keepAliveMaxTimeout: keepAliveMs,
    connections: maxConnections,
    maxResponseSize: answerLimitBytes,
    // The attempt's own signal bounds both.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
}

function readAnswer<Data>({ status, body }: Answered): HttpAnswer<Data> | undefined {
  try {
    const { success, data, meta } = JSON.parse(body.toString("utf8"));
    return success === true && typeof data === "object" && data !== null
      ? { status, data, meta: meta ?? {} }
      : undefined;
  } catch {
    return undefined;
  }
}

const withPause = (retryAfterSeconds: number | undefined) =>
  retryAfterSeconds === undefined ? {} : { retryAfterSeconds };

function seconds({ headers }: Answered): number | undefined {
  const ms = retryAfterMs(headers["retry-after"]);
  return ms === undefined ? undefined : ms / 1000;
}

function queryString(query: HttpRequest["query"] = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.append(name, String(value));
  const text = parameters.toString();
  return text === "" ? "" : `?${text}`;
}
