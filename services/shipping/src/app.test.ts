import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { Conflict, DependencyFailed, silentLogger } from "@weft/core";
import { CommitUnknown, DatabaseUnavailable } from "@weft/outbox";
import { serveRoutes, stopServed } from "@weft/transport/testing";
import { buildApp } from "./app.ts";
import type { ShipmentStore, Stock } from "./application/ports.ts";
import { InsufficientStock, ShipmentExists, ShipmentNotFound } from "./domain/errors.ts";
import type { Shipment, StatusChange } from "./domain/shipment.ts";

type Step = "find" | "create" | "reserve" | "release";

let now: Date;
let ask: Awaited<ReturnType<typeof serveRoutes>>;
/** What every step came to, in order. */
let steps: string[];
/** What happens instead of a step, or (where it gives nothing) before it. */
let instead: Partial<Record<Step, () => unknown>>;
let rows: Shipment[];
let published: StatusChange[];
let held: Map<string, { productId: string; quantity: number }[]>;

/** The store's promises, in memory. */
function shipmentsInMemory(): ShipmentStore {
  const find = (id: string) => rows.find(({ shipmentId }) => shipmentId === id);
  return {
    async find(id) {
      instead.find?.();
      return find(id);
    },
    async create(shipment) {
      steps.push("create");
      instead.create?.();
      if (find(shipment.shipmentId)) throw new ShipmentExists(shipment);
      rows.push(shipment);
    },
    list: async ({ orderId, customerId }, limit, before = Infinity) =>
      rows
        .map((row, index) => ({ ...row, position: index + 1 }))
        .filter((row) => row.position < before)
        .filter((row) => orderId === undefined || row.orderId === orderId)
        .filter((row) => customerId === undefined || row.customerId === customerId)
        .reverse()
        .slice(0, limit),
    async change(shipmentId, decide) {
      const found = find(shipmentId);
      if (!found) throw new ShipmentNotFound({ shipmentId });
      const change = decide(found);
      if (!change) return found;
      published.push(change);
      const changed = { ...found, status: change.to, updatedAt: change.changedAt };
      rows[rows.indexOf(found)] = changed;
      return changed;
    },
  };
}

function stockInMemory(): Stock {
  return {
    async reserve({ reservationId, items }) {
      steps.push(`reserve ${items.map(({ productId, quantity }) => `${quantity} ${productId}`).join(", ")}`);
      instead.reserve?.();
      held.set(reservationId, items);
    },
    async release(reservationId) {
      steps.push("release");
      instead.release?.();
      held.delete(reservationId);
    },
  };
}

beforeEach(async () => {
  now = new Date("2026-03-15T12:00:00.000Z");
  steps = [];
  instead = {};
  rows = [];
  published = [];
  held = new Map();
  const { routes } = buildApp({
    shipments: shipmentsInMemory(),
    stock: stockInMemory(),
    clock: { now: () => now },
    log: silentLogger,
  });
  ask = await serveRoutes(routes, "/v1/shipments");
});
afterEach(stopServed);

const body = {
  orderId: "order_1",
  customerId: "cust_1",
  fulfillmentEntity: { type: "warehouse", id: "wh_1" },
  items: [{ productId: "prod_1", sku: "SKU-1", quantity: 2 }],
};
const away = () => {
  throw new DependencyFailed({ service: "warehouse-inventory-service", operation: "ReserveStock", cause: "timeout" });
};
const customer = { "X-User-Id": "cust_1", "X-User-Role": "customer" };

describe("shipment routes", () => {
  it("create a shipment with all that may be said of it, and give it back", async () => {
    const whole = {
      ...body,
      shipmentId: "shp_1",
      fulfillmentEntity: { type: "store", id: "st_1", name: "Altona", address: { city: "Hamburg", floor: 2 } },
      carrier: { name: "DHL", service: "express", trackingNumber: "JD1" },
      estimatedDelivery: "2026-03-20T18:00:00+02:00",
    };
    const created = await ask("POST", "", whole);
    expect(created.status).toBe(201);
    expect(created.data.shipment).toEqual({
      ...whole,
      estimatedDelivery: "2026-03-20T16:00:00.000Z",
      status: "created",
      createdAt: now.toISOString(),
      updatedAt: now.toISOString(),
    });
    expect((await ask("GET", "/shp_1")).data).toEqual(created.data);
    expect((await ask("GET", "/shp_none")).error.code).toBe("SHIPMENT_NOT_FOUND");
    expect(steps).toEqual(["create"]);
  });

  it("name every wrong field by its path", async () => {
    const { status, error } = await ask("POST", "", {
      shipmentId: "a b",
      orderId: 1,
      fulfillmentEntity: { type: "drone", floor: 1, address: "Hamburg" },
      items: [{ productId: "p", sku: "s", quantity: 0 }, { productId: "p", quantity: 1.5, price: 1 }, {}],
      carrier: { name: "DHL", phone: "1" },
      estimatedDelivery: "Thursday",
      status: "created",
    });
    expect(status).toBe(400);
    expect(Object.keys(error.details.field_errors).sort()).toEqual([
      "carrier.phone",
      "customerId",
      "estimatedDelivery",
      "fulfillmentEntity.address",
      "fulfillmentEntity.floor",
      "fulfillmentEntity.id",
      "fulfillmentEntity.type",
      "items.0.quantity",
      "items.1.price",
      "items.1.quantity",
      "items.1.sku",
      "items.2.productId",
      "items.2.quantity",
      "items.2.sku",
      "orderId",
      "shipmentId",
      "status",
    ]);
    const many = (count: number) => ask("POST", "", { ...body, items: Array(count).fill(body.items[0]) });
    expect((await many(0)).error.details.field_errors).toHaveProperty("items");
    expect((await many(101)).error.details.field_errors).toHaveProperty("items");
    expect((await many(100)).status).toBe(201);
    for (const moment of ["2016-12-31T23:59:60Z", "9999-12-31T23:59:59-01:00", "0001-01-01T00:00:00+01:00"]) {
      const answer = await ask("POST", "", { ...body, estimatedDelivery: moment });
      expect(Object.keys(answer.error.details.field_errors)).toEqual(["estimatedDelivery"]);
    }
  });

  it("show customers their own, and leave writing to operators", async () => {
    await ask("POST", "", { ...body, shipmentId: "shp_own" });
    await ask("POST", "", { ...body, shipmentId: "shp_other", customerId: "cust_2" });
    const listed = async (query: string, headers?: Record<string, string>) =>
      (await ask("GET", query, undefined, headers)).data.shipments.map((one: Shipment) => one.shipmentId);
    expect(await listed("")).toEqual(["shp_other", "shp_own"]);
    expect(await listed("", customer)).toEqual(["shp_own"]);
    expect(await listed("?orderId=order_1", customer)).toEqual(["shp_own"]);
    expect(await listed("?orderId=order_1", { "X-User-Id": "adm", "X-User-Role": "admin" })).toHaveLength(2);
    expect(await listed("?orderId=order_2")).toEqual([]);
    expect((await ask("GET", "/shp_own", undefined, customer)).status).toBe(200);
    expect((await ask("GET", "/shp_other", undefined, customer)).status).toBe(403);
    expect((await ask("POST", "", body, customer)).status).toBe(403);
    expect((await ask("PATCH", "/shp_own", { status: "cancelled" }, customer)).status).toBe(403);
    expect([rows.length, published.length]).toEqual([2, 0]);
  });

  it("are walked page by page", async () => {
    for (const n of [1, 2, 3]) await ask("POST", "", { ...body, shipmentId: `shp_${n}` });
    const first = await ask("GET", "?limit=2");
    const customer = { "x-user-id": "cust_2", "x-user-role": "customer" };
    const elsewhere = await ask("GET", `?limit=2&cursor=${first.meta.nextCursor}`, undefined, customer);
    expect([elsewhere.status, Object.keys(elsewhere.error.details.field_errors)]).toEqual([400, ["cursor"]]);
    const second = await ask("GET", `?limit=2&cursor=${first.meta.nextCursor}`);
    expect([...first.data.shipments, ...second.data.shipments].map(({ shipmentId }) => shipmentId)).toEqual([
      "shp_3",
      "shp_2",
      "shp_1",
    ]);
    expect(first.data.shipments[0]).not.toHaveProperty("position");
  });

  it("move a shipment on, once for each status, and refuse what its status forbids", async () => {
    await ask("POST", "", { ...body, shipmentId: "shp_1" });
    const created = now.toISOString();
    now = new Date("2026-03-16T12:00:00.000Z");
    const patch = (status: string) => ask("PATCH", "/shp_1", { status });
    for (const status of ["picked", "picked", "shipped"]) {
      expect((await patch(status)).data.shipment).toMatchObject({
        status,
        createdAt: created,
        updatedAt: now.toISOString(),
      });
    }
    const late = await patch("cancelled");
    expect([late.status, late.error.code, late.error.details]).toEqual([
      409,
      "INVALID_TRANSITION",
      { from: "shipped", to: "cancelled" },
    ]);
    expect(published.map(({ from, to }) => `${from} → ${to}`)).toEqual(["created → picked", "picked → shipped"]);
    expect((await ask("PATCH", "/shp_none", { status: "picked" })).error.code).toBe("SHIPMENT_NOT_FOUND");
    expect((await patch("lost")).error.details.field_errors).toHaveProperty("status");
    expect((await ask("PATCH", "/shp_1", {})).error.details.field_errors).toHaveProperty("status");
    expect((await ask("PATCH", "/shp_1", { status: "delivered", carrier: {} })).status).toBe(400);
  });
});

describe("creating a shipment", () => {
  it("reserves first, each product once, under the shipment's id, and only in a warehouse", async () => {
    const items = [...body.items, { productId: "prod_2", sku: "A", quantity: 1 }, { ...body.items[0], sku: "B" }];
    const { data } = await ask("POST", "", { ...body, items });
    expect(data.shipment.shipmentId).toMatch(/^shp_.+/);
    expect(data.shipment.items).toEqual(items);
    expect(steps).toEqual(["reserve 4 prod_1, 1 prod_2", "create"]);
    expect([...held.keys()]).toEqual([data.shipment.shipmentId]);
    steps = [];
    for (const type of ["store", "dropship", "3pl"]) {
      expect((await ask("POST", "", { ...body, fulfillmentEntity: { type, id: "e" } })).status).toBe(201);
    }
    expect(steps).toEqual(["create", "create", "create"]);
  });

  it("refuses an id that is taken before it reserves anything", async () => {
    await ask("POST", "", { ...body, shipmentId: "shp_1" });
    await ask("PATCH", "/shp_1", { status: "cancelled" });
    steps = [];
    expect((await ask("POST", "", { ...body, shipmentId: "shp_1" })).error.code).toBe("SHIPMENT_EXISTS");
    expect(steps).toEqual([]);
  });

  it("makes the same id from the same Idempotency-Key, subject and body, and another from any other", async () => {
    instead.create = away;
    const admin = (id: string) => ({ "X-User-Id": id, "X-User-Role": "admin" });
    const attempt = async (key: string, change: object = {}, user = "adm") => {
      const before = new Set(held.keys());
      await ask("POST", "", { ...body, ...change }, { "Idempotency-Key": key, ...admin(user) });
      return [...held.keys()].filter((id) => !before.has(id)).length;
    };
    expect(await attempt("key-1")).toBe(1);
    expect(await attempt("key-1")).toBe(0);
    expect(await attempt("key-2")).toBe(1);
    expect(await attempt("key-1", { orderId: "order_2" })).toBe(1);
    expect(await attempt("key-1", {}, "somebody-else")).toBe(1);
    instead = {};
    const { data } = await ask("POST", "", body, { "Idempotency-Key": "key-1", ...admin("adm") });
    expect(held.has(data.shipment.shipmentId)).toBe(true);
    expect(held.size).toBe(4);
  });

  describe("when something fails", () => {
    const unavailable = () => {
      throw new DatabaseUnavailable({ operation: "a query" });
    };
    const unknown = () => {
      throw new CommitUnknown();
    };
    const bug = () => {
      throw new TypeError("a bug");
    };
    const fresh = {};
    const own = { shipmentId: "shp_own" };

    it.each<[string, Step, () => unknown, object, number, string, string[]]>([
      ["inventory is away", "reserve", away, fresh, 503, "DEPENDENCY_FAILED", ["reserve 2 prod_1"]],
      [
        "stock is short",
        "reserve",
        () => {
          throw new InsufficientStock({ warehouseId: "wh_1", short: [{ ...body.items[0]!, available: 1 }] });
        },
        fresh,
        409,
        "INSUFFICIENT_STOCK",
        ["reserve 2 prod_1"],
      ],
      [
        "the id holds other items",
        "reserve",
        () => {
          throw new Conflict({ message: "reservation shp_own is for other goods" });
        },
        own,
        409,
        "CONFLICT",
        ["reserve 2 prod_1"],
      ],
      ["the database is away at first", "find", unavailable, fresh, 503, "SERVICE_UNAVAILABLE", []],
      [
        "the transaction fails, under an id that nobody else can have",
        "create",
        unavailable,
        fresh,
        503,
        "SERVICE_UNAVAILABLE",
        ["reserve 2 prod_1", "create", "release"],
      ],
      [
        "the transaction meets a bug",
        "create",
        bug,
        fresh,
        500,
        "INTERNAL_ERROR",
        ["reserve 2 prod_1", "create", "release"],
      ],
      [
        "the transaction fails, under the client's own id",
        "create",
        unavailable,
        own,
        503,
        "SERVICE_UNAVAILABLE",
        ["reserve 2 prod_1", "create"],
      ],
      [
        "nobody knows whether it committed",
        "create",
        unknown,
        fresh,
        503,
        "SERVICE_UNAVAILABLE",
        ["reserve 2 prod_1", "create"],
      ],
    ])("%s", async (_, step, failure, change, status, code, came) => {
      instead[step] = failure;
      const answer = await ask("POST", "", { ...body, ...change });
      expect([answer.status, answer.error.code]).toEqual([status, code]);
      expect(steps).toEqual(came);
      expect(rows).toEqual([]);
    });

    it("keeps what another request with the same key may need", async () => {
      instead.create = unavailable;
      await ask("POST", "", body, { "Idempotency-Key": "key" });
      expect(steps).toEqual(["reserve 2 prod_1", "create"]);
    });

    it("loses the race for a client's id without giving back what the winner needs", async () => {
      instead.reserve = () => rows.push({ ...body, shipmentId: "shp_own" } as unknown as Shipment);
      expect((await ask("POST", "", { ...body, ...own })).error.code).toBe("SHIPMENT_EXISTS");
      expect(held.has("shp_own")).toBe(true);
    });

    it("gives nothing back where nothing was reserved", async () => {
      instead.create = unavailable;
      await ask("POST", "", { ...body, fulfillmentEntity: { type: "store", id: "st_1" } });
      expect(steps).toEqual(["create"]);
    });

    it("answers with the first failure where giving back fails too", async () => {
      instead = { create: unavailable, release: away };
      expect((await ask("POST", "", body)).error.code).toBe("SERVICE_UNAVAILABLE");
      expect(steps).toEqual(["reserve 2 prod_1", "create", "release"]);
    });
  });
});
