import { createServer, type Server } from "node:http";
import { expect } from "@jest/globals";

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** The body as JSON; nothing where it is none. */
  json: unknown;
  /** `X-Consul-Index`. */
  index: number;
}

export interface HealthEntry {
  Node: Record<string, unknown>;
  Service: { ID: string; Service: string; Tags: string[]; Port: number; Address: string; Meta: Record<string, string> };
  Checks: { CheckID: string; Status: string; Output: string }[];
}

export type ConsulScripts = Record<string, (session: ConsulSession) => Promise<void>>;

/** Raw requests to one agent, with names of its own; what it registered is gone when it closes. */
export class ConsulSession {
  private readonly url: string;
  private readonly mark = Math.random().toString(36).slice(2, 10);
  private readonly ids = new Set<string>();
  private readonly servers: Server[] = [];
  private names = 0;
  private readonly token: string | undefined;

  /** @param token sent with each request that brings none of its own */
  constructor(url: string, token?: string) {
    this.url = url;
    this.token = token;
  }

  name(what = "svc"): string {
    return `${what}-${this.mark}-${++this.names}`;
  }

  async request(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const raw = typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body);
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: { ...(this.token === undefined ? {} : { "X-Consul-Token": this.token }), ...headers },
      ...(body === undefined ? {} : { body: raw as string }),
      signal: AbortSignal.timeout(20_000),
    });
    const text = await response.text();
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      json = undefined;
    }
    return {
      status: response.status,
      headers: response.headers,
      text,
      json,
      index: Number(response.headers.get("x-consul-index")),
    };
  }
  get = (path: string) => this.request("GET", path);
  put = (path: string, body?: unknown) => this.request("PUT", path, body);

  /** Registers a service, and expects that to succeed. @returns its id */
  async register(service: Record<string, unknown> & { Name: string }): Promise<string> {
    const { status, text } = await this.put("/v1/agent/service/register", service);
    expect([status, text]).toEqual([200, ""]);
    const id = String(service.ID ?? service.Name);
    this.ids.add(id);
    return id;
  }

  async health(name: string, query = ""): Promise<HealthEntry[]> {
    return (await this.get(`/v1/health/service/${name}${query}`)).json as HealthEntry[];
  }

  async statusOf(name: string, checkId: string): Promise<string | undefined> {
    const [entry] = await this.health(name);
    return entry?.Checks.find(({ CheckID }) => CheckID === checkId)?.Status;
  }

  /** A server whose answer a check looks at. */
  async target(
    answer: () => { status: number; body?: string },
  ): Promise<{ port: number; asked: { host?: string; path?: string }[]; close(): void }> {
    const asked: { host?: string; path?: string }[] = [];
    const server = createServer((request, response) => {
      asked.push({
        ...(request.headers.host ? { host: request.headers.host } : {}),
        ...(request.url ? { path: request.url } : {}),
      });
      const { status, body = "" } = answer();
      response.writeHead(status).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    this.servers.push(server);
    const close = () => {
      server.close();
      server.closeAllConnections();
    };
    return { port: (server.address() as { port: number }).port, asked, close };
  }

  async close(): Promise<void> {
    for (const id of this.ids) await this.put(`/v1/agent/service/deregister/${id}`);
    for (const server of this.servers) {
      server.close();
      server.closeAllConnections();
    }
  }
}
