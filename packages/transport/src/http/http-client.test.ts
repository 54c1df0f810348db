import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Server } from "node:net";
import { afterEach, describe, expect, it } from "@jest/globals";
import {
  Conflict,
  DependencyFailed,
  type Logger,
  mayPass,
  newContext,
  RateLimited,
  remainingMs,
  runInContext,
  type ServiceIdentity,
  silentLogger,
  withTimeout,
} from "@weft/core";
import { networksOf, type ServiceInstance } from "@weft/discovery";
import { instanceAt, staticRegistry } from "../testing/static-registry.ts";
import type { ForwardRequest } from "./client.ts";
import { type HttpClientOptions, httpClient } from "./http-client.ts";
import { httpServer } from "./server.ts";

const identity: ServiceIdentity = { name: "asking-service", version: "2.0.0", instanceId: "asking-1" };
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** A plain server: what it answers is the test's. */
async function peer(handler: Handler, instanceId?: string) {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    handler(request, response);
  });
  await listening(server);
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { instance: instanceAt((server.address() as AddressInfo).port, instanceId), requests, server };
}

const listening = (server: Server) => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

async function closedPort(): Promise<number> {
  const server = createTcpServer();
  await listening(server);
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const answer =
  (status: number, body: unknown, headers: Record<string, string> = {}): Handler =>
  (request, response) => {
    request.resume();
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
  };
const fine = answer(200, { success: true, data: { thing: { id: "a" } }, meta: { requestId: "r" } });
const refusal = (status: number, code: string, details?: object) =>
  answer(status, { success: false, error: { code, message: "no", details }, meta: { requestId: "r" } });

function clientTo(
  instances: ServiceInstance[] | undefined,
  options: { [Name in keyof HttpClientOptions]?: HttpClientOptions[Name] | undefined } = {},
) {
  const registry = staticRegistry("thing-service", instances);
  const client = httpClient(
    { registry, log: silentLogger, identity },
    { service: "thing-service", retry: { baseMs: 1, maxMs: 5 }, ...options },
  );
  cleanups.push(() => client.close());
  return { client, registry };
}

const get = { method: "GET", path: "/v1/things/a" } as const;
const post = { method: "POST", path: "/v1/things", body: { name: "a" } } as const;
const causeOf = (cause: string) =>
  expect.objectContaining({ code: "DEPENDENCY_FAILED", details: expect.objectContaining({ cause }) });

describe("HTTP client", () => {
  it("gets an answer, and says whose request it is, who asks and who is meant", async () => {
    const { instance, requests } = await peer(fine, "thing-7");
    const { client } = clientTo([instance]);
    const context = newContext({
      requestId: "req-1",
      correlationId: "cor-1",
      traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
      tracestate: "a=b",
      user: { id: "cust_1", role: "customer" },
    });
    const result = await runInContext(withTimeout(context, 9_000), () =>
      client.request({ ...post, query: { a: 1, b: undefined }, idempotencyKey: "key-1" }),
    );
    expect(result).toEqual({ status: 200, data: { thing: { id: "a" } }, meta: { requestId: "r" } });
    const { headers, url } = requests[0]!;
    expect(url).toBe("/v1/things?a=1");
    expect(headers).toMatchObject({
      "x-request-id": "req-1",
      "x-weft-correlation-id": "cor-1",
      traceparent: `00-0af7651916cd43dd8448eb211c80319c-${context.trace.spanId}-01`,
      tracestate: "a=b",
      "x-service-name": "asking-service",
      "x-service-version": "2.0.0",
      "x-weft-target": "thing-service/thing-7",
      "x-user-id": "cust_1",
      "x-user-role": "customer",
      "idempotency-key": "key-1",
    });
    const told = Number(headers["x-request-timeout-ms"]);
    expect(told).toBeGreaterThan(0);
    // Of one attempt, which is shorter than what the caller has.
    expect(told).toBeLessThanOrEqual(5_000);
  });

  it("gives a 4xx back as the same typed error, at once", async () => {
    const { instance, requests } = await peer(refusal(409, "CONFLICT", { reason: "status" }));
    const { client } = clientTo([instance]);
    const error = await client.request(get).catch((caught: unknown) => caught);
    expect(Conflict.is(error)).toBe(true);
    expect(error).toMatchObject({ kind: "conflict", retryable: false, details: { reason: "status" } });
    expect(requests).toHaveLength(1);
  });

  it("retries a read elsewhere, and a write only with an Idempotency-Key", async () => {
    const broken = await peer(refusal(500, "INTERNAL_ERROR"), "broken");
    const whole = await peer(fine, "whole");
    for (let round = 0; round < 5; round += 1) {
      const { client } = clientTo([broken.instance, whole.instance]);
      expect((await client.request(get)).status).toBe(200);
      expect((await client.request({ ...post, idempotencyKey: "k" })).status).toBe(200);
    }
    const { client } = clientTo([broken.instance]);
    const before = broken.requests.length;
    await expect(client.request(post)).rejects.toEqual(causeOf("status_500"));
    expect(broken.requests.length - before).toBe(1);
  });

  it("sends a write elsewhere when it certainly was not done: nobody listens, or it was not the one meant", async () => {
    const gone = instanceAt(await closedPort(), "gone");
    const other = await peer(refusal(421, "MISDIRECTED_REQUEST"), "other");
    const whole = await peer(fine, "whole");
    for (let round = 0; round < 10; round += 1) {
      const { client } = clientTo([gone, other.instance, whole.instance]);
      expect((await client.request(post)).status).toBe(200);
    }
    expect(whole.requests).toHaveLength(10);
    const { client } = clientTo([gone]);
    await expect(client.request(post)).rejects.toEqual(causeOf("connect"));
    const misdirected = clientTo([other.instance]).client;
    await expect(misdirected.request(get)).rejects.toEqual(causeOf("status_421"));
  });

  it("repeats a read when a kept connection dies before the answer", async () => {
    let count = 0;
    const { instance } = await peer((request, response) => {
      count += 1;
      if (count === 2) request.socket.destroy();
      else fine(request, response);
    });
    const { client } = clientTo([instance]);
    await client.request(get);
    expect((await client.request(get)).status).toBe(200);
    expect(count).toBe(3);
    count = 1;
    await expect(client.request(post)).rejects.toEqual(causeOf("connect"));
  });

  it("does not retry what was retried further down", async () => {
    const { instance, requests } = await peer(refusal(503, "DEPENDENCY_FAILED"));
    const { client } = clientTo([instance]);
    await expect(client.request(get)).rejects.toEqual(causeOf("status_503"));
    expect(requests).toHaveLength(1);
  });

  it("does not shut out an instance for the failure of one that it needs", async () => {
    const { instance, requests } = await peer(refusal(503, "DEPENDENCY_FAILED"));
    const { client } = clientTo([instance]);
    for (let call = 1; call <= 10; call += 1) {
      await expect(client.request(get)).rejects.toEqual(causeOf("status_503"));
      expect(requests).toHaveLength(call);
    }
  });

  it("waits as long as a 429 asks for, and gives up where that is too long", async () => {
    let limited = true;
    let retryAfter = "1";
    const { instance, requests } = await peer((request, response) => {
      const handler = limited ? refusal(429, "RATE_LIMITED") : fine;
      if (limited) response.setHeader("retry-after", retryAfter);
      limited = false;
      handler(request, response);
    });
    const { client } = clientTo([instance]);
    const started = performance.now();
    expect((await client.request(get)).status).toBe(200);
    expect(performance.now() - started).toBeGreaterThan(950);
    limited = true;
    retryAfter = "60";
    const error = await client.request(get).catch((caught: unknown) => caught);
    expect(RateLimited.is(error)).toBe(true);
    expect(error).toMatchObject({ retryAfterSeconds: 60, retryable: true });
    expect(requests).toHaveLength(3);
  });

  it("asks at most 20 % more and three, however many calls fail", async () => {
    const { instance, requests } = await peer(refusal(503, "SERVICE_UNAVAILABLE"));
    const { client } = clientTo([instance], { breaker: { minimumCalls: 100_000 } });
    for (let call = 0; call < 50; call += 1) await client.request(get).catch(() => {});
    expect(requests.length).toBeLessThanOrEqual(50 * 1.2 + 3);
    expect(requests.length).toBeGreaterThan(55);
  });

  it("ends with the deadline of the work that asks, and says timeout", async () => {
    const { instance } = await peer(() => {});
    const { client } = clientTo([instance], { timeoutMs: 40_000, attemptTimeoutMs: 40_000 });
    const started = performance.now();
    await runInContext(withTimeout(newContext(), 150), async () => {
      await expect(client.request(get)).rejects.toEqual(causeOf("timeout"));
      // Not a moment sooner, but for the rounding of timers.
      expect(remainingMs()).toBeLessThan(10);
    });
    expect(performance.now() - started).toBeLessThan(8_000);
    const [attempted] = [
      await runInContext(withTimeout(newContext(), 0), () => client.request(get).catch((e: unknown) => e)),
    ];
    expect(attempted).toEqual(causeOf("timeout"));
  });

  it("stops for a caller that gives up, with the caller's reason", async () => {
    const { instance } = await peer(() => {});
    const { client } = clientTo([instance]);
    const controller = new AbortController();
    const asked = client.request({ ...get, signal: controller.signal });
    setTimeout(() => controller.abort(new Error("enough")), 20);
    await expect(asked).rejects.toThrow("enough");
    await expect(client.request({ ...get, signal: controller.signal })).rejects.toThrow("enough");
  });

  it("waits for the first list, and says no_instance when there is none", async () => {
    const { instance } = await peer(fine);
    const late = clientTo(undefined);
    setTimeout(() => late.registry.set([instance]), 50);
    expect((await late.client.request(get)).status).toBe(200);
    await expect(clientTo([]).client.request(get)).rejects.toEqual(causeOf("no_instance"));
    const never = clientTo(undefined, { timeoutMs: 60 });
    await expect(never.client.request(get)).rejects.toEqual(causeOf("no_instance"));
  });

  it("opens the breaker of a failing instance and shows it", async () => {
    const { instance, requests } = await peer(refusal(500, "INTERNAL_ERROR"), "sick");
    const { client } = clientTo([instance], { retry: { maxAttempts: 1 }, now: () => 0 });
    for (let call = 0; call < 3; call += 1) await expect(client.request(get)).rejects.toEqual(causeOf("status_500"));
    await expect(client.request(get)).rejects.toEqual(causeOf("breaker_open"));
    expect(requests).toHaveLength(3);
    expect(client.snapshot().instances).toEqual([
      expect.objectContaining({ instanceId: "sick", breaker: "open", inFlight: 0 }),
    ]);
  });

  it("bounds what is in flight, and a refusal here says nothing about the instance", async () => {
    const open: ServerResponse[] = [];
    const { instance } = await peer((_request, response) => open.push(response));
    const { client } = clientTo([instance], { maxInFlight: 2 });
    const waiting = [client.request(get), client.request(get)];
    while (open.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    for (let call = 0; call < 10; call += 1)
      await expect(client.request(get)).rejects.toEqual(causeOf("bulkhead_full"));
    expect(client.snapshot().instances[0]!.breaker).toBe("closed");
    for (const response of open) fine({ resume() {} } as IncomingMessage, response);
    for (const { status } of await Promise.all(waiting)) expect(status).toBe(200);
  });

  it.each([
    ["no JSON", (_: IncomingMessage, response: ServerResponse) => response.end("hello")],
    ["another shape", answer(200, { thing: 1 })],
    ["null", answer(200, null)],
    ["too much", (_: IncomingMessage, response: ServerResponse) => response.end(Buffer.alloc(50_000))],
  ] as [string, Handler][])("refuses an answer with %s", async (_what, handler) => {
    const { instance, requests } = await peer(handler);
    const { client } = clientTo([instance], { answerLimitBytes: 20_000 });
    const error = await client.request(get).catch((caught: unknown) => caught);
    expect(DependencyFailed.is(error)).toBe(true);
    expect(error).toEqual(causeOf("bad_answer"));
    expect(requests).toHaveLength(1);
  });

  it("forwards what came, without what belongs to one connection or to services alone", async () => {
    const { instance, requests } = await peer((request, response) => {
      const chunks: Buffer[] = [];
      request
        .on("data", (chunk) => chunks.push(chunk))
        .on("end", () => {
          response.writeHead(404, {
            "content-type": "text/plain",
            "keep-alive": "timeout=9",
            "x-kept": "yes",
            "x-named": "no",
            connection: "x-named",
          });
          response.end(Buffer.concat(chunks));
        });
    });
    const { client } = clientTo([instance]);
    const context = newContext({ user: { id: "cust_1", role: "customer" } });
    const forward = (request: ForwardRequest) => runInContext(context, () => client.forward(request));
    const result = await forward({
      method: "PUT",
      path: "/v1/things/a?b=c",
      headers: {
        Host: "outside",
        Connection: "close, X-Named",
        "X-Named": "1",
        "Transfer-Encoding": "chunked",
        "content-length": "99",
        "X-Weft-Target": "evil",
        "X-Service-Name": "evil",
        "X-User-Id": "evil",
        "X-User-Role": "admin",
        "X-Request-Id": "evil",
        Baggage: "evil=1",
        "Idempotency-Key": "key-1",
        "X-Kept": "1",
      },
      body: Buffer.from("body"),
    });
    expect([result.status, String(result.body), result.instance.instanceId]).toEqual([
      404,
      "body",
      instance.instanceId,
    ]);
    expect(result.headers).toMatchObject({ "content-type": "text/plain", "x-kept": "yes" });
    for (const name of ["connection", "keep-alive", "transfer-encoding", "x-named"])
      expect(result.headers).not.toHaveProperty(name);
    const { headers, url } = requests[0]!;
    expect(url).toBe("/v1/things/a?b=c");
    expect(headers).toMatchObject({
      "x-weft-target": `thing-service/${instance.instanceId}`,
      "x-service-name": "asking-service",
      "x-user-id": "cust_1",
      "x-user-role": "customer",
      "x-request-id": context.requestId,
      "idempotency-key": "key-1",
      "x-kept": "1",
      "content-length": "4",
    });
    expect(headers).not.toHaveProperty("baggage");
    expect(headers).not.toHaveProperty("x-named");
    expect(headers.host).not.toBe("outside");
  });

  it("forwards 5xx as answers after the retries", async () => {
    const { instance, requests } = await peer(refusal(500, "INTERNAL_ERROR"));
    const { client } = clientTo([instance], { breaker: { minimumCalls: 100 } });
    expect((await client.forward({ method: "GET", path: "/", headers: {} })).status).toBe(500);
    expect(requests.length).toBe(4);
    const none = instanceAt(await closedPort());
    await expect(clientTo([none]).client.forward({ method: "GET", path: "/", headers: {} })).rejects.toEqual(
      causeOf("connect"),
    );
  });

  it("speaks with our own server: the deadline crosses, the wrong one refuses", async () => {
    const server = httpServer(
      { log: silentLogger, identity: { name: "thing-service", version: "1", instanceId: "right" } },
      {
        addr: "127.0.0.1:0",
        routes: [
          {
            method: "GET",
            path: "/v1/things/{id}",
            summary: "",
            handle: async ({ context }) => ({ data: { caller: context.caller, leftMs: remainingMs(context) } }),
          },
        ],
      },
    );
    await server.start();
    server.setReady(true);
    cleanups.push(() => server.stop());
    const { port } = server.address();
    const { client } = clientTo([instanceAt(port, "right")]);
    const { data } = await client.request<{ caller: string; leftMs: number }>({ ...get, timeoutMs: 4_000 });
    expect(data.caller).toBe("asking-service");
    expect(data.leftMs).toBeLessThanOrEqual(4_000);
    await expect(clientTo([instanceAt(port, "wrong")]).client.request(get)).rejects.toEqual(causeOf("status_421"));
  });

  it("loses no request, not even a write, while the instances are replaced one after the other", async () => {
    const start = async (instanceId: string) => {
      const server = httpServer(
        { log: silentLogger, identity: { name: "thing-service", version: "1", instanceId } },
        {
          addr: "127.0.0.1:0",
          routes: [
            {
              method: "POST",
              path: "/v1/things",
              summary: "",
              body: { type: "object" },
              handle: () => new Promise((resolve) => setTimeout(resolve, 5, { status: 201, data: { instanceId } })),
            },
          ],
        },
      );
      await server.start();
      server.setReady(true);
      cleanups.push(() => server.stop());
      return { server, instance: instanceAt(server.address().port, instanceId) };
    };
    let serving = [await start("a-1"), await start("b-1")];
    const { client, registry } = clientTo(serving.map(({ instance }) => instance));
    const answeredBy = new Set<string>();
    const failures: unknown[] = [];
    let isOver = false;
    const turns = Array.from({ length: 20 }, () => 0);
    const callers = turns.map(async (_, caller) => {
      while (!isOver) {
        turns[caller]! += 1;
        await client.request<{ instanceId: string }>(post).then(
          ({ data }) => answeredBy.add(data.instanceId),
          (error: unknown) => failures.push(error),
        );
      }
    });
    for (const successor of ["a-2", "b-2", "a-3", "b-3"]) {
      const next = await start(successor);
      const [leaving, staying] = serving as [(typeof serving)[0], (typeof serving)[0]];
      serving = [staying, next];
      registry.set(serving.map(({ instance }) => instance));
      leaving.server.beginDraining();
      // What was on its way to it has arrived when each caller has begun another one since.
      const before = [...turns];
      while (turns.some((count, caller) => count <= before[caller]!))
        await new Promise((resolve) => setTimeout(resolve, 5));
      expect(await leaving.server.drain()).toBe(0);
    }
    isOver = true;
    await Promise.all(callers);
    expect(failures).toEqual([]);
    expect(answeredBy.size).toBeGreaterThanOrEqual(5);
  });

  const cyclic: Record<string, unknown> = {};
  cyclic.self = cyclic;
  it.each([
    ["a path with a blank", { path: "/v1/things/a b" }, "REQUEST_NOT_SENDABLE"],
    ["a path with a letter above U+00FF", { path: "/v1/things/Ā" }, "REQUEST_NOT_SENDABLE"],
    ["a path with a letter above U+007F", { path: "/v1/things/ä" }, "REQUEST_NOT_SENDABLE"],
    ["a path with a line break", { path: "/v1/things/a\r\nX-User-Role: admin" }, "REQUEST_NOT_SENDABLE"],
    ["a path in absolute form", { path: "http://127.0.0.1/v1/things" }, "REQUEST_NOT_SENDABLE"],
    ["a path that names a host", { path: "//127.0.0.1/v1/things" }, "REQUEST_NOT_SENDABLE"],
    ["a path with a fragment", { path: "/v1/things/a#b" }, "REQUEST_NOT_SENDABLE"],
    ["a path with a dot segment", { path: "/v1/things/.." }, "REQUEST_NOT_SENDABLE"],
    ["a path with an escaped dot segment", { path: "/v1/things/%2E." }, "REQUEST_NOT_SENDABLE"],
    ["an empty path", { path: "" }, "REQUEST_NOT_SENDABLE"],
    ["a bound that is no number", { timeoutMs: Number.NaN }, "REQUEST_NOT_SENDABLE"],
    ["a bound that a timer cannot wait", { timeoutMs: 3e9 }, "REQUEST_NOT_SENDABLE"],
    ["an Idempotency-Key with a letter above U+00FF", { idempotencyKey: "Ā" }, "REQUEST_NOT_SENDABLE"],
    ["an Idempotency-Key with a line break", { idempotencyKey: "a\r\nb: c" }, "REQUEST_NOT_SENDABLE"],
    ["a body with a BigInt", { body: { id: 1n } }, "REQUEST_NOT_ENCODABLE"],
    ["a body with a cycle", { body: cyclic }, "REQUEST_NOT_ENCODABLE"],
    ["a body that JSON has no form for", { body: () => {} }, "REQUEST_NOT_ENCODABLE"],
  ] as const)("refuses %s as its caller's fault, before anybody is asked", async (_what, wrong, code) => {
    const { instance, requests } = await peer(fine);
    const { client } = clientTo([instance], { maxInFlight: 1, retry: { maxAttempts: 3, baseMs: 60_000 } });
    for (let call = 0; call < 10; call += 1) {
      const error = await client.request({ ...post, ...wrong }).catch((caught: unknown) => caught);
      expect(mayPass(error)).toBe(false);
      expect(error).toMatchObject({
        code,
        retryable: false,
        kind: code === "REQUEST_NOT_SENDABLE" ? "invalid" : "bug",
      });
    }
    expect(requests).toHaveLength(0);
    expect(client.snapshot().instances[0]).toMatchObject({ breaker: "closed", inFlight: 0 });
    expect((await client.request(get)).status).toBe(200);
  });

  it("refuses a user whom headers cannot carry as its caller's fault", async () => {
    const { instance, requests } = await peer(fine);
    const { client } = clientTo([instance]);
    const context = newContext({ user: { id: "Łukasz", role: "customer" } });
    for (let call = 0; call < 5; call += 1) {
      await expect(runInContext(context, () => client.request(get))).rejects.toMatchObject({
        code: "REQUEST_NOT_SENDABLE",
        message: expect.stringContaining("x-user-id"),
      });
    }
    expect(requests).toHaveLength(0);
    expect(client.snapshot().instances[0]!.breaker).toBe("closed");
  });

  it("leaves out baggage and trace state that headers cannot carry, and sends the rest", async () => {
    const { instance, requests } = await peer(fine);
    const { client } = clientTo([instance]);
    const context = newContext({ baggage: "city=Łódź", user: { id: "cust_1", role: "customer" } });
    expect((await runInContext(context, () => client.request(get))).status).toBe(200);
    expect(requests[0]!.headers).toMatchObject({ "x-user-id": "cust_1" });
    expect(requests[0]!.headers.baggage).toBeUndefined();
  });

  it.each([
    ["a method that is none", { method: "GE T" }],
    ["a header with a line break", { headers: { "x-a": "a\nb" } }],
    ["a header whose name is none", { headers: { "x a": "b" } }],
    ["a path with a backslash", { path: "/v1\\things" }],
  ])("refuses to forward %s as its caller's fault", async (_what, wrong) => {
    const { instance, requests } = await peer(fine);
    const { client } = clientTo([instance]);
    const asked = { method: "GET", path: "/v1/things", headers: {}, ...wrong } as ForwardRequest;
    for (let call = 0; call < 5; call += 1)
      await expect(client.forward(asked)).rejects.toMatchObject({ code: "REQUEST_NOT_SENDABLE" });
    expect(requests).toHaveLength(0);
    expect(client.snapshot().instances[0]!.breaker).toBe("closed");
  });

  it("blames nobody for a shared resource that is away, and passes on when to come again", async () => {
    const away = answer(
      503,
      {
        success: false,
        error: { code: "SERVICE_UNAVAILABLE", message: "no", details: { cause: "resource" } },
        meta: {},
      },
      { "retry-after": "7" },
    );
    const { instance, requests } = await peer(away);
    const { client } = clientTo([instance], { retry: { maxAttempts: 1 } });
    for (let call = 0; call < 20; call += 1)
      await expect(client.request(get)).rejects.toMatchObject({
        code: "DEPENDENCY_FAILED",
        details: { cause: "status_503" },
        retryAfterSeconds: 7,
      });
    expect(requests).toHaveLength(20);
    expect(client.snapshot().instances[0]!.breaker).toBe("closed");
  });

  it.each([
    ["an address", "127.0.0.1"],
    ["a name that leads to one", "localhost"],
    ["the address of a cloud's metadata service", "169.254.169.254"],
    ["that address written as one of IPv6", "::ffff:a9fe:a9fe"],
  ])("connects to no instance outside the networks that are allowed, which is known by %s", async (_what, host) => {
    const warnings: unknown[] = [];
    const log = { ...silentLogger, warn: (fields: unknown) => warnings.push(fields) } as unknown as Logger;
    const { instance, server } = await peer(fine, "outside");
    let connections = 0;
    server.on("connection", () => {
      connections += 1;
    });
    const registry = staticRegistry("thing-service", [{ ...instance, host }], networksOf(["10.0.0.0/8"]));
    const client = httpClient(
      { registry, log, identity },
      { service: "thing-service", retry: { maxAttempts: 2, baseMs: 1, maxMs: 5 } },
    );
    cleanups.push(() => client.close());
    for (let call = 0; call < 5; call += 1) await expect(client.request(get)).rejects.toEqual(causeOf("no_instance"));
    expect(connections).toBe(0);
    expect(warnings).toEqual([expect.objectContaining({ instanceId: "outside", host })]);
    expect(client.snapshot().instances).toEqual([]);
  });

  it("asks the instances inside the networks that are allowed, also by name, and spares the others", async () => {
    const inside = await peer(fine, "inside");
    const outside = await peer(fine, "outside");
    const known = [
      { ...inside.instance, host: "localhost" },
      { ...outside.instance, host: "127.0.0.2" },
    ];
    const registry = staticRegistry("thing-service", known, networksOf(["127.0.0.1", "::1"]));
    const client = httpClient({ registry, log: silentLogger, identity }, { service: "thing-service" });
    cleanups.push(() => client.close());
    for (let call = 0; call < 10; call += 1) expect((await client.request(get)).status).toBe(200);
    expect(inside.requests).toHaveLength(10);
    expect(outside.requests).toHaveLength(0);
  });

  it("names every bad option", () => {
    const wrong = {
      service: "a b",
      timeoutMs: 0,
      attemptTimeoutMs: 3e9,
      breaker: { openMs: 3e9 },
      retry: { maxMs: 2 ** 31 },
    };
    let error: unknown;
    try {
      clientTo([], wrong);
    } catch (caught) {
      error = caught;
    }
    const range = "must be a whole number from 1 to 2147483647";
    expect(error).toMatchObject({
      code: "OPTIONS_INVALID",
      details: {
        field_errors: {
          service: "must be the name of a service",
          timeoutMs: range,
          attemptTimeoutMs: range,
          "breaker.openMs": range,
          "retry.maxMs": "must be a whole number from 0 to 2147483647",
        },
      },
    });
    expect(() => clientTo([], { timeoutMs: undefined, breaker: { openMs: undefined } })).not.toThrow();
  });
});
