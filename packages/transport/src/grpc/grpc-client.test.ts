import { connect, createServer as createTcpServer, type Socket } from "node:net";
import { Metadata, Server, ServerCredentials } from "@grpc/grpc-js";
import { afterEach, describe, expect, it } from "@jest/globals";
import {
  type CallContext,
  Conflict,
  DependencyFailed,
  defineError,
  newContext,
  RateLimited,
  remainingMs,
  runInContext,
  type ServiceIdentity,
  ServiceUnavailable,
  silentLogger,
  WeftError,
  withTimeout,
} from "@weft/core";
import { networksOf, type ServiceInstance } from "@weft/discovery";
import { identity as served } from "../testing/serve.ts";
import {
  InventoryServiceDefinition,
  question,
  serveGrpc,
  stockOf,
  stockService,
  stopGrpc,
} from "../testing/serve-grpc.ts";
import { staticRegistry } from "../testing/static-registry.ts";
import { type GrpcClientOptions, grpcClient } from "./grpc-client.ts";
import type { GrpcServerOptions } from "./server.ts";

const identity: ServiceIdentity = { name: "asking-service", version: "2.0.0", instanceId: "asking-1" };
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  await stopGrpc();
});

type Definition = typeof InventoryServiceDefinition;
type Handle = Parameters<typeof stockService>[0];
const StockNotFound = defineError<void>({ code: "STOCK_NOT_FOUND", kind: "not-found", message: () => "none" });

function instanceOn(grpcPort: number | undefined, instanceId: string = served.instanceId): ServiceInstance {
  const where = { host: "127.0.0.1", port: 1, ...(grpcPort === undefined ? {} : { grpcPort }) };
  return { service: served.name, instanceId, ...where, version: "1.0.0", tags: [], metadata: {}, createIndex: 1 };
}

/** A server of ours, as the registry shows it. */
async function peer(handle: Handle, instanceId = "thing-1", options: Partial<GrpcServerOptions> = {}) {
  const services = [stockService(handle, { errors: ["STOCK_NOT_FOUND", "INSUFFICIENT_STOCK"] })];
  const { server } = await serveGrpc(handle, { services, ...options }, { identity: { ...served, instanceId } });
  return { instance: instanceOn(server.address().port, instanceId), server };
}

/** A server of somebody else: the status is the test's. */
async function stranger(code: number, details = "no") {
  let calls = 0;
  const server = new Server();
  const same = (bytes: Buffer) => bytes;
  const method = {
    ...{ path: "/inventory.v1.InventoryService/CheckStock", requestStream: false, responseStream: false },
    ...{ requestSerialize: same, requestDeserialize: same, responseSerialize: same, responseDeserialize: same },
  };
  server.addService(
    { CheckStock: method },
    {
      CheckStock: (_call: unknown, answer: (error: object | null, bytes?: Buffer) => void) => {
        calls += 1;
        if (code === 0) answer(null, Buffer.from(details));
        else answer({ code, details, metadata: new Metadata() });
      },
    },
  );
  const port = await new Promise<number>((done) =>
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (_error, bound) => done(bound)),
  );
  cleanups.push(() => server.forceShutdown());
  return { instance: instanceOn(port), calls: () => calls };
}

/** Stands between client and server; `swallow` stops all bytes and says nothing, as a broken network does. */
async function proxyTo(port: number) {
  const sockets = new Set<Socket>();
  let isSwallowing = false;
  let connections = 0;
  const server = createTcpServer((inside) => {
    connections += 1;
    const outside = connect(port, "127.0.0.1");
    for (const [from, to] of [
      [inside, outside],
      [outside, inside],
    ] as const) {
      sockets.add(from);
      from.on("error", () => {});
      from.on("close", () => to.destroy());
      from.on("data", (bytes) => isSwallowing || to.write(bytes));
    }
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return {
    port: (server.address() as { port: number }).port,
    connections: () => connections,
    swallow: (now: boolean) => {
      isSwallowing = now;
    },
    cut: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}

async function closedPort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as { port: number };
  await new Promise((done) => server.close(done));
  return port;
}

function clientTo(instances: ServiceInstance[] | undefined, options: Partial<GrpcClientOptions<Definition>> = {}) {
  const registry = staticRegistry(served.name, instances);
  const client = grpcClient(
    { registry, log: silentLogger, identity },
    {
      target: `discovery:///${served.name}`,
      definition: InventoryServiceDefinition,
      retry: { baseMs: 1, maxMs: 5 },
      ...options,
    },
  );
  cleanups.push(() => client.close());
  return { client, registry };
}

const fine: Handle = async ({ request }) => stockOf(request.productId);
const throwing =
  (error: unknown): Handle =>
  async () => {
    throw error;
  };
const causeOf = (cause: string) =>
  expect.objectContaining({ code: "DEPENDENCY_FAILED", details: expect.objectContaining({ cause }) });

describe("gRPC client", () => {
  it("gets an answer, and says whose request it is, who asks, who is meant and how long there is", async () => {
    const seen: CallContext[] = [];
    const { instance } = await peer(async ({ request, context }) => {
      seen.push(context);
      return stockOf(request.productId);
    });
    const { client } = clientTo([instance], { attemptTimeoutMs: 4_000 });
    expect(client.service).toBe("thing-service");
    const user = { id: "cust_1", role: "customer" };
    const context = newContext({ requestId: "req-1", correlationId: "cor-1", user, baggage: "tënant=1" });
    expect(await runInContext(context, () => client.call("checkStock", question))).toEqual(stockOf("prod_1"));
    expect(seen[0]).toMatchObject({ requestId: "req-1", correlationId: "cor-1", user, caller: "asking-service" });
    expect(seen[0]!.trace.traceId).toBe(context.trace.traceId);
    expect(remainingMs(seen[0])).toBeLessThanOrEqual(4_000);
  });

  it("hands on what remains of its own deadline, and no more", async () => {
    const left: number[] = [];
    const { instance } = await peer(async ({ context }) => {
      left.push(remainingMs(context)!);
      return stockOf("a");
    });
    const { client } = clientTo([instance]);
    await runInContext(withTimeout(newContext(), 3_000), () => client.call("checkStock", question));
    expect(left[0]).toBeLessThanOrEqual(3_000);
    expect(left[0]).toBeGreaterThan(0);
  });

  it("throws the error that the service threw, with kind and details", async () => {
    const details = { product_ids: ["prod_1"] };
    const short = new WeftError({ code: "INSUFFICIENT_STOCK", kind: "conflict", message: "short", details });
    const errors = [new StockNotFound(), new Conflict({ message: "no" }), short];
    for (const error of errors) {
      const { instance } = await peer(throwing(error));
      const { client } = clientTo([instance]);
      await expect(client.call("checkStock", question, { isRepeatable: true })).rejects.toMatchObject({
        ...{ code: error.code, kind: error.kind, message: error.message, details: error.details },
      });
    }
    const { instance } = await peer(throwing(new StockNotFound()));
    const { client } = clientTo([instance]);
    const error = await client.call("checkStock", question).catch((thrown) => thrown);
    expect(StockNotFound.is(error)).toBe(true);
  });

  it("calls everything else a failed dependency, with its cause", async () => {
    const once = { retry: { maxAttempts: 1 } };
    const outcomeOf = async (instances: ServiceInstance[], options = {}) =>
      clientTo(instances, { ...once, ...options })
        .client.call("checkStock", question, { timeoutMs: 20_000 })
        .catch((e) => e);
    expect(await outcomeOf([])).toEqual(causeOf("no_instance"));
    expect(await outcomeOf([instanceOn(undefined)])).toEqual(causeOf("no_instance"));
    expect(await outcomeOf([instanceOn(await closedPort())])).toEqual(causeOf("connect"));
    const stuck = await peer(() => new Promise<never>(() => {}), "thing-1", { drainTimeoutMs: 10 });
    expect(await outcomeOf([stuck.instance], { attemptTimeoutMs: 400 })).toEqual(causeOf("timeout"));
    expect(await outcomeOf([(await peer(throwing(new Error("boom")))).instance])).toEqual(causeOf("status_13"));
    const failed = new DependencyFailed({ service: "next", operation: "x", cause: "timeout" });
    expect(await outcomeOf([(await peer(throwing(failed))).instance])).toEqual(causeOf("status_14"));
    expect(await outcomeOf([(await stranger(0, "no message")).instance])).toEqual(causeOf("bad_answer"));
    const big = await stranger(0, "x".repeat(5000));
    expect(await outcomeOf([big.instance], { answerLimitBytes: 1000 })).toEqual(causeOf("bad_answer"));
    const unknown = await outcomeOf([(await stranger(77)).instance]);
    expect(unknown).toEqual(causeOf("status_13"));
    expect(unknown.cause).toMatchObject({ code: "INTERNAL_ERROR" });
    expect((await outcomeOf([(await stranger(5)).instance])).code).toBe("NOT_FOUND");
  });

  it("asks another instance when one is away, misdirected or draining, also with a write: nothing was done there", async () => {
    const { instance } = await peer(fine, "thing-1");
    const away = instanceOn(await closedPort(), "thing-2");
    const impostor = await peer(fine, "thing-9");
    const misdirected = { ...impostor.instance, instanceId: "thing-3" };
    for (const bad of [away, misdirected]) {
      const { client } = clientTo([bad, instance], { picker: { strategy: "round-robin" } });
      for (let round = 0; round < 2; round += 1) {
        expect(await client.call("checkStock", question)).toEqual(stockOf("prod_1"));
      }
    }
  });

  it("repeats a read elsewhere after a failure there, and a write never, unless it is repeatable", async () => {
    let failures = 0;
    const failing: Handle = async () => {
      failures += 1;
      throw new ServiceUnavailable({});
    };
    const [bad, good] = [await peer(failing, "thing-1"), await peer(fine, "thing-2")];
    const ask = (isRepeatable: boolean) =>
      clientTo([bad.instance, good.instance], {
        picker: { strategy: "round-robin" },
        // What the service asks for (one second) would be longer than the test has.
        retry: { baseMs: 1, maxMs: 5 },
      }).client.call("checkStock", question, { isRepeatable, timeoutMs: 5000 });
    expect(await ask(true)).toEqual(stockOf("prod_1"));
    expect(failures).toBe(1);
    await expect(ask(false)).rejects.toEqual(causeOf("status_14"));
    expect(failures).toBe(2);
  });

  it("does not repeat what would be the same again, nor what was retried further down", async () => {
    for (const error of [
      new Conflict({ message: "no" }),
      new DependencyFailed({ service: "n", operation: "o", cause: "timeout" }),
    ]) {
      let calls = 0;
      const { instance } = await peer(async () => {
        calls += 1;
        throw error;
      });
      await expect(clientTo([instance]).client.call("checkStock", question, { isRepeatable: true })).rejects.toThrow();
      expect(calls).toBe(1);
    }
  });

  it("waits as long as it is asked to", async () => {
    const times: number[] = [];
    const { instance } = await peer(async () => {
      times.push(performance.now());
      if (times.length === 1) throw new RateLimited(undefined, { retryAfterSeconds: 0.2 });
      return stockOf("prod_1");
    });
    await clientTo([instance]).client.call("checkStock", question, { isRepeatable: true });
    expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(195);
  });

  it("opens the breaker of an instance that fails, and asks it no more", async () => {
    const { instance, calls } = await stranger(13);
    const { client } = clientTo([instance], { retry: { maxAttempts: 1 }, now: () => 0 });
    const ask = () => client.call("checkStock", question).catch((error) => error);
    for (let call = 0; call < 3; call += 1) expect(await ask()).toEqual(causeOf("status_13"));
    expect(await ask()).toEqual(causeOf("breaker_open"));
    expect(calls()).toBe(3);
    expect(client.snapshot().instances[0]).toMatchObject({
      breaker: "open",
      address: `127.0.0.1:${instance.grpcPort}`,
    });
  });

  it("refuses a message that cannot be encoded, and a user whom metadata cannot carry, before anybody is asked", async () => {
    let calls = 0;
    const { instance } = await peer(async () => {
      calls += 1;
      return stockOf("prod_1");
    });
    const { client } = clientTo([instance], { maxInFlight: 1 });
    const wrong = { ...question, quantity: "many" as unknown as number };
    const context = newContext({ user: { id: "Łukasz", role: "customer" } });
    for (let call = 0; call < 5; call += 1) {
      await expect(client.call("checkStock", wrong)).rejects.toMatchObject({
        code: "REQUEST_NOT_ENCODABLE",
        kind: "bug",
        retryable: false,
      });
      await expect(runInContext(context, () => client.call("checkStock", question))).rejects.toMatchObject({
        code: "REQUEST_NOT_SENDABLE",
        kind: "invalid",
        retryable: false,
      });
    }
    expect(calls).toBe(0);
    expect(client.snapshot().instances[0]).toMatchObject({ breaker: "closed", inFlight: 0 });
  });

  it("blames nobody for a shared resource that is away", async () => {
    const away = new WeftError({ code: "DATABASE_AWAY", kind: "resource", message: "no", retryAfterSeconds: 7 });
    const { instance } = await peer(throwing(away));
    const { client } = clientTo([instance], { retry: { maxAttempts: 1 } });
    for (let call = 0; call < 10; call += 1) {
      await expect(client.call("checkStock", question)).rejects.toMatchObject({
        code: "DEPENDENCY_FAILED",
        details: { cause: "status_14" },
        retryAfterSeconds: 7,
      });
    }
    expect(client.snapshot().instances[0]!.breaker).toBe("closed");
  });

  it("leaves the breaker alone when the request is to blame", async () => {
    const { instance } = await peer(throwing(new StockNotFound()));
    const { client } = clientTo([instance]);
    for (let call = 0; call < 6; call += 1) {
      await expect(client.call("checkStock", question)).rejects.toMatchObject({ code: "STOCK_NOT_FOUND" });
    }
    expect(client.snapshot().instances[0]!.breaker).toBe("closed");
  });

  it("cancels one call and no other", async () => {
    const begun = Promise.withResolvers<void>();
    const held = Promise.withResolvers<void>();
    let calls = 0;
    const { instance } = await peer(async () => {
      calls += 1;
      if (calls === 2) begun.resolve();
      await held.promise;
      return stockOf("prod_1");
    });
    const { client } = clientTo([instance]);
    const controller = new AbortController();
    const cancelled = client.call("checkStock", question, { signal: controller.signal });
    const kept = client.call("checkStock", question);
    await begun.promise;
    controller.abort(new Error("changed my mind"));
    await expect(cancelled).rejects.toThrow("changed my mind");
    held.resolve();
    expect(await kept).toEqual(stockOf("prod_1"));
    expect(client.snapshot().instances[0]).toMatchObject({ inFlight: 0, breaker: "closed" });
  });

  it("goes to the new instance when one is replaced, and lets calls to the old one end", async () => {
    const [begun, held] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const old = await peer(async () => {
      begun.resolve();
      await held.promise;
      return stockOf("old");
    }, "thing-1");
    const next = await peer(async () => stockOf("new"), "thing-2");
    const { client, registry } = clientTo([old.instance]);
    const slow = client.call("checkStock", question);
    await begun.promise;
    registry.set([next.instance]);
    expect(await client.call("checkStock", question)).toMatchObject({ productId: "new" });
    held.resolve();
    expect(await slow).toMatchObject({ productId: "old" });
    // Its connection is closed by then, so that nothing has to be cut.
    expect(await old.server.drain()).toBe(0);
  });

  it("loses no call while a server drains, not even a write", async () => {
    const [first, second] = [await peer(fine, "thing-1"), await peer(fine, "thing-2")];
    const { client } = clientTo([first.instance, second.instance]);
    let isDrained = false;
    const asking = Array.from({ length: 16 }, async () => {
      let answered = 0;
      for (; !isDrained || answered < 20; answered += 1) await client.call("checkStock", question);
      return answered;
    });
    await client.call("checkStock", question);
    await first.server.drain();
    isDrained = true;
    for (const answered of asking) expect(await answered).toBeGreaterThan(0);
  });

  it("connects anew after a lost connection", async () => {
    const { instance } = await peer(fine);
    const proxy = await proxyTo(instance.grpcPort!);
    const { client } = clientTo([{ ...instance, grpcPort: proxy.port }]);
    await client.call("checkStock", question);
    proxy.cut();
    expect(await client.call("checkStock", question, { isRepeatable: true })).toEqual(stockOf("prod_1"));
    expect(proxy.connections()).toBe(2);
  });

  it("does not trust a connection on which a call got no answer: the next one is on another", async () => {
    const { instance } = await peer(fine);
    const proxy = await proxyTo(instance.grpcPort!);
    const bounds = { attemptTimeoutMs: 1_500, connectTimeoutMs: 1_000 };
    const options = { ...bounds, retry: { maxAttempts: 1 }, breaker: { minimumCalls: 10 } };
    const { client } = clientTo([{ ...instance, grpcPort: proxy.port }], options);
    await client.call("checkStock", question);
    proxy.swallow(true);
    await expect(client.call("checkStock", question)).rejects.toEqual(causeOf("timeout"));
    await expect(client.call("checkStock", question)).rejects.toEqual(causeOf("connect"));
    proxy.swallow(false);
    expect(await client.call("checkStock", question)).toEqual(stockOf("prod_1"));
    expect(proxy.connections()).toBe(3);
  });

  it("keeps one connection for many calls", async () => {
    const { instance } = await peer(fine);
    const proxy = await proxyTo(instance.grpcPort!);
    const { client } = clientTo([{ ...instance, grpcPort: proxy.port }]);
    await Promise.all(Array.from({ length: 20 }, () => client.call("checkStock", question)));
    await client.call("checkStock", question);
    expect(proxy.connections()).toBe(1);
  });

  it.each(["127.0.0.1", "localhost"])(
    "connects to no instance outside the networks that are allowed: %s",
    async (host) => {
      const { instance } = await peer(fine);
      const proxy = await proxyTo(instance.grpcPort!);
      const known = [{ ...instance, host, grpcPort: proxy.port }];
      const target = `discovery:///${served.name}`;
      const ask = async (networks: string[]) => {
        const registry = staticRegistry(served.name, known, networksOf(networks));
        const client = grpcClient(
          { registry, log: silentLogger, identity },
          { target, definition: InventoryServiceDefinition, retry: { maxAttempts: 2, baseMs: 1, maxMs: 5 } },
        );
        cleanups.push(() => client.close());
        return client.call("checkStock", question);
      };
      await expect(ask(["10.0.0.0/8"])).rejects.toEqual(causeOf("no_instance"));
      expect(proxy.connections()).toBe(0);
      expect(await ask(["loopback"])).toEqual(stockOf("prod_1"));
    },
  );

  it("says what is wrong with its options", () => {
    expect(() =>
      clientTo([], { target: "dns:///x", timeoutMs: 0, connectTimeoutMs: 3e9, picker: { memoryMs: 3e9 } }),
    ).toThrow(
      "grpcClient: timeoutMs must be a whole number from 1 to 2147483647; target must be discovery:/// and the name of a service; connectTimeoutMs must be a whole number from 1 to 2147483647; picker.memoryMs must be a whole number from 1 to 2147483647",
    );
  });
});
