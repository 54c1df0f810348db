import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { inventoryV1 } from "@weft/contracts/grpc";
import { type Logger, newContext, noMetrics, silentLogger, type WeftError } from "@weft/core";
import type { ReceivedEvent } from "@weft/messaging";
import type { Transaction } from "@weft/outbox";
import { type GrpcClient, type GrpcServer, grpcClient, grpcServer } from "@weft/transport/grpc";
import { serveRoutes, stopServed } from "@weft/transport/testing";
import { buildApp } from "./app.ts";
import { handClock, ttlMs } from "./testing/schedule.ts";
import { storesInMemory } from "./testing/stores-in-memory.ts";

type Definition = typeof inventoryV1.InventoryServiceDefinition;
type Registry = Parameters<typeof grpcClient>[0]["registry"];

const identity = { name: "warehouse-inventory-service", version: "0.1.0", instanceId: "inventory-1" };
const asAdmin = { "X-User-Id": "adm", "X-User-Role": "admin" };
const asCustomer = { "X-User-Id": "cust_1", "X-User-Role": "customer" };

let ask: Awaited<ReturnType<typeof serveRoutes>>;
let app: ReturnType<typeof buildApp>;
let stores: ReturnType<typeof storesInMemory>;
let clock: ReturnType<typeof handClock>;
let server: GrpcServer;
let inventory: GrpcClient<Definition> & { close(): Promise<void> };
let oversold: number;
let warnings: object[];

beforeEach(async () => {
  stores = storesInMemory();
  clock = handClock();
  oversold = 0;
  warnings = [];
  const log: Logger = { ...silentLogger, warn: (about: object) => void warnings.push(about) } as Logger;
  const metrics = {
    ...noMetrics,
    counter: () => ({
      add() {
        oversold += 1;
      },
    }),
  };
  app = buildApp({ ...stores, clock, log, metrics }, { ttlMs });
  ask = await serveRoutes(app.routes, "/v1/inventory/products/");

  server = grpcServer({ log: silentLogger, identity }, { addr: "127.0.0.1:0", services: app.grpcServices });
  await server.start();
  server.setReady(true);
  const { host, port } = server.address();
  const instance = { service: identity.name, instanceId: identity.instanceId, host, port, grpcPort: port };
  const registry = {
    watch: () => ({
      current: () => ({ instances: [{ ...instance, tags: [], metadata: {}, createIndex: 1 }], ageMs: 0 }),
      ready: async () => {},
      onChange: () => () => {},
    }),
  } as unknown as Registry;
  inventory = grpcClient(
    { registry, log: silentLogger, identity: { ...identity, name: "shipping-service" } },
    { target: `discovery:///${identity.name}`, definition: inventoryV1.InventoryServiceDefinition },
  );
});
afterEach(async () => {
  await inventory.close();
  await server.stop();
  await stopServed();
});

const put = (productId: string, onHand: unknown, headers?: Record<string, string>) =>
  ask("PUT", `${productId}/warehouses/wh_1`, { onHand }, headers);
const get = (productId: string) => ask("GET", `${productId}/warehouses/wh_1`);
const stock = async (productId: string) => (await get(productId)).data.stock;

const reserve = (fields: object = {}) =>
  inventory.call("reserveStock", {
    reservationId: "shp_1",
    orderId: "order_1",
    warehouseId: "wh_1",
    items: [{ productId: "prod_1", quantity: 2 }],
    ...fields,
  });
const check = (quantity: number, productId = "prod_1") =>
  inventory.call("checkStock", { productId, warehouseId: "wh_1", quantity });
const refusal = async (call: Promise<unknown>) => {
  const { code, details } = await call.then(
    () => ({ code: "OK", details: undefined }),
    (error: WeftError) => error,
  );
  return { code, details };
};
const fieldsOf = async (call: Promise<unknown>) => {
  const { code, details } = await refusal(call);
  expect(code).toBe("VALIDATION_ERROR");
  return Object.keys(details!.field_errors as object).sort();
};

let events = 0;
async function tell(type: "ShipmentCreated" | "ShipmentStatusChanged", data: object): Promise<void> {
  events += 1;
  const event = { id: `evt_${events}`, type, data, context: newContext() } as unknown as ReceivedEvent;
  await app.subscriptions.find((one) => one.type === type)!.handle(event, undefined as unknown as Transaction);
}
const created = (fields: object = {}) =>
  tell("ShipmentCreated", {
    shipmentId: "shp_1",
    orderId: "order_1",
    fulfillmentEntity: { type: "warehouse", id: "wh_1" },
    items: [{ productId: "prod_1", sku: "S", quantity: 2 }],
    ...fields,
  });
const status = (to: string) => tell("ShipmentStatusChanged", { shipmentId: "shp_1", orderId: "order_1", to });

describe("inventory routes", () => {
  it("write down what is there, and tell it where it is different", async () => {
    const answer = await put("prod_1", 5);
    expect([answer.status, answer.data.stock]).toEqual([
      200,
      { productId: "prod_1", warehouseId: "wh_1", onHand: 5, reserved: 0, available: 5 },
    ]);
    await put("prod_1", 5);
    await put("prod_1", 0);
    expect(stores.published.map(({ onHand }) => onHand)).toEqual([5, 0]);
    expect(await stock("prod_1")).toMatchObject({ onHand: 0, available: 0 });
  });

  it("tell a product that was never counted from one that is out of stock", async () => {
    const answer = await get("prod_x");
    expect([answer.status, answer.error.code, answer.error.details]).toEqual([
      404,
      "STOCK_NOT_FOUND",
      { warehouse_id: "wh_1", product_ids: ["prod_x"] },
    ]);
    await put("prod_x", 0);
    expect((await get("prod_x")).status).toBe(200);
  });

  it("refuse what is no count, and ids that nothing has", async () => {
    for (const onHand of [-1, 1.5, "5", null, 1_000_000_001, undefined]) {
      expect(Object.keys((await put("prod_1", onHand)).error.details.field_errors)).toEqual(["onHand"]);
    }
    const wrong = await ask("PUT", "a%20b/warehouses/w%20h", { onHand: 1 });
    expect(Object.keys(wrong.error.details.field_errors).sort()).toEqual(["productId", "warehouseId"]);
    expect(stores.published).toEqual([]);
  });

  it("leave writing to operators where a user is there", async () => {
    expect((await put("prod_1", 1, asCustomer)).status).toBe(403);
    expect((await put("prod_1", 1, asAdmin)).status).toBe(200);
  });
});

describe("inventory.v1.InventoryService", () => {
  it("checks stock; a quantity of 0 means 1", async () => {
    await put("prod_1", 2);
    const answer = { productId: "prod_1", warehouseId: "wh_1", available: 2, reserved: 0 };
    expect(await check(2)).toEqual({ ...answer, inStock: true });
    expect(await check(3)).toEqual({ ...answer, inStock: false });
    await put("prod_1", 0);
    expect(await check(0)).toMatchObject({ available: 0, inStock: false });
    expect((await refusal(check(1, "prod_x"))).code).toBe("STOCK_NOT_FOUND");
    expect(await fieldsOf(check(-1, ""))).toEqual(["product_id", "quantity"]);
  });

  it("reserves everything or nothing", async () => {
    await put("prod_1", 3);
    await put("prod_2", 1);
    const items = [
      { productId: "prod_1", quantity: 2 },
      { productId: "prod_2", quantity: 2 },
    ];
    expect(await refusal(reserve({ items }))).toEqual({
      code: "INSUFFICIENT_STOCK",
      details: { warehouse_id: "wh_1", items: [{ product_id: "prod_2", quantity: 2, available: 1 }] },
    });
    expect((await stock("prod_1")).reserved).toBe(0);
    const unknown = [...items, { productId: "prod_x", quantity: 1 }];
    expect((await refusal(reserve({ items: unknown }))).code).toBe("STOCK_NOT_FOUND");
    expect(await reserve()).toEqual({ reservationId: "shp_1" });
    expect(await stock("prod_1")).toMatchObject({ onHand: 3, reserved: 2, available: 1 });
  });

  it("gives the same id the first answer, and refuses it other goods", async () => {
    await put("prod_1", 2);
    expect(await reserve()).toEqual(await reserve({ orderId: "order_2" }));
    expect((await stock("prod_1")).reserved).toBe(2);
    expect((await refusal(reserve({ items: [{ productId: "prod_1", quantity: 1 }] }))).code).toBe("CONFLICT");
    expect((await refusal(reserve({ warehouseId: "wh_2" }))).code).toBe("CONFLICT");
  });

  it("names every field that is missing or wrong", async () => {
    const nothing = { reservationId: "", orderId: "", warehouseId: "", items: [] };
    expect(await fieldsOf(reserve(nothing))).toEqual(["items", "order_id", "reservation_id", "warehouse_id"]);
    const items = [0, -1, 1_000_001].map((quantity, n) => ({ productId: `prod_${n}`, quantity }));
    expect(await fieldsOf(reserve({ items: [...items, { productId: "a b", quantity: 1 }] }))).toEqual([
      "items.0.quantity",
      "items.1.quantity",
      "items.2.quantity",
      "items.3.product_id",
    ]);
    const twice = [1, 2, 3].map((quantity) => ({ productId: "prod_1", quantity }));
    expect(await fieldsOf(reserve({ items: twice }))).toEqual(["items.1.product_id", "items.2.product_id"]);
    const many = Array.from({ length: 101 }, (_, n) => ({ productId: `prod_${n}`, quantity: 1 }));
    expect(await fieldsOf(reserve({ items: many }))).toEqual(["items"]);
    expect(await fieldsOf(inventory.call("releaseStock", { reservationId: "" }))).toEqual(["reservation_id"]);
  });

  it("gives a reservation back once; an id that nobody has is no error", async () => {
    await put("prod_1", 2);
    await reserve();
    for (const reservationId of ["shp_1", "shp_1", "shp_unknown"]) {
      expect(await inventory.call("releaseStock", { reservationId })).toEqual({ reservationId });
    }
    expect(stores.published.map(({ reserved }) => reserved)).toEqual([0, 2, 0]);
  });

  it("holds for a minute, and not longer", async () => {
    await put("prod_1", 2);
    await reserve();
    clock.pass(ttlMs - 1);
    expect(await app.sweep()).toBe(0);
    clock.pass(1);
    expect(await app.sweep()).toBe(1);
    expect((await stock("prod_1")).reserved).toBe(0);
  });
});

describe("the sweep", () => {
  it("goes on batch after batch, and stops between two reservations where it must", async () => {
    app = buildApp({ ...stores, clock, log: silentLogger }, { ttlMs, batchSize: 2 });
    await put("prod_1", 100);
    for (let n = 0; n < 5; n += 1) await reserve({ reservationId: `shp_${n}` });
    clock.pass(ttlMs);
    let looks = 0;
    expect(await app.sweep(() => ++looks > 3)).toBe(3);
    expect((await stock("prod_1")).reserved).toBe(4);
    expect(await app.sweep()).toBe(2);
    expect((await stock("prod_1")).reserved).toBe(0);
  });
});

describe("shipping's events", () => {
  it("confirm a reservation, which then does not expire, and take it out when it is shipped", async () => {
    await put("prod_1", 5);
    await reserve();
    await created();
    clock.pass(ttlMs);
    await app.sweep();
    expect(await stock("prod_1")).toMatchObject({ onHand: 5, reserved: 2 });
    for (const to of ["picked", "shipped", "delivered"]) await status(to);
    expect(await stock("prod_1")).toMatchObject({ onHand: 3, reserved: 0, available: 3 });
    expect(oversold).toBe(0);
  });

  it("release a reservation when its shipment is cancelled", async () => {
    await put("prod_1", 5);
    await created();
    await status("cancelled");
    expect(await stock("prod_1")).toMatchObject({ onHand: 5, reserved: 0 });
  });

  it("take again what has expired, also where there is too little, and somebody hears of it", async () => {
    await put("prod_1", 3);
    await reserve();
    clock.pass(ttlMs);
    await app.sweep();
    await reserve({ reservationId: "shp_2" });
    await created();
    expect(await stock("prod_1")).toMatchObject({ onHand: 3, reserved: 4, available: -1 });
    expect(oversold).toBe(1);
    expect(warnings).toEqual([expect.objectContaining({ reservationId: "shp_1", status: "confirmed" })]);
    // Less than nothing available is no news when it gets better.
    await status("cancelled");
    expect(oversold).toBe(1);
  });

  it("about what is sent from elsewhere, or does not say what is sent, take nothing", async () => {
    await put("prod_1", 5);
    for (const type of ["store", "dropship", "3pl", undefined]) {
      await created({ fulfillmentEntity: { type, id: "wh_1" } });
    }
    await created({ fulfillmentEntity: { type: "warehouse" } });
    await created({ items: [{ productId: "prod_1" }, { sku: "S", quantity: 2 }, {}] });
    expect(stores.published).toHaveLength(1);
  });

  it("take a product that is named twice with all that was named of it", async () => {
    await put("prod_1", 5);
    const line = { productId: "prod_1", sku: "S", quantity: 2 };
    await created({ items: [line, line] });
    expect((await stock("prod_1")).reserved).toBe(4);
  });

  it("with a quantity that no shipment has are refused for good", async () => {
    for (const quantity of [0, -1, 1_000_000_001]) {
      await expect(created({ items: [{ productId: "prod_1", quantity }] })).rejects.toMatchObject({
        code: "EVENT_REJECTED",
      });
    }
  });
});
