import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { AgentService, HealthEntry } from "../consul/api.ts";

export interface SeenRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  body: unknown;
  at: number;
}

/** A Consul agent that does what a test says, over real sockets: honest by default, lying where `lie` answers instead. */
export interface FakeConsul {
  url: string;
  requests: SeenRequest[];
  /** Instances by service, of the health endpoint. Call `changed` after a change. */
  health: Map<string, HealthEntry[]>;
  agentServices: Map<string, AgentService>;
  changed(): void;
  /** Answers instead; returns false to leave the request to the honest agent. */
  lie: ((request: SeenRequest, response: ServerResponse) => boolean) | undefined;
  /** Number of health queries that wait now. */
  waiting(): number;
  close(): Promise<void>;
}

export async function fakeConsul(port = 0): Promise<FakeConsul> {
  const requests: SeenRequest[] = [];
  const health = new Map<string, HealthEntry[]>();
  const agentServices = new Map<string, AgentService>();
  const waiting = new Set<() => void>();
  let index = 100;

  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://fake");
    const seen = {
      method: request.method ?? "",
      path: pathname,
      query: searchParams,
      body: await bodyOf(request),
      at: performance.now(),
    };
    requests.push(seen);
    if (!fake.lie?.(seen, response)) honest(seen, response);
  });

  function honest({ method, path, query, body }: SeenRequest, response: ServerResponse): void {
    if (method === "PUT" && path === "/v1/agent/service/register") {
      const { ID, Name, Address, Port, Tags, Meta } = body as AgentService & { Name: string };
      agentServices.set(ID, { ID, Service: Name, Address, Port, Tags, Meta });
      json(response, undefined);
    } else if (method === "PUT" && path.startsWith("/v1/agent/service/deregister/")) {
      agentServices.delete(decodeURIComponent(path.split("/").at(-1)!));
      json(response, undefined);
    } else if (path === "/v1/agent/services") {
      json(response, Object.fromEntries(agentServices));
    } else if (path === "/v1/catalog/services") {
      const names = () => Object.fromEntries(["consul", ...health.keys()].map((name) => [name, []]));
      block(query, response, names);
    } else if (path.startsWith("/v1/health/service/")) {
      const service = decodeURIComponent(path.split("/").at(-1)!);
      block(query, response, () => health.get(service) ?? []);
    } else {
      response.writeHead(404).end();
    }
  }

  function block(query: URLSearchParams, response: ServerResponse, body: () => unknown): void {
    const send = () => {
      clearTimeout(timer);
      waiting.delete(send);
      json(response, body(), index);
    };
    const waitMs = Number(query.get("wait")?.replace("ms", ""));
    const timer = Number(query.get("index")) === index ? setTimeout(send, waitMs) : undefined;
    if (!timer) {
      send();
      return;
    }
    waiting.add(send);
    response.once("close", () => {
      clearTimeout(timer);
      waiting.delete(send);
    });
  }

  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const fake: FakeConsul = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    health,
    agentServices,
    changed() {
      index += 1;
      for (const send of [...waiting]) send();
    },
    lie: undefined,
    waiting: () => waiting.size,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return fake;
}

export function json(response: ServerResponse, body: unknown, index?: number | string): void {
  response.writeHead(200, {
    "content-type": "application/json",
    ...(index === undefined ? {} : { "x-consul-index": String(index) }),
  });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

export function entry(
  instanceId: string,
  port: number,
  { service = "thing-service", address = "127.0.0.1" } = {},
): HealthEntry {
  return {
    Node: { Address: "10.0.0.1" },
    Service: {
      ID: instanceId,
      Service: service,
      Address: address,
      Port: port,
      Tags: [],
      Meta: { version: "1.0.0" },
      CreateIndex: 7,
    },
    Checks: [{ Status: "passing" }],
  };
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  return text === "" ? undefined : JSON.parse(text);
}

export async function until(condition: () => boolean, what: string, timeoutMs = 20_000): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
