import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { loadConfig, noMetrics, silentLogger, sleep } from "@weft/core";
import type { Registry, ServiceInstance, ServiceWatch } from "@weft/discovery";
import { type HttpServer, httpClient, httpServer } from "@weft/transport";
import { createLocalJWKSet } from "jose/jwks/local";
import { buildGateway } from "./app.ts";
import type { GatewaySections } from "./config.ts";
import { audience, claims, issuer, jwkOf, key, token } from "./testing/tokens.ts";
import { verificationKey } from "./token-keys.ts";

const signer = key("EdDSA");
const seconds = Math.floor(Date.now() / 1000);
const bearer = (sub: string, role: string) =>
  `Bearer ${token(signer, claims({ sub, role, iat: seconds, exp: seconds + 600 }))}`;
const identity = { name: "gateway", version: "1", instanceId: "gateway-1" };
const perSecond = 20;
const operatorsToken = "the-operators-of-tests";

interface Upstream {
  server: Server;
  instance: ServiceInstance;
  seen: { method: string; url: string; headers: IncomingHttpHeaders; body: string }[];
  answer: (url: string) => { status?: number; headers?: Record<string, string>; body?: string };
}

const upstreams: Upstream[] = [];
const instances = (service: string) =>
  upstreams.map(({ instance }) => instance).filter((one) => one.service === service);
const names = ["catalog-service", "customer-service", "review-service", "sick-service"];
const registry = {
  name: "registry",
  async start() {},
  async stop() {},
  watch: (service): ServiceWatch => ({
    service,
    current: () => ({ instances: instances(service), ageMs: 0 }),
    async ready() {},
    onChange: () => () => {},
  }),
  watchServices(listener) {
    listener(names);
    return () => {};
  },
  catalog: async () => [
    {
      service: "sick-service",
      instances: [{ ...made("sick-service", "/v1/sick", 1), health: "critical" as const }],
    },
  ],
} as Partial<Registry> as Registry;

const made = (service: string, route: string, port: number): ServiceInstance => ({
  service,
  instanceId: `${service}-${port}`,
  host: "127.0.0.1",
  port,
  version: "1",
  tags: [],
  metadata: { route },
  createIndex: port,
});

async function upstream(service: string, route: string): Promise<Upstream> {
  const one: Upstream = { server: createServer(), instance: made(service, route, 0), seen: [], answer: () => ({}) };
  one.server.on("request", async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method = "", url = "", headers } = request;
    one.seen.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
    const { status = 200, headers: more = {}, body = '{"success":true}' } = one.answer(url);
    response.writeHead(status, { "content-type": "application/json", ...more }).end(body);
  });
  await new Promise<void>((resolve) => one.server.listen(0, "127.0.0.1", resolve));
  one.instance = made(service, route, (one.server.address() as { port: number }).port);
  upstreams.push(one);
  return one;
}

let catalog: Upstream;
let customer: Upstream;
let server: HttpServer;
let base = "";
const clients = new Map<string, ReturnType<typeof httpClient>>();
let stopParts = async () => {};

beforeAll(async () => {
  catalog = await upstream("catalog-service", "/v1/catalog");
  customer = await upstream("customer-service", "/v1/customers");
  const keys = {
    name: "token-keys",
    async start() {},
    async stop() {},
    find: createLocalJWKSet({ keys: [verificationKey(jwkOf(signer))!] }),
  };
  const { rawRoutes, limitStrangers, components } = buildGateway(
    {
      registry,
      keys,
      log: silentLogger,
      metrics: noMetrics,
      clientFor(service, kind) {
        const name = `${service} ${kind}`;
        const client =
          clients.get(name) ?? httpClient({ registry, log: silentLogger, identity }, { service, timeoutMs: 2000 });
        clients.set(name, client);
        return client;
      },
    },
    { name: "gateway", version: "1", issuer, audience, rate: perSecond, trustedProxies: 1 },
  );
  for (const component of components.flat()) await component.start();
  stopParts = async () => {
    for (const component of components.flat()) await component.stop();
  };
  server = httpServer(
    { log: silentLogger, identity },
    { addr: "127.0.0.1:0", rawRoutes, isEdge: true, limitStrangers, operators: { token: operatorsToken } },
  );
  await server.start();
  server.setReady(true);
  base = `http://127.0.0.1:${server.address().port}`;
});

afterAll(async () => {
  await server.stop();
  await stopParts();
  for (const client of clients.values()) await client.close();
  for (const { server: one } of upstreams) {
    one.closeAllConnections();
    await new Promise((resolve) => one.close(resolve));
  }
});

beforeEach(() => {
  for (const one of upstreams) {
    one.seen = [];
    one.answer = () => ({});
  }
});

interface Asked {
  token?: string;
  headers?: Record<string, string>;
  body?: string;
}

let stranger = 0;
/** Every call is a stranger of its own (the test stands behind a trusted proxy), so that only the test of the rate meets it. */
async function call(method: string, path: string, options: Asked = {}) {
  const response = await fetch(`${base}${path}`, {
    method,
    headers: {
      "x-forwarded-for": `10.1.${Math.floor(++stranger / 200)}.${stranger % 200}`,
      ...(options.token ? { authorization: options.token } : {}),
      ...(options.body ? { "content-type": "application/json" } : {}),
      ...options.headers,
    },
    ...(options.body ? { body: options.body } : {}),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    text,
    // biome-ignore lint/suspicious/noExplicitAny: an answer of any form
    json: (text.startsWith("{") ? JSON.parse(text) : {}) as any,
  };
}

/** Bytes as they are, over a connection of their own; the status line that comes back. */
function raw(bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.address().port, "127.0.0.1", () => socket.write(bytes));
    let text = "";
    socket.setEncoding("latin1").on("data", (chunk) => {
      text += chunk;
      if (text.includes("\r\n")) socket.destroy();
    });
    socket.on("close", () => resolve(text.split("\r\n")[0] ?? "")).on("error", reject);
    socket.setTimeout(20_000, () => socket.destroy());
  });
}

describe("the gateway over HTTP", () => {
  it("passes a read on, and its answer back, with one request id", async () => {
    catalog.answer = () => ({
      status: 200,
      headers: { "x-weft-secret": "1", etag: "x" },
      body: '{"success":true,"data":{}}',
    });
    const answer = await call("GET", "/api/v1/catalog/products?q=a%20b", { headers: { "x-request-id": "req-7" } });
    expect(answer).toMatchObject({ status: 200, text: '{"success":true,"data":{}}' });
    expect(answer.headers.get("x-request-id")).toBe("req-7");
    expect(answer.headers.get("etag")).toBe("x");
    expect(answer.headers.get("x-weft-secret")).toBeNull();
    expect(catalog.seen[0]).toMatchObject({
      method: "GET",
      url: "/v1/catalog/products?q=a%20b",
      headers: {
        "x-request-id": "req-7",
        "x-service-name": "gateway",
        "x-weft-target": `catalog-service/${catalog.instance.instanceId}`,
        "x-request-timeout-ms": expect.stringMatching(/^\d+$/),
      },
    });
  });

  it("passes bodies and idempotency keys on as they are, and any status back", async () => {
    const body = '{"customerId":"cust_1",  "é":1}';
    for (const status of [201, 400, 409, 422, 500]) {
      customer.answer = () => ({ status, body: `{"status":${status}}` });
      const answer = await call("PATCH", "/api/v1/customers/cust_1", {
        token: bearer("cust_1", "customer"),
        headers: { "idempotency-key": `k-${status}` },
        body,
      });
      expect(answer).toMatchObject({ status, text: `{"status":${status}}` });
    }
    expect(customer.seen.at(0)).toMatchObject({
      body,
      headers: { "idempotency-key": "k-201", "content-type": "application/json" },
    });
  });

  it("tells the service who it is, and nobody else can", async () => {
    const spoof = {
      "x-user-id": "boss",
      "X-USER-ROLE": "admin",
      "x-user-tenant": "other",
      "x-service-name": "promotion-service",
      "x-weft-target": "another-service",
      "x-weft-correlation-id": "stolen",
      "x-weft-debug": "1",
      "x-service-version": "99",
    };
    expect((await call("GET", "/api/v1/catalog/products", { headers: spoof })).status).toBe(200);
    await call("GET", "/api/v1/customers/cust_1", { headers: spoof, token: bearer("cust_1", "customer") });
    const [anonymous] = catalog.seen;
    expect(anonymous?.headers).not.toHaveProperty("x-user-id");
    expect(anonymous?.headers).not.toHaveProperty("x-user-role");
    const [known] = customer.seen;
    expect(known?.headers).toMatchObject({
      "x-user-id": "cust_1",
      "x-user-role": "customer",
      "x-service-name": "gateway",
    });
    for (const { headers } of [anonymous!, known!]) {
      expect(headers["x-service-version"]).toBe("1");
      expect(JSON.stringify(headers)).not.toMatch(/boss|tenant|debug|stolen|another-service|authorization/);
    }
  });

  it("knows a customer by a subject that no customer's id could be", async () => {
    const token = bearer("auth0|5f7c8e", "customer");
    const id = "sub:auth0_7c5f7c8e";
    expect((await call("GET", `/api/v1/customers/${id}`, { token })).status).toBe(200);
    expect(customer.seen[0]).toMatchObject({ url: `/v1/customers/${id}`, headers: { "x-user-id": id } });
    expect((await call("GET", "/api/v1/customers/auth0_7c5f7c8e", { token })).status).toBe(403);
  });

  it("says with every 401 what is missing", async () => {
    const challenge = async (token?: string) =>
      (await call("GET", "/api/v1/customers/cust_1", { token })).headers.get("www-authenticate");
    expect(await challenge()).toBe("Bearer");
    expect(await challenge("Bearer a.wrong.token")).toBe('Bearer error="invalid_token"');
  });

  it("does not pass on what belongs to one connection", async () => {
    const port = server.address().port;
    const status = await raw(
      `GET /api/v1/catalog/products HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nTE: trailers\r\nProxy-Authorization: Basic eA==\r\n\r\n`,
    );
    expect(status).toBe("HTTP/1.1 200 OK");
    const names = Object.keys(catalog.seen[0]!.headers);
    for (const name of ["x-hop", "te", "proxy-authorization"]) expect(names).not.toContain(name);
    expect(catalog.seen[0]?.headers["keep-alive"]).not.toBe("timeout=5");
  });

  it.each([
    ["two lengths", "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello"],
    ["length and chunks", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"],
    ["chunks twice", "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"],
    ["a folded line", "X-A: 1\r\n 2\r\n\r\n"],
    ["NUL in a header", "X-A: a\0b\r\n\r\n"],
    ["a space before the colon", "X-User-Id : boss\r\n\r\n"],
    ["a length that is no number", "Content-Length: +5\r\n\r\nhello"],
    ["a carriage return alone", "X-A: 1\rX-User-Id: boss\r\n\r\n"],
  ])("refuses what two programs could read differently: %s", async (_what, rest) => {
    const bytes = `POST /api/v1/catalog/products HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${bearer("boss", "admin")}\r\n`;
    expect(await raw(bytes + rest)).toMatch(/^HTTP\/1\.1 400 /);
    expect(catalog.seen).toEqual([]);
  });

  it.each([
    ["GET", "/api/v1/nothing", 404, "NOT_FOUND"],
    ["GET", "/api", 404, "NOT_FOUND"],
    ["GET", "/nothing", 404, "NOT_FOUND"],
    ["GET", "/api/v1/catalog/..%2fcustomers", 400, "BAD_REQUEST"],
    ["GET", "/api/v1/customers/cust_1", 401, "UNAUTHORIZED"],
    ["POST", "/api/v1/catalog/products", 401, "UNAUTHORIZED"],
  ])("answers %s %s with %i %s in the usual form", async (method, path, status, code) => {
    const answer = await call(method, path);
    expect(answer.status).toBe(status);
    expect(answer.json).toMatchObject({ success: false, error: { code }, meta: { requestId: expect.any(String) } });
  });

  it("refuses dot segments, which most clients take out before they send", async () => {
    for (const path of ["/api/v1/catalog/../customers/cust_1", "/api/v1/catalog/%2e%2e/customers/cust_1"]) {
      expect(await raw(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)).toMatch(/ 400 /);
    }
  });

  it("keeps customers apart", async () => {
    const token = bearer("cust_1", "customer");
    expect((await call("GET", "/api/v1/customers/cust_1", { token })).status).toBe(200);
    expect((await call("GET", "/api/v1/customers/cust_2", { token })).json.error.code).toBe("FORBIDDEN");
    expect((await call("GET", "/api/v1/customers/cust_2", { token: bearer("boss", "admin") })).status).toBe(200);
  });

  it("answers 503 with the cause where a service is known and no instance is healthy", async () => {
    const answer = await call("GET", "/api/v1/sick/things", { token: bearer("boss", "admin") });
    expect(answer.status).toBe(503);
    expect(answer.json.error).toMatchObject({
      code: "DEPENDENCY_FAILED",
      details: { dependency_service: "sick-service", cause: "no_instance" },
    });
  });

  it("refuses a body above 1 MiB and takes one just below", async () => {
    const token = bearer("boss", "admin");
    const body = (size: number) => `"${"x".repeat(size - 2)}"`;
    expect((await call("POST", "/api/v1/catalog/products", { token, body: body(1_048_577) })).status).toBe(413);
    expect(catalog.seen).toEqual([]);
    expect((await call("POST", "/api/v1/catalog/products", { token, body: body(1_048_576) })).status).toBe(200);
    expect(catalog.seen[0]?.body).toHaveLength(1_048_576);
  });

  it("passes on a target with scheme and host as its path", async () => {
    const { port } = server.address();
    const target = `http://localhost:${port}/api/v1/catalog/products?limit=5`;
    expect(await raw(`GET ${target} HTTP/1.1\r\nHost: other.example\r\n\r\n`)).toBe("HTTP/1.1 200 OK");
    expect(catalog.seen[0]?.url).toBe("/v1/catalog/products?limit=5");
    expect(await raw(`GET ${target.replace("localhost", "evil.example")} HTTP/1.1\r\nHost: localhost\r\n\r\n`)).toMatch(
      / 421 /,
    );
  });

  it("shows strangers its status alone, and its operators the rest", async () => {
    const token = `Bearer ${operatorsToken}`;
    const [stranger, operator] = [await call("GET", "/health"), await call("GET", "/health", { token })];
    expect([stranger.json.checks, operator.status]).toEqual([{}, 200]);
    const details = await call("GET", "/metrics");
    expect([details.status, details.headers.get("www-authenticate")]).toEqual([401, "Bearer"]);
    // A user's token, also an admin's, is none of an operator.
    expect((await call("GET", "/metrics", { token: bearer("boss", "admin") })).status).toBe(401);
    expect((await call("GET", "/metrics", { token })).status).toBe(404); // no metrics page in this test
  });

  it("gives the merged document of those that answer", async () => {
    catalog.answer = () => ({
      body: JSON.stringify({ openapi: "3.1.0", info: {}, paths: { "/v1/catalog/products": { get: {} } } }),
    });
    customer.answer = () => ({ status: 500 });
    const answer = await call("GET", "/docs");
    expect(Object.keys(answer.json.paths)).toEqual(["/api/v1/catalog/products"]);
    expect(answer.json["x-weft-unavailable"]).toContain("customer-service");
    const page = await call("GET", "/docs", { headers: { accept: "text/html" } });
    expect(page.headers.get("content-type")).toContain("text/html");
    expect(page.headers.get("content-security-policy")).toContain("sha256-");
  });

  describe("its rate limit: ANY /api/**", () => {
    const burst = 2 * perSecond;
    // Counted before anything else is looked at, so a path that nobody serves is the cheapest.
    const ask = (options: Asked) => call("GET", "/api/v1/nothing", options);

    const statusesOf = (answers: { status: number }[]) => [...new Set(answers.map(({ status }) => status))].sort();
    /** Of a whole burst, as one is let through of whom nothing was counted before. */
    const burstOf = async (options: Asked) =>
      statusesOf(await Promise.all(Array.from({ length: burst }, () => ask(options))));

    /** Far more at once than a burst, and all of them together are held to it. */
    async function volley(nth: (n: number) => Asked) {
      const begun = performance.now();
      const answers = await Promise.all(Array.from({ length: 5 * burst }, (_, n) => ask(nth(n))));
      const seconds = (performance.now() - begun) / 1000;
      const refused = answers.filter(({ status }) => status === 429);
      const allowed = answers.length - refused.length;
      expect(allowed).toBeGreaterThanOrEqual(burst);
      expect(allowed).toBeLessThanOrEqual(burst + perSecond * seconds + 1);
      return { refused, statuses: statusesOf(answers) };
    }

    it("refuses with 429 and Retry-After what is above it, lets in exactly what is below, and harms nobody else [RATE_LIMITED]", async () => {
      const busy = { token: bearer("cust_busy", "customer") };
      const { refused, statuses } = await volley(() => busy);
      expect(statuses).toEqual([404, 429]);
      expect(refused[0]?.json).toMatchObject({ success: false, error: { code: "RATE_LIMITED" } });
      const retryAfter = refused.map(({ headers }) => Number(headers.get("retry-after")));
      expect(retryAfter.every((value) => Number.isInteger(value) && value >= 1 && value <= 2)).toBe(true);

      expect(await burstOf({ token: bearer("cust_calm", "customer") })).toEqual([404]);
      await sleep(retryAfter[0]! * 1000);
      expect((await ask(busy)).status).toBe(404);
    });

    it("is for an address where nobody is known, and tokens that are refused count for it too", async () => {
      const headers = { "x-forwarded-for": "10.2.0.1" };
      // Another spelling of the address is no other one.
      const spellings = ["10.2.0.1", "10.2.0.1:4711", "::ffff:10.2.0.1", "[::ffff:a02:1]:80", '"10.2.0.1:1"'];
      const spelled = (n: number) => ({ "x-forwarded-for": spellings[n % spellings.length]! });
      const { statuses } = await volley((n) => ({
        headers: spelled(n),
        ...(n % 2 ? { token: "Bearer a.wrong.token" } : {}),
      }));
      expect(statuses).toEqual([401, 404, 429]);
      // Someone who is known is not kept out by strangers from the same address, nor is a stranger from another one.
      expect(await burstOf({ headers, token: bearer("cust_known", "customer") })).toEqual([404]);
      expect(await burstOf({ headers: { "x-forwarded-for": "10.2.0.2" } })).toEqual([404]);
    });

    it.each(["/docs", "/openapi.json", "/metrics"])("is for what strangers get besides as well: %s", async (path) => {
      const headers = { "x-forwarded-for": `10.3.0.${path.length}` };
      const answers = await Promise.all(Array.from({ length: 3 * burst }, () => call("GET", path, { headers })));
      expect(answers.filter(({ status }) => status === 429).length).toBeGreaterThan(0);
      expect((await call("GET", "/health", { headers })).status).toBe(200);
    });

    it("is 100 a second unless it is told otherwise", () => {
      const file = fileURLToPath(new URL("../config/config.yaml", import.meta.url));
      expect(loadConfig<GatewaySections>({ type: "object" }, file, {}).limits.rate).toBe(100);
    });
  });
});
