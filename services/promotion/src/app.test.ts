import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { DependencyFailed } from "@weft/core";
import { serveRoutes, stopServed } from "@weft/transport/testing";
import { buildApp } from "./app.ts";
import type { Application, ApplicationStore, Customers, PromotionStore } from "./application/ports.ts";
import { CustomerNotFound, PromotionExists, PromotionNotFound } from "./domain/errors.ts";
import type { Promotion } from "./domain/promotion.ts";

let now: Date;
let ask: Awaited<ReturnType<typeof serveRoutes>>;
let tiers: Map<string, string>;
let asked: string[];
let askCustomer: Customers["tierOf"];

/** The stores' promises, in memory. */
function promotionsInMemory(): PromotionStore {
  const rows: Promotion[] = [];
  const find = (id: string) => rows.find(({ promotionId }) => promotionId === id);
  return {
    async create(promotion) {
      if (find(promotion.promotionId)) throw new PromotionExists(promotion);
      rows.push(promotion);
    },
    find: async (id) => find(id),
    list: async ({ status }, limit, before = Infinity) =>
      rows
        .map((row, index) => ({ ...row, position: index + 1 }))
        .filter((row) => row.position < before && (status === undefined || row.status === status))
        .reverse()
        .slice(0, limit),
    async change(promotionId, decide) {
      const found = find(promotionId);
      if (!found) throw new PromotionNotFound({ promotionId });
      const change = decide(found);
      if (change) found.status = change.to;
      return found;
    },
    overdue: async () => [],
  };
}

function applicationsInMemory(): ApplicationStore {
  const rows = new Map<string, Application>();
  const keyOf = (promotionId: string, orderId: string) => JSON.stringify([promotionId, orderId]);
  return {
    find: async (promotionId, orderId) => rows.get(keyOf(promotionId, orderId)),
    async record(application) {
      const key = keyOf(application.promotionId, application.orderId);
      const earlier = rows.get(key);
      if (earlier) return { application: earlier, isFirst: false };
      rows.set(key, application);
      return { application, isFirst: true };
    },
  };
}

beforeEach(async () => {
  now = new Date("2026-03-15T12:00:00.000Z");
  tiers = new Map();
  asked = [];
  askCustomer = async (customerId) => {
    throw new CustomerNotFound({ customerId });
  };
  const { routes } = buildApp({
    promotions: promotionsInMemory(),
    applications: applicationsInMemory(),
    knownTiers: { tierOf: async (id) => tiers.get(id) },
    customers: {
      tierOf(id) {
        asked.push(id);
        return askCustomer(id);
      },
    },
    clock: { now: () => now },
  });
  ask = await serveRoutes(routes, "/v1/promotions");
});
afterEach(stopServed);

const spring = {
  promotionId: "promo_spring",
  name: "Spring",
  type: "percentage",
  rules: { actions: { discountValue: 10 } },
  effectiveFrom: "2026-03-01T00:00:00.000Z",
  effectiveTo: "2026-04-01T00:00:00.000Z",
};
const order = { orderId: "order_1", customerId: "cust_1", items: [{ productId: "p", quantity: 3, unitPrice: 33.35 }] };
const customer = { "X-User-Id": "cust_1", "X-User-Role": "customer" };

describe("promotion routes", () => {
  it("create, give, list page by page and switch promotions", async () => {
    const created = await ask("POST", "", spring);
    expect(created.status).toBe(201);
    expect(created.data.promotion).toMatchObject({ ...spring, status: "active" });
    expect((await ask("POST", "", spring)).error.code).toBe("PROMOTION_EXISTS");
    await ask("POST", "", { ...spring, promotionId: undefined, status: "inactive" });
    const first = await ask("GET", "?limit=1");
    expect(first.data.promotions[0].promotionId).toMatch(/^promo_/);
    const elsewhere = await ask("GET", `?limit=1&status=active&cursor=${first.meta.nextCursor}`);
    expect([elsewhere.status, Object.keys(elsewhere.error.details.field_errors)]).toEqual([400, ["cursor"]]);
    const second = await ask("GET", `?limit=1&cursor=${first.meta.nextCursor}`);
    expect(second.data.promotions[0]).toEqual(created.data.promotion);
    expect(second.meta.nextCursor).toBeUndefined();
    expect((await ask("PATCH", "/promo_spring", { status: "inactive" })).data.promotion.status).toBe("inactive");
    expect((await ask("GET", "?status=active")).data.promotions).toEqual([]);
    expect((await ask("GET", "/promo_none")).error.code).toBe("PROMOTION_NOT_FOUND");
  });

  it("name every wrong field by its path", async () => {
    const wrong = {
      name: "",
      type: "bogus",
      rules: { conditions: { minOrderAmount: 1.001, customerTiers: ["tin"] }, actions: { surprise: 1 } },
      effectiveFrom: "yesterday",
      extra: true,
    };
    const { status, error } = await ask("POST", "", wrong);
    expect(status).toBe(400);
    expect(Object.keys(error.details.field_errors).sort()).toEqual([
      "effectiveFrom",
      "effectiveTo",
      "extra",
      "name",
      "rules.actions.surprise",
      "rules.conditions.customerTiers.0",
      "rules.conditions.minOrderAmount",
      "type",
    ]);
    expect((await ask("GET", "?cursor=bm90")).error.details.field_errors).toHaveProperty("cursor");
    expect((await ask("GET", "?color=red")).error.details.field_errors).toHaveProperty("color");
  });

  it.each([
    ["0001-01-01T00:00:00+01:00", "the year 0 of UTC"],
    ["9999-12-31T23:30:00-01:00", "the year 10000 of UTC"],
    ["2016-12-31T23:59:60Z", "a leap second"],
    ["2026-03-01T24:00:00Z", "the hour 24"],
    ["2026-03-01 00:00:00Z", "a blank instead of T"],
  ])("refuse a period that begins at %s: %s", async (effectiveFrom) => {
    const { status, error } = await ask("POST", "", { ...spring, effectiveFrom });
    expect([status, Object.keys(error.details.field_errors)]).toEqual([400, ["effectiveFrom"]]);
  });

  it("read a period with offsets and small letters, and give it back in UTC", async () => {
    const period = { effectiveFrom: "0001-01-01T00:00:00-23:59", effectiveTo: "9999-12-31t23:59:59.999z" };
    const { data } = await ask("POST", "", { ...spring, ...period });
    expect(data.promotion).toMatchObject({
      effectiveFrom: "0001-01-01T23:59:00.000Z",
      effectiveTo: "9999-12-31T23:59:59.999Z",
    });
  });

  it("refuse actions that the promotion's type does not use, each by its path", async () => {
    const actions = { buyQuantity: 1, discountValue: 10, maxDiscountAmount: 5, freeShipping: true };
    const { status, error } = await ask("POST", "", { ...spring, type: "buy_x_get_y", rules: { actions } });
    expect([status, Object.keys(error.details.field_errors)]).toEqual([
      400,
      ["rules.actions.discountValue", "rules.actions.maxDiscountAmount", "rules.actions.freeShipping"],
    ]);
  });

  it.each([" ", "Spring ", " Spring", "Spring\nsale", "Spring\u202Eelas", "Spring\u200F", "\u200B"])(
    "refuse the name %j",
    async (name) => {
      const { status, error } = await ask("POST", "", { ...spring, name });
      expect([status, Object.keys(error.details.field_errors)]).toEqual([400, ["name"]]);
    },
  );

  it.each([".", ".."])("refuse the id %s, which no path reaches", async (promotionId) => {
    const { status, error } = await ask("POST", "", { ...spring, promotionId });
    expect([status, Object.keys(error.details.field_errors)]).toEqual([400, ["promotionId"]]);
  });

  it("leave writing to operators where a user is there", async () => {
    expect((await ask("POST", "", spring, customer)).status).toBe(403);
    expect((await ask("PATCH", "/promo_spring", { status: "inactive" }, customer)).status).toBe(403);
    expect((await ask("GET", "", undefined, customer)).status).toBe(200);
  });
});

describe("applying a promotion", () => {
  beforeEach(() => ask("POST", "", spring));

  it("happens once for an order: 201, then 200 with the first application, whatever changed since", async () => {
    const first = await ask("POST", "/promo_spring/apply", order);
    expect(first.status).toBe(201);
    expect(first.data.application).toEqual({
      promotionId: "promo_spring",
      orderId: "order_1",
      customerId: "cust_1",
      originalAmount: 100.05,
      discountAmount: 10.01,
      finalAmount: 90.04,
      appliedAt: now.toISOString(),
    });
    await ask("PATCH", "/promo_spring", { status: "inactive" });
    const again = await ask("POST", "/promo_spring/apply", { ...order, items: [{ ...order.items[0], quantity: 9 }] });
    expect(again.status).toBe(200);
    expect(again.data).toEqual(first.data);
    expect(asked).toEqual([]);
  });

  it("takes every amount up to the largest, and refuses an order that costs more together", async () => {
    const free = { ...spring, promotionId: "promo_free", type: "free_shipping", rules: {} };
    await ask("POST", "", free);
    const apply = (orderId: string, items: { quantity: number; unitPrice: number }[]) =>
      ask("POST", "/promo_free/apply", {
        ...order,
        orderId,
        items: items.map((item) => ({ ...item, productId: "p" })),
      });
    const largest = await apply("order_largest", [{ quantity: 1, unitPrice: 9_999_999_999.99 }]);
    expect(largest.data.application).toMatchObject({ originalAmount: 9_999_999_999.99, discountAmount: 0 });
    expect((await apply("order_odd", [{ quantity: 1, unitPrice: 1_234_567.89 }])).data.application.originalAmount).toBe(
      1_234_567.89,
    );
    for (const items of [
      [
        { quantity: 1, unitPrice: 9_999_999_999.99 },
        { quantity: 1, unitPrice: 0.01 },
      ],
      Array.from({ length: 100 }, () => ({ quantity: 10_000, unitPrice: 9_999_999_999.99 })),
    ]) {
      const { status, error } = await apply("order_dear", items);
      expect([status, error.details.field_errors]).toEqual([400, { items: expect.stringMatching(/9999999999.99/) }]);
    }
    expect((await apply("order_third", [{ quantity: 1, unitPrice: 1.001 }])).error.details.field_errors).toHaveProperty(
      ["items.0.unitPrice"],
    );
  });

  it("is refused while the promotion is off, not begun or over, before any condition", async () => {
    now = new Date("2026-02-01T00:00:00Z");
    expect((await ask("POST", "/promo_spring/apply", order)).error).toMatchObject({
      code: "PROMOTION_NOT_ACTIVE",
      details: { reason: "not_begun" },
    });
    now = new Date("2026-04-01T00:00:00Z");
    expect((await ask("POST", "/promo_spring/apply", order)).error.details.reason).toBe("over");
    expect((await ask("PATCH", "/promo_spring", { status: "inactive" })).error.code).toBe("CONFLICT");
    expect((await ask("POST", "/promo_none/apply", order)).error.code).toBe("PROMOTION_NOT_FOUND");
  });

  it("asks customer-service only where a tier decides and no event told it", async () => {
    const rules = { ...spring.rules, conditions: { customerTiers: ["gold"], minOrderAmount: 50 } };
    await ask("POST", "", { ...spring, promotionId: "promo_gold", rules });
    const apply = (orderId: string, items = order.items) =>
      ask("POST", "/promo_gold/apply", { ...order, orderId, items });

    expect((await apply("o1")).error.code).toBe("CUSTOMER_NOT_FOUND");
    askCustomer = async () => {
      throw new DependencyFailed({ service: "customer-service", operation: "GET", cause: "no_instance" });
    };
    const failed = await apply("o1");
    expect([failed.status, failed.error.code, failed.error.details.cause]).toEqual([
      503,
      "DEPENDENCY_FAILED",
      "no_instance",
    ]);
    askCustomer = async () => "silver";
    expect((await apply("o1")).error.details).toEqual({ reason: "customer_tier" });
    askCustomer = async () => "gold";
    expect((await apply("o1")).status).toBe(201);
    expect(asked.length).toBe(4);

    tiers.set("cust_1", "gold");
    expect((await apply("o2")).status).toBe(201);
    tiers.set("cust_1", "bronze");
    expect((await apply("o3")).error.details).toEqual({ reason: "customer_tier" });
    const cheap = [{ productId: "p", quantity: 1, unitPrice: 1 }];
    tiers.clear();
    expect((await apply("o4", cheap)).error.details).toEqual({ reason: "min_order_amount" });
    expect(asked.length).toBe(4);
  });

  it("is for the customer's own orders where a user is there", async () => {
    const other = { "X-User-Id": "cust_2", "X-User-Role": "customer" };
    expect((await ask("POST", "/promo_spring/apply", order, other)).status).toBe(403);
    expect((await ask("POST", "/promo_spring/apply", order, customer)).status).toBe(201);
    const theirs = await ask("POST", "/promo_spring/apply", { ...order, customerId: "cust_2" }, other);
    expect(theirs.status).toBe(403);
    expect(theirs.data).toBeUndefined();
    const admin = { "X-User-Id": "adm", "X-User-Role": "admin" };
    expect((await ask("POST", "/promo_spring/apply", order, admin)).status).toBe(200);
  });
});
