import { EventEmitter } from "node:events";
import { type AgentOptions, type ClientRequest, Agent as HttpAgent, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { classify, type TlsOptions, tlsFailureOf } from "@weft/core";
import Consul from "consul";
import { RegistryRefused, RegistryUnavailable } from "../errors.ts";

/** Where Consul is and how to speak to it. */
export interface ConsulAddress {
  url: string;
  token?: string;
  tls?: TlsOptions;
}

export interface Answer<Body> {
  /** `X-Consul-Index` as it came: what it is worth is for `next-index.ts` to say. */
  index: unknown;
  body: Body;
}

interface AskOptions {
  timeoutMs: number;
  signal?: AbortSignal;
  /** Makes it a blocking query. */
  index?: number;
  waitMs?: number;
}

interface Service {
  ID: string;
  Service: string;
  Address: string;
  Port: number;
  Tags: string[] | null;
  Meta: Record<string, string> | null;
  CreateIndex?: number;
}
export type AgentService = Service;
export interface HealthEntry {
  Node?: { Address?: string };
  Service: Service;
  Checks?: { Status: string }[];
}

/** In the names of `consul`, all lower case. */
type AgentRegistration = { name: string } & Record<string, unknown>;

/** The few requests that Weft makes, each with a hard timeout of its own, over one connection. */
export interface ConsulApi {
  healthOf(service: string, options: AskOptions & { passing: boolean }): Promise<Answer<HealthEntry[]>>;
  services(options: AskOptions): Promise<Answer<Record<string, string[]>>>;
  agentServices(options: AskOptions): Promise<Record<string, AgentService>>;
  register(registration: AgentRegistration, options: AskOptions): Promise<void>;
  deregister(instanceId: string, options: AskOptions): Promise<void>;
  close(): void;
}

/** A Consul client with one connection of its own: a blocking query occupies it, and so holds up nobody else's. */
export function consulApi({ url, token, tls = {} }: ConsulAddress): ConsulApi {
  const { protocol, hostname, port, pathname } = new URL(url);
  const inFlight = new Set<EventEmitter>();
  const agent = watchfulAgent(protocol === "https:" ? tls : undefined);
  const client = new Consul({
    baseUrl: `${protocol}//${hostname}${port ? `:${port}` : ""}${pathname.replace(/\/+$/, "")}/v1`,
    agent,
    defaults: token ? { token } : {},
  } as ConstructorParameters<typeof Consul>[0]);

  async function ask<Body>(
    operation: string,
    { timeoutMs, signal, index, waitMs }: AskOptions,
    send: (options: object) => Promise<unknown>,
  ): Promise<Answer<Body>> {
    signal?.throwIfAborted();
    const request = Object.assign(new EventEmitter(), { includeResponse: true });
    const cancel = () => request.emit("cancel");
    inFlight.add(request);
    signal?.addEventListener("abort", cancel, { once: true });
    try {
      const blocking = index === undefined ? {} : { index: String(index), wait: `${waitMs}ms` };
      const answer = await send({ ...blocking, timeout: timeoutMs, ctx: request });
      // `papi` resolves with a failure that is not an Error of its own realm.
      if (!Array.isArray(answer)) throw answer;
      const [response, body] = answer as [{ headers: Record<string, unknown> }, Body];
      return { index: response.headers["x-consul-index"], body };
    } catch (error) {
      signal?.throwIfAborted();
      throw failure(operation, error);
    } finally {
      inFlight.delete(request);
      signal?.removeEventListener("abort", cancel);
    }
  }

  return {
    async healthOf(service, { passing, ...options }) {
      const operation = `health of ${service}`;
      const answer = await ask<HealthEntry[]>(operation, options, (more) =>
        client.health.service({ service, passing, ...more }),
      );
      const isList = Array.isArray(answer.body) && answer.body.every((entry) => typeof entry?.Service === "object");
      if (!isList) throw new RegistryUnavailable({ operation, reason: "the answer is not a list of instances" });
      return answer;
    },
    async services(options) {
      const operation = "the list of services";
      const answer = await ask<Record<string, string[]>>(operation, options, (more) => client.catalog.services(more));
      if (!isObject(answer.body)) throw new RegistryUnavailable({ operation, reason: "the answer is not an object" });
      return answer;
    },
    async agentServices(options) {
      const operation = "the agent's services";
      const { body } = await ask<Record<string, AgentService>>(operation, options, (more) =>
        client.agent.service.list(more),
      );
      if (!isObject(body)) throw new RegistryUnavailable({ operation, reason: "the answer is not an object" });
      return body;
    },
    async register(registration, options) {
      await ask("the registration", options, (more) => client.agent.service.register({ ...registration, ...more }));
    },
    async deregister(instanceId, options) {
      await ask("the deregistration", options, (more) => client.agent.service.deregister({ id: instanceId, ...more }));
    },
    close() {
      for (const request of inFlight) request.emit("cancel");
      agent.destroy();
    },
  };
}

/**
 * `consul` 2.0.1 (on `papi`) never settles a request whose connection ends inside the answer: it waits for an `end` that
 * does not come. This agent tells such a request that it failed.
 */
function watchfulAgent(tls: TlsOptions | undefined): HttpAgent {
  const options: AgentOptions = { keepAlive: true, keepAliveMsecs: 10_000, maxSockets: 1 };
  const agent = (tls ? new HttpsAgent({ ...options, ...tls }) : new HttpAgent(options)) as HttpAgent & {
    addRequest(request: ClientRequest & { res?: IncomingMessage }, ...rest: unknown[]): void;
  };
  const addRequest = agent.addRequest.bind(agent);
  agent.addRequest = (request, ...rest) => {
    request.once("close", () => {
      if (request.res?.complete === false) request.emit("error", new Error("the connection ended inside the answer"));
    });
    addRequest(request, ...rest);
  };
  return agent;
}

interface PapiFailure extends Error {
  statusCode?: number;
  isAbort?: boolean;
  cause?: Error;
}

/** 4xx stays wrong until somebody changes something; all else may pass, but for an error of this program. */
function failure(operation: string, error: unknown): Error {
  const { statusCode, message, isAbort, cause: below } = error as PapiFailure;
  // A SyntaxError is that of an answer, which `papi` reads as JSON.
  if (classify(error) === "bug" && below?.name !== "SyntaxError") return error as Error;
  const cause = { cause: error };
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500 && statusCode !== 429) {
    return new RegistryRefused({ operation, reason: `${statusCode} ${message}${adviceOn(statusCode)}` }, cause);
  }
  const tls = tlsFailureOf(error);
  if (tls) return new RegistryUnavailable({ operation, reason: `TLS failed: ${tls} (consul.tls; ${message})` }, cause);
  return new RegistryUnavailable({ operation, reason: isAbort ? "the connection was lost" : message }, cause);
}

function adviceOn(statusCode: number): string {
  if (statusCode !== 401 && statusCode !== 403) return "";
  return " (consul.token must be a token of this cluster with service:write on the own name and service:read, node:read on the others)";
}

const isObject = (value: unknown) => typeof value === "object" && value !== null && !Array.isArray(value);
