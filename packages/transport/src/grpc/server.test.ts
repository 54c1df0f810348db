import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Client, credentials, Server, ServerCredentials, type ServiceError } from "@grpc/grpc-js";
import { loadFileDescriptorSetFromBuffer, loadSync } from "@grpc/proto-loader";
import { afterEach, describe, expect, it } from "@jest/globals";
import { inventoryV1 } from "@weft/contracts/grpc";
import {
  type CallContext,
  currentContext,
  type Logger,
  type Metrics,
  NotFound,
  noMetrics,
  remainingMs,
  silentLogger,
  WeftError,
} from "@weft/core";
import type { HealthReport } from "../server/health.ts";
import { identity } from "../testing/serve.ts";
import { plainCaller, question, serveGrpc, stockOf, stockService, stopGrpc } from "../testing/serve-grpc.ts";
import { grpcHealth } from "./health.ts";
import { grpcServer } from "./server.ts";
import { grpcService } from "./service.ts";
import { decodeStatus, grpcCodes } from "./status.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) cleanup();
  await stopGrpc();
});

const fine = async ({ request }: { request: inventoryV1.CheckStockRequest }) => stockOf(request.productId);

/** What the call failed with, as gRPC code and as the error that a client of ours would throw. */
async function failureOf(answer: Promise<unknown>) {
  const failure = await answer.then(
    () => undefined,
    (error: ServiceError) => error,
  );
  if (!failure) throw new Error("the call was answered");
  const [details] = failure.metadata.get("grpc-status-details-bin");
  const { error, hasInfo } = decodeStatus(failure.code, failure.details, details as Buffer | undefined);
  return { grpc: failure.code, hasInfo, code: error.code, message: error.message, details: error.details, failure };
}

describe("gRPC server", () => {
  it("answers, with the context that came in and the request id back", async () => {
    const seen: CallContext[] = [];
    const { address } = await serveGrpc(async ({ request, context }) => {
      seen.push(context);
      expect(currentContext()).toBe(context);
      return stockOf(request.productId);
    });
    const headers = {
      ...{ "x-request-id": "req-1", "x-weft-correlation-id": "cor-1", "x-service-name": "shipping-service" },
      ...{ "x-weft-target": "thing-service/thing-1", "x-user-id": "cust_1", "x-user-role": "customer" },
      ...{ traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01`, baggage: "k=v", "idempotency-key": "key-1" },
    };
    const asked = plainCaller(address).ask(question, headers, { deadline: Date.now() + 9_000 });
    const initial = new Promise((resolve) => asked.call.once("metadata", (metadata) => resolve(metadata.getMap())));
    expect(await asked).toEqual(stockOf("prod_1"));
    expect(await initial).toMatchObject({ "x-request-id": "req-1" });
    const [context] = seen;
    expect(context).toMatchObject({
      ...{ requestId: "req-1", correlationId: "cor-1", caller: "shipping-service", baggage: "k=v" },
      ...{ user: { id: "cust_1", role: "customer" }, idempotencyKey: "key-1", trace: { traceId: "a".repeat(32) } },
    });
    expect(remainingMs(context)).toBeLessThanOrEqual(9_000);
  });

  it("is bounded by its own time where the caller gives more, and by the method's where that has one", async () => {
    const left: number[] = [];
    const handle = async ({ context }: { context: CallContext }) => {
      left.push(remainingMs(context)!);
      return stockOf("prod_1");
    };
    const general = await serveGrpc(handle, { timeoutMs: 4_000 });
    const own = await serveGrpc(handle, { services: [stockService(handle, { timeoutMs: 1_500 })] });
    for (const { address } of [general, own]) await plainCaller(address).ask(question);
    expect(left[0]).toBeGreaterThan(1_500);
    expect(left[0]).toBeLessThanOrEqual(4_000);
    expect(left[1]).toBeLessThanOrEqual(1_500);
  });

  it("refuses an expired deadline at once, and ends what takes too long with TIMEOUT", async () => {
    let called = 0;
    const never = async () => {
      called += 1;
      return new Promise<never>(() => {});
    };
    const { address } = await serveGrpc(never, { timeoutMs: 500 });
    const { ask } = plainCaller(address);
    expect(await failureOf(ask(question, {}, { deadline: Date.now() - 1 }))).toMatchObject({
      grpc: grpcCodes.DEADLINE_EXCEEDED,
    });
    expect(called).toBe(0);
    expect(await failureOf(ask(question))).toMatchObject({ grpc: grpcCodes.DEADLINE_EXCEEDED, code: "TIMEOUT" });
    expect(called).toBe(1);
  });

  it("refuses what its schema refuses, by the fields' names in the proto", async () => {
    const { address } = await serveGrpc(fine);
    const { ask } = plainCaller(address);
    const missing = await failureOf(ask({ quantity: -1 }));
    expect(missing).toMatchObject({ grpc: grpcCodes.INVALID_ARGUMENT, code: "VALIDATION_ERROR" });
    expect(Object.keys(missing.details!.field_errors as object).sort()).toEqual([
      "product_id",
      "quantity",
      "warehouse_id",
    ]);
    const { encode } = inventoryV1.ReserveStockRequest;
    const items = [{ productId: "", quantity: 1 }];
    const reservation = encode({ reservationId: "res_1", orderId: "o_1", warehouseId: "wh_1", items }).finish();
    const deep = await failureOf(ask(Buffer.from(reservation), {}, { method: "ReserveStock" }));
    expect(Object.keys(deep.details!.field_errors as object)).toEqual(["items.0.product_id"]);
    expect(await failureOf(ask({ ...question, productId: "a\0b" }))).toMatchObject({
      details: { field_errors: { product_id: "must not contain NUL" } },
    });
    expect(await failureOf(ask(Buffer.from("no protobuf at all")))).toMatchObject({
      ...{ grpc: grpcCodes.INVALID_ARGUMENT, code: "BAD_REQUEST", message: "the message cannot be decoded" },
    });
  });

  it("gives callers the errors that the method declares, with details, and of others only the common one", async () => {
    const errors: Record<string, WeftError | Error> = {
      declared: new WeftError({ code: "STOCK_NOT_FOUND", kind: "not-found", message: "none", details: { at: "wh_1" } }),
      common: new NotFound({ what: "it" }),
      hidden: new WeftError({ code: "COMMIT_UNKNOWN", kind: "unavailable", message: "10.0.0.1" }),
      unknown: new Error("10.0.0.1: password"),
      bug: new TypeError("10.0.0.1 is not a function"),
      declaredBug: new WeftError({ code: "PARAMETER_REFUSED", kind: "bug", message: "10.0.0.1" }),
    };
    const handle = async ({ request }: { request: inventoryV1.CheckStockRequest }): Promise<never> => {
      throw errors[request.productId]!;
    };
    const lines: unknown[] = [];
    const log: Logger = { ...silentLogger, error: (line: unknown) => lines.push(line) } as Logger;
    const services = [stockService(handle, { errors: ["STOCK_NOT_FOUND"] })];
    const { address } = await serveGrpc(handle, { services }, { log });
    const { ask } = plainCaller(address);
    const gets = async (productId: string) => failureOf(ask({ ...question, productId }));
    expect(await gets("declared")).toMatchObject({ grpc: 5, code: "STOCK_NOT_FOUND", details: { at: "wh_1" } });
    expect(await gets("common")).toMatchObject({ grpc: 5, code: "NOT_FOUND" });
    expect(await gets("hidden")).toMatchObject({ grpc: 14, code: "SERVICE_UNAVAILABLE" });
    const unknown = await gets("unknown");
    expect(unknown).toMatchObject({ grpc: 13, code: "INTERNAL_ERROR" });
    expect(JSON.stringify([unknown.failure.details, unknown.failure.metadata.toJSON()])).not.toMatch(
      /10\.0\.0\.1|password/,
    );
    for (const name of ["bug", "declaredBug"])
      expect(await gets(name)).toMatchObject({ grpc: 13, code: "INTERNAL_ERROR" });
    const method = "inventory.v1.InventoryService/CheckStock";
    expect(lines).toEqual([errors.unknown, errors.bug, errors.declaredBug].map((err) => ({ err, method })));
  });

  it("logs and measures each call by its method and status", async () => {
    const lines: unknown[] = [];
    const seen: unknown[] = [];
    const log = {
      ...silentLogger,
      debug: (line: unknown, text?: string) => text === "answered" && lines.push(line),
    } as Logger;
    const metrics: Metrics = { ...noMetrics, histogram: () => ({ observe: (_value, labels) => seen.push(labels) }) };
    const { address } = await serveGrpc(fine, {}, { log, metrics });
    const { ask } = plainCaller(address);
    await ask(question);
    await failureOf(ask({}));
    const method = "inventory.v1.InventoryService/CheckStock";
    expect(seen).toEqual([
      { method, status: "OK" },
      { method, status: "INVALID_ARGUMENT" },
    ]);
    expect(lines).toEqual(["OK", "INVALID_ARGUMENT"].map((status) => ({ method, status, ms: expect.any(Number) })));
  });

  it("recovers from a handler that throws before it awaits, and from an answer that cannot be encoded", async () => {
    const { address } = await serveGrpc((({ request }: { request: inventoryV1.CheckStockRequest }) => {
      if (request.productId === "throw") throw new Error("at once");
      return Promise.resolve({ ...stockOf("x"), available: "many" });
    }) as never);
    const { ask } = plainCaller(address);
    expect(await failureOf(ask({ ...question, productId: "throw" }))).toMatchObject({ code: "INTERNAL_ERROR" });
    expect(await failureOf(ask(question))).toMatchObject({ code: "INTERNAL_ERROR" });
  });

  it("refuses what is too large: messages, however large, and metadata", async () => {
    const { address } = await serveGrpc(fine);
    const { ask } = plainCaller(address);
    const sized = (bytes: number) => ask({ ...question, productId: "p".repeat(bytes) });
    expect(await failureOf(sized(2 * 1_048_576))).toMatchObject({
      ...{ grpc: grpcCodes.RESOURCE_EXHAUSTED, code: "PAYLOAD_TOO_LARGE", details: { limit_bytes: 1_048_576 } },
    });
    expect(await failureOf(sized(5 * 1_048_576))).toMatchObject({ grpc: 8, code: "PAYLOAD_TOO_LARGE", hasInfo: false });
    expect(await failureOf(ask(question, { "x-large": "x".repeat(20_000) }))).toMatchObject({
      ...{ grpc: grpcCodes.RESOURCE_EXHAUSTED, code: "PAYLOAD_TOO_LARGE", details: { limit_bytes: 16_384 } },
    });
    expect(await ask(question)).toEqual(stockOf("prod_1"));
  });

  it("refuses calls that another service or instance was meant with, and methods that it has not", async () => {
    const { address } = await serveGrpc(fine);
    const { ask } = plainCaller(address);
    for (const target of ["other-service", "thing-service/thing-2"]) {
      expect(await failureOf(ask(question, { "x-weft-target": target }))).toMatchObject({
        ...{ grpc: grpcCodes.UNAVAILABLE, code: "MISDIRECTED_REQUEST" },
      });
    }
    expect(await ask(question, { "x-weft-target": "thing-service" })).toEqual(stockOf("prod_1"));
    expect(await failureOf(ask(question, {}, { method: "StealStock" }))).toMatchObject({
      ...{ grpc: grpcCodes.UNIMPLEMENTED, code: "METHOD_NOT_ALLOWED" },
    });
  });

  it("sheds what is above its limit, also while the work of answered calls goes on", async () => {
    const held = Promise.withResolvers<void>();
    const { address } = await serveGrpc(
      async () => {
        await held.promise;
        return stockOf("prod_1");
      },
      { maxConcurrent: 1, timeoutMs: 1_000 },
    );
    const { ask } = plainCaller(address);
    expect(await failureOf(ask(question))).toMatchObject({ code: "TIMEOUT" });
    expect(await failureOf(ask(question))).toMatchObject({ grpc: grpcCodes.UNAVAILABLE, code: "SERVICE_UNAVAILABLE" });
    held.resolve();
    await held.promise;
    expect(await ask(question)).toEqual(stockOf("prod_1"));
  });

  it("refuses business until it is ready, and still does it while it drains", async () => {
    const { server, address } = await serveGrpc(fine);
    const { ask } = plainCaller(address);
    server.setReady("waiting for postgres");
    expect(await failureOf(ask(question))).toMatchObject({
      code: "SERVICE_UNAVAILABLE",
      message: "waiting for postgres",
    });
    server.setReady(true);
    server.beginDraining();
    expect(await ask(question)).toEqual(stockOf("prod_1"));
  });

  it("finishes what is in hand when it stops, takes nothing new, and cuts what does not end", async () => {
    const [begun, held] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const slow = async () => {
      begun.resolve();
      await held.promise;
      return stockOf("prod_1");
    };
    const { server, address } = await serveGrpc(slow);
    const answer = plainCaller(address).ask(question);
    await begun.promise;
    const drained = server.drain();
    expect(await failureOf(plainCaller(address).ask(question))).toMatchObject({
      grpc: grpcCodes.UNAVAILABLE,
      hasInfo: false,
    });
    held.resolve();
    expect(await answer).toEqual(stockOf("prod_1"));
    expect(await drained).toBe(0);

    const stuck = await serveGrpc(() => new Promise<never>(() => {}));
    const cut = failureOf(plainCaller(stuck.address).ask(question));
    while (Number((await stuck.server.health!()).details!.inHand) === 0) await new Promise(setImmediate);
    expect(await stuck.server.drain(50)).toBe(1);
    expect(await cut).toMatchObject({ grpc: grpcCodes.UNAVAILABLE, code: "SERVICE_UNAVAILABLE" });
  });

  it("says what is wrong with its options and its address", async () => {
    const service = stockService(fine, { request: { type: "thing" }, timeoutMs: 3e9 });
    const wrong = { addr: "nowhere", services: [service, service], timeoutMs: 3e9, messageLimitBytes: 5e6 };
    const inService = "inventory.v1.InventoryService";
    const tooLong = "must be a whole number from 1 to 2147483647";
    expect(() => grpcServer({ log: silentLogger, identity }, wrong)).toThrow(
      expect.objectContaining({
        code: "OPTIONS_INVALID",
        details: {
          field_errors: {
            addr: "nowhere is not host:port",
            timeoutMs: tooLong,
            messageLimitBytes: "must be a whole number from 1 to 4194304",
            [inService]: "is there twice",
            [`${inService}/CheckStock timeoutMs`]: tooLong,
            [`${inService}/CheckStock`]: expect.stringMatching(/^schema is invalid: /),
          },
        },
      }),
    );
    const streaming = {
      ...inventoryV1.InventoryServiceDefinition,
      methods: { watch: { ...inventoryV1.InventoryServiceDefinition.methods.checkStock, responseStream: true } },
    };
    const watch = { request: {}, handle: async () => stockOf("x") };
    const services = [grpcService(streaming, { watch })];
    expect(() => grpcServer({ log: silentLogger, identity }, { addr: "127.0.0.1:0", services })).toThrow(/is a stream/);
    const { address } = await serveGrpc(fine);
    await expect(serveGrpc(fine, { addr: address })).rejects.toMatchObject({
      ...{
        code: "LISTEN_FAILED",
        message: expect.stringContaining("the port is taken by another program; server.grpc.addr"),
      },
    });
  });
});

describe("what every gRPC server has besides", () => {
  const health = loadSync(
    join(
      dirname(createRequire(import.meta.url).resolve("grpc-health-check/package.json")),
      "proto/health/v1/health.proto",
    ),
    { enums: String },
  )["grpc.health.v1.Health"] as never as Record<string, Method>;

  function check(address: string, service: string): Promise<unknown> {
    const client = new Client(address, credentials.createInsecure());
    const { path, requestSerialize, responseDeserialize } = health.Check!;
    return new Promise((resolve) =>
      client.makeUnaryRequest(path, requestSerialize, responseDeserialize, { service }, (error, answer) => {
        client.close();
        resolve(error ? error.code : (answer as { status: string }).status);
      }),
    );
  }

  it("is health: overall and per service, serving only while it is ready", async () => {
    const { server, address } = await serveGrpc(fine);
    const looks = async () => [await check(address, ""), await check(address, "inventory.v1.InventoryService")];
    expect(await looks()).toEqual(["SERVING", "SERVING"]);
    expect(await check(address, "nobody.v1.Knows")).toBe(grpcCodes.NOT_FOUND);
    server.setReady("waiting");
    expect(await looks()).toEqual(["NOT_SERVING", "NOT_SERVING"]);
    server.setReady(true);
    server.beginDraining();
    expect(await looks()).toEqual(["NOT_SERVING", "NOT_SERVING"]);
  });

  it("is health that says when the process is wedged, and when it is no more", async () => {
    let status: HealthReport["status"] = "unhealthy";
    const server = new Server();
    const report = async (): Promise<HealthReport> => ({ status, checks: {} });
    const told = grpcHealth([], { report, readiness: () => ({ is: "ready" }), askEveryMs: 5 });
    await told.addTo(server);
    const port = await new Promise((done) =>
      server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (_error, bound) => done(bound)),
    );
    const becomes = async (wanted: string) => {
      while ((await check(`127.0.0.1:${port}`, "")) !== wanted) await new Promise(setImmediate);
    };
    await becomes("NOT_SERVING");
    status = "degraded";
    await becomes("SERVING");
    told.stop();
    server.forceShutdown();
  });

  it.each(["v1", "v1alpha"])(
    "is reflection %s: a client without any proto finds services and messages, and calls",
    async (version) => {
      const { address } = await serveGrpc(fine);
      const client = await reflect(address, version);
      expect(await client.services()).toEqual(["inventory.v1.InventoryService"]);
      const { CheckStock } = (await client.definition("inventory.v1.InventoryService")) as never as Record<
        string,
        Method
      >;
      const { path, requestSerialize, responseDeserialize } = CheckStock!;
      expect(
        await client.call(path, requestSerialize({ product_id: "prod_1", warehouse_id: "wh_1" }), responseDeserialize),
      ).toEqual({
        ...{ product_id: "prod_1", warehouse_id: "wh_1", available: 3, reserved: 1, in_stock: true },
      });
    },
  );

  it("is reflection that names the files which a file imports, and gives them with it", async () => {
    const { address } = await serveGrpc(fine);
    const files = await (await reflect(address, "v1")).files("catalog.v1.CreateProductRequest");
    const named = (name: string) => files.filter((file) => file.subarray(2, 2 + name.length).toString() === name);
    const [catalog] = named("catalog/v1/catalog.proto");
    expect(catalog?.includes("google/protobuf/struct.proto")).toBe(true);
    expect(named("google/protobuf/struct.proto")).toHaveLength(1);
  });
});

interface Method {
  path: string;
  requestSerialize(message: unknown): Buffer;
  responseDeserialize(bytes: Buffer): unknown;
}

/** What `grpcurl` does, on grpc-js. */
async function reflect(address: string, version: string) {
  const folder = dirname(createRequire(import.meta.url).resolve("@grpc/reflection"));
  const proto = join(folder, `../proto/grpc/reflection/${version}/reflection.proto`);
  const method = (loadSync(proto)[`grpc.reflection.${version}.ServerReflection`] as never as Record<string, Method>)
    .ServerReflectionInfo!;
  const client = new Client(address, credentials.createInsecure());
  // biome-ignore lint/suspicious/noExplicitAny: the answers of reflection are of many shapes
  const ask = (question: object): Promise<any> =>
    new Promise((resolve, reject) => {
      const stream = client.makeBidiStreamRequest(method.path, method.requestSerialize, method.responseDeserialize);
      stream.once("data", resolve).once("error", reject);
      stream.write(question);
      stream.end();
    });
  cleanups.push(() => client.close());
  const files = async (symbol: string): Promise<Buffer[]> =>
    (await ask({ fileContainingSymbol: symbol })).fileDescriptorResponse.fileDescriptorProto;
  return {
    services: async () => {
      const { listServicesResponse } = await ask({ listServices: "" });
      return listServicesResponse.service.map(({ name }: { name: string }) => name);
    },
    files,
    definition: async (symbol: string) => {
      // A FileDescriptorSet is a list of such files, each as field 1.
      const set = Buffer.concat(
        (await files(symbol)).flatMap((file) => [Buffer.from([10]), varint(file.length), file]),
      );
      return loadFileDescriptorSetFromBuffer(set, { keepCase: true })[symbol];
    },
    call: (path: string, message: Buffer, decode: (bytes: Buffer) => unknown) =>
      new Promise((resolve, reject) =>
        client.makeUnaryRequest(
          path,
          (sent: Buffer) => sent,
          decode,
          message,
          (error, answer) => (error ? reject(error) : resolve(answer)),
        ),
      ),
  };
}

function varint(value: number): Buffer {
  return value < 128 ? Buffer.from([value]) : Buffer.concat([Buffer.from([(value & 127) | 128]), varint(value >>> 7)]);
}
