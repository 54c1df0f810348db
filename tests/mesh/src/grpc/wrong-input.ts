import { randomBytes } from "node:crypto";
import { constants } from "node:http2";
import { connect, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { Client, credentials, Metadata, status } from "@grpc/grpc-js";
import { afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { eventually } from "@weft/testkit";
import { type MeshFixture, unique } from "../http/mesh-fixture.ts";
import { things } from "../http/things.ts";
import { foreignClient } from "./foreign-client.ts";
import { frame, rawBytes, rawCall, wire } from "./raw-call.ts";

const mebibyte = 1_048_576;
const empty = Buffer.alloc(0);
const invalid = { status: "INVALID_ARGUMENT", code: "VALIDATION_ERROR" };
const unreadable = { status: "INVALID_ARGUMENT", code: "BAD_REQUEST" };

/** What a caller can do wrong over gRPC, by mistake or not: each is refused by name, and the service goes on as before. */
export function wrongInputTests(mesh: MeshFixture) {
  const { product, promotion, stock } = things(mesh);
  const catalog = foreignClient(mesh, {
    service: "catalog-service",
    proto: "catalog/v1/catalog.proto",
    name: "catalog.v1.Catalog",
  });
  const inventory = foreignClient(mesh, {
    service: "warehouse-inventory-service",
    proto: "inventory/v1/inventory.proto",
    name: "inventory.v1.InventoryService",
  });
  const serviceOf = (name: string) => mesh.mesh.runtime().services.find((one) => one.name === name)!;
  const address = () => serviceOf("warehouse-inventory-service").grpc!;
  const checkStock = "/inventory.v1.InventoryService/CheckStock";

  const counted = async (onHand: number) => {
    const productId = unique("prod");
    await stock(productId, "wh_1", onHand);
    return productId;
  };
  const reservedOf = async (productId: string): Promise<number> =>
    (await mesh.api("GET", `/v1/inventory/products/${productId}/warehouses/wh_1`)).data.stock.reserved;
  const reservation = (productId: string) => ({
    reservation_id: unique("shp"),
    order_id: unique("order"),
    warehouse_id: "wh_1",
    items: [{ product_id: productId, quantity: 2 }],
  });

  describe("wrong input over gRPC", () => {
    const pids: Record<string, number> = {};
    let known: string;
    beforeAll(async () => {
      known = await counted(5);
      await product({ productId: known });
      for (const name of ["catalog-service", "warehouse-inventory-service"]) pids[name] = serviceOf(name).pid;
    });

    // Whatever it was: both answer as before, and neither process is another one.
    afterEach(async () => {
      const answer = await inventory("CheckStock", { product_id: known, warehouse_id: "wh_1", quantity: 1 });
      expect(answer).toMatchObject({ status: "OK", response: { available: 5, in_stock: true } });
      expect(await catalog("GetProduct", { product_id: known })).toMatchObject({ status: "OK" });
      for (const [name, pid] of Object.entries(pids)) expect(serviceOf(name).pid).toBe(pid);
    });

    describe("fields", () => {
      it.each([
        { ask: catalog, method: "GetProduct", fields: ["product_id"] },
        { ask: catalog, method: "CreateProduct", fields: ["category_id", "name", "sku"] },
        { ask: inventory, method: "CheckStock", fields: ["product_id", "warehouse_id"] },
        { ask: inventory, method: "ReserveStock", fields: ["items", "order_id", "reservation_id", "warehouse_id"] },
        { ask: inventory, method: "ReleaseStock", fields: ["reservation_id"] },
      ])("$method: a message without a byte names all that is missing", async ({ ask, method, fields }) => {
        expect(await ask(method, empty)).toMatchObject({ ...invalid, fields });
      });

      const warehouse = wire.bytes(2, "wh_1");
      it.each([
        ["a text sent as a number is no text", [wire.varint(1, 7), warehouse], ["product_id"]],
        ["a number sent as a text is no number", [wire.bytes(3, "seven"), warehouse], ["product_id"]],
        ["a text that is no UTF-8", [wire.bytes(1, Buffer.from([0xff, 0xfe])), warehouse], ["product_id"]],
        ["a number below zero", [wire.bytes(1, "p"), warehouse, wire.varint(3, -1)], ["quantity"]],
        ["the smallest of all numbers", [wire.bytes(1, "p"), warehouse, wire.varint(3, -(2n ** 31n))], ["quantity"]],
        [
          "a field of no number, which ends a message",
          [wire.varint(0, 0), wire.bytes(1, "p")],
          ["product_id", "warehouse_id"],
        ],
        ["a text with NUL", [wire.bytes(1, "a\0b"), warehouse], ["product_id"]],
      ])("%s", async (_what, parts, fields) => {
        expect(await inventory("CheckStock", Buffer.concat(parts))).toMatchObject({ ...invalid, fields });
      });

      it("what a newer client also says does no harm, and of what is said twice the last counts", async () => {
        const message = [
          wire.bytes(1, "other"),
          wire.bytes(1, known),
          wire.bytes(2, "wh_1"),
          wire.bytes(2000, "new"),
          wire.varint(2001, 2n ** 60n),
        ];
        const answer = await inventory("CheckStock", Buffer.concat(message));
        expect(answer).toMatchObject({ status: "OK", response: { product_id: known } });
      });

      it.each([
        ["that ends within a field", Buffer.concat([wire.head(1, 100), Buffer.from("prod_1")])],
        ["that ends within a number", Buffer.from([0x18, 0xff])],
        ["with a number that never ends", Buffer.from([0x18, ...Array(30).fill(0xff)])],
        ["with a wire type that there is not", Buffer.from([0x0f, 0x01])],
        ["of random bytes", Buffer.concat([Buffer.from([0x0a]), randomBytes(64).fill(0xff, 0, 8)])],
      ])("a message %s cannot be decoded", async (_what, message) => {
        expect(await inventory("CheckStock", message)).toMatchObject(unreadable);
      });

      it.each([100, 10_000, 100_000])("attributes that are nested %d levels deep are refused", async (levels) => {
        const entry = Buffer.concat([wire.bytes(1, "deep"), wire.bytes(2, nestedLists(levels))]);
        const message = [
          wire.bytes(2, unique("SKU")),
          wire.bytes(3, "Deep"),
          wire.bytes(4, "shoes"),
          wire.bytes(6, wire.bytes(1, entry)),
        ];
        expect(await catalog("CreateProduct", Buffer.concat(message))).toMatchObject(unreadable);
      });
    });

    describe("size", () => {
      it("a message of 2 MiB is refused, saying the limit, and one that is far larger as well", async () => {
        const sized = (bytes: number) =>
          inventory("CheckStock", { product_id: "p".repeat(bytes), warehouse_id: "wh_1" });
        expect(await sized(2 * mebibyte)).toMatchObject({
          status: "RESOURCE_EXHAUSTED",
          code: "PAYLOAD_TOO_LARGE",
          message: expect.stringContaining(String(mebibyte)),
        });
        expect(await sized(20 * mebibyte)).toMatchObject({ status: "RESOURCE_EXHAUSTED" });
      });

      it("an answer of more than 2 MiB comes whole", async () => {
        const categoryId = unique("cat");
        const productId = await product({ categoryId });
        const many = Array.from({ length: 499 }, (_, n) => `${n}_${"x".repeat(60)}`);
        const conditions = { categoryIds: [categoryId, ...many], productIds: many, warehouseIds: many };
        const rules = { conditions, actions: { discountValue: 1 } };
        const promotionIds: string[] = [];
        while (promotionIds.length < 24) promotionIds.push(await promotion({ rules }));
        const answer = await eventually("all promotions are on the page", async () => {
          const one = await catalog("GetProduct", { product_id: productId });
          const shown = one.response.promotions.map((each: { promotion_id: string }) => each.promotion_id);
          return promotionIds.every((id) => shown.includes(id)) && one;
        });
        expect(answer.status).toBe("OK");
        expect(JSON.stringify(answer.response).length).toBeGreaterThan(2 * mebibyte);
      });

      it("a small message that would be a large one is not unpacked to its end", async () => {
        const bomb = gzipSync(Buffer.alloc(200 * mebibyte));
        const answer = await rawCall(address(), checkStock, {
          headers: { "grpc-encoding": "gzip" },
          body: frame(bomb, { compressed: 1 }),
        });
        expect(answer.grpc).toBe(status.RESOURCE_EXHAUSTED);
      });

      it("metadata of 20 kB is refused, saying the limit, and of 200 kB too", async () => {
        const asked = { product_id: known, warehouse_id: "wh_1" };
        const sized = (bytes: number) => inventory("CheckStock", asked, { metadata: { "x-large": "x".repeat(bytes) } });
        expect(await sized(20_000)).toMatchObject({
          status: "RESOURCE_EXHAUSTED",
          code: "PAYLOAD_TOO_LARGE",
          message: expect.stringContaining("16384"),
        });
        expect((await sized(200_000)).status).not.toBe("OK");
      });
    });

    describe("who and what is meant", () => {
      it("a method or service that there is not", async () => {
        expect(await inventory("StealStock", empty)).toMatchObject({ status: "UNIMPLEMENTED" });
        for (const path of [
          "/inventory.v1.Nothing/CheckStock",
          "/catalog.v1.Catalog/GetProduct",
          "/",
          "/a",
          "/a/b/c",
        ]) {
          expect([path, (await rawCall(address(), path)).grpc]).toEqual([path, status.UNIMPLEMENTED]);
        }
      });

      it("another service or instance than the one that was reached", async () => {
        const asked = { product_id: known, warehouse_id: "wh_1" };
        const meant = (target: string) => inventory("CheckStock", asked, { metadata: { "x-weft-target": target } });
        const { name, instanceId } = serviceOf("warehouse-inventory-service");
        for (const target of ["catalog-service", `${name}/another`, "", "/"]) {
          const answer = await meant(target);
          expect([target, answer]).toMatchObject([target, { status: "UNAVAILABLE", code: "MISDIRECTED_REQUEST" }]);
        }
        for (const target of [name, `${name}/${instanceId}`]) expect((await meant(target)).status).toBe("OK");
      });
    });

    describe("time", () => {
      /** While nobody else can change the stock of a product. */
      async function whileLocked<T>(productId: string, work: () => Promise<T>): Promise<T> {
        const blocker = await mesh.connect("warehouse_inventory");
        try {
          await blocker.query("BEGIN");
          await blocker.query("SELECT 1 FROM stocks WHERE product_id = $1 FOR UPDATE", [productId]);
          return await work();
        } finally {
          await blocker.query("ROLLBACK");
          await blocker.end();
        }
      }
      const waiting = async () => {
        const sql = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        return (await mesh.rows("warehouse_inventory", sql)).length;
      };
      const someoneWaits = () => eventually("a transaction waits for the lock", async () => (await waiting()) > 0);
      const nobodyWaits = () => eventually("no transaction waits any more", async () => (await waiting()) === 0);

      it("a deadline that is over when the call arrives: nothing is done", async () => {
        const productId = await counted(5);
        const item = Buffer.concat([wire.bytes(1, productId), wire.varint(2, 2)]);
        const message = (id: string) =>
          Buffer.concat([wire.bytes(1, id), wire.bytes(2, "order_1"), wire.bytes(3, "wh_1"), wire.bytes(4, item)]);
        const reserve = (timeout: string) =>
          rawCall(address(), "/inventory.v1.InventoryService/ReserveStock", {
            headers: { "grpc-timeout": timeout },
            body: frame(message(unique("shp"))),
          });
        for (const timeout of ["0n", "1n", "0S"]) {
          expect([timeout, (await reserve(timeout)).grpc]).toEqual([timeout, status.DEADLINE_EXCEEDED]);
        }
        expect(await reservedOf(productId)).toBe(0);
        expect((await reserve("5S")).grpc).toBe(status.OK);
        expect(await reservedOf(productId)).toBe(2);
      });

      it("a deadline that ends while the call waits: the server does not go on with it", async () => {
        const productId = await counted(5);
        await whileLocked(productId, async () => {
          const answer = inventory("ReserveStock", reservation(productId), { timeoutMs: 10_000 });
          await someoneWaits();
          expect(await answer).toMatchObject({ status: "DEADLINE_EXCEEDED" });
          // The two clocks of one deadline: the caller's may ring a moment before the server's.
          await nobodyWaits();
        });
        // It would have come before this one.
        expect((await inventory("ReserveStock", reservation(productId))).status).toBe("OK");
        expect(await reservedOf(productId)).toBe(2);
      });

      it("deadlines of a few milliseconds: done or not, and the same again is done once", async () => {
        const productId = await counted(100);
        const asked = Array.from({ length: 20 }, () => reservation(productId));
        const answers = await Promise.all(asked.map((one, n) => inventory("ReserveStock", one, { timeoutMs: n + 1 })));
        for (const answer of answers) expect(["OK", "DEADLINE_EXCEEDED"]).toContain(answer.status);
        for (const one of asked) expect((await inventory("ReserveStock", one)).status).toBe("OK");
        expect(await reservedOf(productId)).toBe(2 * asked.length);
      });

      // Too long a time, or one that is none to some: it is bounded by the server's own.
      it.each([
        ["abc", status.INTERNAL],
        ["1", status.INTERNAL],
        ["S", status.INTERNAL],
        ["99999999H", status.OK],
      ])("a deadline that is written %s", async (timeout, expected) => {
        const body = frame(Buffer.concat([wire.bytes(1, known), wire.bytes(2, "wh_1")]));
        const answer = await rawCall(address(), checkStock, { headers: { "grpc-timeout": timeout }, body });
        expect(answer).toEqual({ http: 200, grpc: expected, reset: 0 });
      });

      it("calls that are cancelled: one in the middle of its work, and hundreds at once", async () => {
        const productId = await counted(5);
        const asked = reservation(productId);
        const client = new Client(address(), credentials.createInsecure());
        const begin = (path: string, message: Buffer) => {
          const ended = Promise.withResolvers<number>();
          const same = (bytes: Buffer) => bytes;
          const call = client.makeUnaryRequest(path, same, same, message, new Metadata(), {}, (error) =>
            ended.resolve(error?.code ?? status.OK),
          );
          return { cancel: () => call.cancel(), ended: ended.promise };
        };
        const item = Buffer.concat([wire.bytes(1, productId), wire.varint(2, 2)]);
        const reserve = Buffer.concat([
          wire.bytes(1, asked.reservation_id),
          wire.bytes(2, asked.order_id),
          wire.bytes(3, asked.warehouse_id),
          wire.bytes(4, item),
        ]);
        try {
          await whileLocked(productId, async () => {
            const call = begin("/inventory.v1.InventoryService/ReserveStock", reserve);
            await someoneWaits();
            call.cancel();
            expect(await call.ended).toBe(status.CANCELLED);
          });
          const calls = Array.from({ length: 500 }, () => begin(checkStock, wire.bytes(1, known)));
          for (const { cancel } of calls) cancel();
          const endings = new Set(await Promise.all(calls.map(({ ended }) => ended)));
          expect([...endings]).toEqual([status.CANCELLED]);
        } finally {
          client.close();
        }
        // Who cancelled cannot know whether it was done; the same again is done once.
        expect((await inventory("ReserveStock", asked)).status).toBe("OK");
        expect(await reservedOf(productId)).toBe(2);
        expect((await inventory("ReleaseStock", { reservation_id: asked.reservation_id })).status).toBe("OK");
        expect(await reservedOf(productId)).toBe(0);
      });
    });

    describe("bytes that are no gRPC", () => {
      const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

      it.each([
        ["a request of HTTP/1.1", "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"],
        ["a greeting of TLS", Buffer.from("16030100c8010000c40303", "hex")],
        ["noise", randomBytes(65_536).fill("x", 0, 4)],
        [
          "noise after the preface of HTTP/2",
          Buffer.concat([Buffer.from(preface), randomBytes(65_536).fill(0xff, 0, 9)]),
        ],
        [
          "a frame of 16 MiB after the preface",
          Buffer.concat([Buffer.from(preface), Buffer.from("ffffff040000000000", "hex")]),
        ],
      ])("%s ends the connection", async (_what, bytes) => {
        expect(await rawBytes(address(), bytes)).not.toBeUndefined();
      });

      it("connections that say nothing keep nobody out", async () => {
        const { hostname, port } = new URL(`http://${address()}`);
        const sockets = await Promise.all(
          Array.from({ length: 200 }, () => {
            const socket = connect(Number(port), hostname);
            return new Promise<Socket>((resolve, reject) =>
              socket.once("connect", () => resolve(socket)).once("error", reject),
            );
          }),
        );
        const asked = { product_id: known, warehouse_id: "wh_1" };
        expect((await inventory("CheckStock", asked, { timeoutMs: 20_000 })).status).toBe("OK");
        for (const socket of sockets) socket.destroy();
      });

      it.each([
        ["as JSON", { headers: { "content-type": "application/json" }, body: Buffer.from("{}") }, { http: 415 }],
        ["as GET", { headers: { ":method": "GET" } }, { grpc: status.UNIMPLEMENTED }],
        ["without a message", { body: empty }, { grpc: status.UNIMPLEMENTED }],
        ["with half a message", { body: frame(empty, { length: 100 }) }, { grpc: status.UNIMPLEMENTED }],
        [
          "with a message of 4 GiB, as it says",
          { body: frame(empty, { length: 2 ** 32 - 1 }) },
          { grpc: status.RESOURCE_EXHAUSTED },
        ],
        ["with two messages", { body: Buffer.concat([frame(empty), frame(empty)]) }, { grpc: status.UNIMPLEMENTED }],
        [
          "packed as nobody can",
          { headers: { "grpc-encoding": "br" }, body: frame(empty, { compressed: 1 }) },
          { grpc: status.UNIMPLEMENTED },
        ],
      ])("a call %s is refused", async (_what, request, expected) => {
        expect(await rawCall(address(), checkStock, request)).toMatchObject({ ...expected, reset: 0 });
      });

      it("a path that is none ends the stream", async () => {
        const answer = await rawCall(address(), checkStock.slice(1));
        expect(answer).toEqual({ reset: constants.NGHTTP2_PROTOCOL_ERROR });
      });
    });
  });
}

/** A google.protobuf.Value that is a list (its field 6) of one Value (field 1 of the list), and so on. */
function nestedLists(levels: number): Buffer {
  const heads: Buffer[] = [];
  let length = 0;
  for (let level = 0; level < levels; level++) {
    for (const field of [1, 6]) {
      const head = wire.head(field, length);
      heads.push(head);
      length += head.length;
    }
  }
  return Buffer.concat(heads.reverse());
}
