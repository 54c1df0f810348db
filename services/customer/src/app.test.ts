import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { newContext } from "@weft/core";
import type { ReceivedEvent } from "@weft/messaging";
import type { Transaction } from "@weft/outbox";
import { serveRoutes, stopServed } from "@weft/transport/testing";
import { buildApp } from "./app.ts";
import type { Activity, CustomerStore, EventEffects, Purchase } from "./application/ports.ts";
import type { Customer } from "./domain/customer.ts";
import { CustomerExists, CustomerNotFound } from "./domain/errors.ts";

const now = new Date("2026-03-01T10:00:00Z");
let ask: Awaited<ReturnType<typeof serveRoutes>>;
let app: ReturnType<typeof buildApp>;
let published: { customerId: string; changes: object; updatedBy?: string }[];
let purchases: Purchase[];

/** The stores' promises, in memory. */
function storesInMemory() {
  const rows = new Map<string, Customer>();
  const activity: Activity[] = [];
  const change = (
    customerId: string,
    updatedBy: string | undefined,
    decide: Parameters<CustomerStore["change"]>[2],
  ) => {
    const before = rows.get(customerId);
    if (!before) return undefined;
    const { customer, changes } = decide(before);
    rows.set(customerId, customer);
    if (Object.keys(changes).length > 0) published.push({ customerId, changes, updatedBy });
    return customer;
  };
  const customers: CustomerStore = {
    async create({ customerId, email }, decide) {
      if (rows.has(customerId)) throw new CustomerExists({ field: "customerId" });
      if ([...rows.values()].some((row) => row.email.toLowerCase() === email.toLowerCase())) {
        throw new CustomerExists({ field: "email" });
      }
      const mine = purchases.filter((purchase) => purchase.customerId === customerId);
      const customer = decide(mine.reduce((sum, { amount }) => sum + amount, 0));
      rows.set(customerId, customer);
      return customer;
    },
    find: async (id) => rows.get(id),
    async change(customerId, updatedBy, decide) {
      const customer = change(customerId, updatedBy, decide);
      if (!customer) throw new CustomerNotFound({ customerId });
      return customer;
    },
  };
  const effects: EventEffects = {
    async addActivity(entry) {
      activity.push(entry);
    },
    async addPurchase(purchase, decide) {
      purchases.push(purchase);
      change(purchase.customerId, "customer-service", decide);
    },
  };
  return {
    customers,
    effectsIn: () => effects,
    activity: {
      list: async (id: string, limit: number, before = Infinity) =>
        activity
          .map((entry, index) => ({ ...entry, position: index + 1 }))
          .filter((entry) => entry.customerId === id && entry.position < before)
          .reverse()
          .slice(0, limit),
    },
  };
}

beforeEach(async () => {
  published = [];
  purchases = [];
  app = buildApp({ ...storesInMemory(), clock: { now: () => now } });
  ask = await serveRoutes(app.routes, "/v1/customers");
});
afterEach(stopServed);

let events = 0;
async function tell(type: string, data: object): Promise<void> {
  const subscription = app.subscriptions.find((one) => one.type === type)!;
  events += 1;
  const event = { id: `evt_${events}`, type, timestamp: now.toISOString(), data, context: newContext() };
  await subscription.handle(event as unknown as ReceivedEvent, undefined as unknown as Transaction);
}
const applied = (amounts: object, orderId = `order_${events}`) =>
  tell("PromotionApplied", { promotionId: "promo_1", orderId, customerId: "cust_1", discountAmount: 0, ...amounts });

const ada = { customerId: "cust_1", email: "Ada@example.com", profile: { firstName: "Ada", lastName: "Lovelace" } };
const asAda = { "X-User-Id": "cust_1", "X-User-Role": "customer" };
const asOther = { "X-User-Id": "cust_2", "X-User-Role": "customer" };
const asAdmin = { "X-User-Id": "adm", "X-User-Role": "admin" };

describe("customer routes", () => {
  it("create a customer once, by id and by e-mail in any case", async () => {
    const created = await ask("POST", "", ada);
    expect([created.status, created.data.customer]).toEqual([
      201,
      {
        ...ada,
        tier: "bronze",
        preferences: {},
        addresses: [],
        lifetimeSpend: 0,
        createdAt: now.toISOString(),
        updatedAt: now.toISOString(),
      },
    ]);
    const twin = await ask("POST", "", { ...ada, customerId: undefined, email: "ADA@EXAMPLE.COM" });
    expect([twin.status, twin.error.code, twin.error.details]).toEqual([409, "CUSTOMER_EXISTS", { field: "email" }]);
    expect((await ask("POST", "", ada)).error.details).toEqual({ field: "customerId" });
    expect((await ask("POST", "", ada, asAda)).status).toBe(403);
  });

  it("name every wrong field by its path", async () => {
    const wrong = {
      email: "nobody",
      profile: { firstName: "A", motto: "x".repeat(2001) },
      tier: "tin",
      vip: true,
    };
    const { error } = await ask("POST", "", wrong);
    expect(Object.keys(error.details.field_errors).sort()).toEqual([
      "email",
      "profile.lastName",
      "profile.motto",
      "tier",
      "vip",
    ]);
  });

  it("show and change a customer to the customer and to admins, the tier by admins only", async () => {
    await ask("POST", "", ada);
    expect((await ask("GET", "/cust_1", undefined, asOther)).status).toBe(403);
    expect((await ask("GET", "/cust_1/activity", undefined, asOther)).status).toBe(403);
    expect((await ask("PATCH", "/cust_1", { preferences: {} }, asOther)).status).toBe(403);
    expect((await ask("GET", "/cust_1", undefined, asAda)).status).toBe(200);
    expect((await ask("PATCH", "/cust_1", { tier: "gold" }, asAda)).status).toBe(403);
    expect((await ask("PATCH", "/cust_1", { preferences: { news: true } }, asAda)).status).toBe(200);
    expect((await ask("PATCH", "/cust_1", { tier: "gold" }, asAdmin)).data.customer.tier).toBe("gold");
    expect((await ask("PATCH", "/cust_1", { tier: "gold" }, asAdmin)).status).toBe(200);
    expect(published).toEqual([
      { customerId: "cust_1", changes: { preferences: { news: true } }, updatedBy: "cust_1" },
      { customerId: "cust_1", changes: { tier: "gold" }, updatedBy: "adm" },
    ]);
    expect((await ask("GET", "/cust_9")).error.code).toBe("CUSTOMER_NOT_FOUND");
    expect((await ask("GET", "/cust_9/activity")).error.code).toBe("CUSTOMER_NOT_FOUND");
    expect((await ask("PATCH", "/cust_9", {})).error.code).toBe("CUSTOMER_NOT_FOUND");
  });
});

describe("customer's events", () => {
  it("raise the tier by what was paid, and tell it once", async () => {
    await ask("POST", "", ada);
    await applied({ finalAmount: 999.99, originalAmount: 5000 });
    expect(published).toEqual([]);
    await applied({ originalAmount: 10.02, discountAmount: 10.01 });
    expect(published).toEqual([{ customerId: "cust_1", changes: { tier: "silver" }, updatedBy: "customer-service" }]);
    await applied({});
    expect((await ask("GET", "/cust_1")).data.customer).toMatchObject({ lifetimeSpend: 1000, tier: "silver" });
    expect(published).toHaveLength(1);
  });

  it("of a customer who is not known yet are kept until the customer is created", async () => {
    await applied({ finalAmount: 5000 });
    expect((await ask("POST", "", ada)).data.customer).toMatchObject({ lifetimeSpend: 5000, tier: "gold" });
    expect((await ask("GET", "/cust_1/activity")).data.activity).toHaveLength(1);
  });

  it("with an amount that no order has are refused for good", async () => {
    await expect(applied({ finalAmount: -1 })).rejects.toMatchObject({ code: "EVENT_REJECTED" });
    await expect(applied({ finalAmount: 1e300 })).rejects.toMatchObject({ code: "EVENT_REJECTED" });
  });

  it("show in the activity, newest first and page by page", async () => {
    await ask("POST", "", ada);
    const mine = { customerId: "cust_1" };
    await tell("ShipmentCreated", { ...mine, shipmentId: "shp_1", orderId: "o", createdAt: "2026-01-01T00:00:00Z" });
    await tell("ShipmentCreated", { shipmentId: "shp_2", orderId: "o" });
    await tell("ShipmentStatusChanged", { ...mine, shipmentId: "shp_1", orderId: "o", from: "created", to: "picked" });
    await tell("ReviewSubmitted", { ...mine, reviewId: "rev_1", productId: "p", rating: 5 });
    await tell("ReviewModerated", {
      ...mine,
      reviewId: "rev_1",
      productId: "p",
      rating: 5,
      from: "pending",
      to: "approved",
    });
    const first = await ask("GET", "/cust_1/activity?limit=3");
    expect(first.data.activity.map((one: Activity) => one.type)).toEqual([
      "ReviewModerated",
      "ReviewSubmitted",
      "ShipmentStatusChanged",
    ]);
    const elsewhere = await ask("GET", `/cust_2/activity?limit=3&cursor=${first.meta.nextCursor}`);
    expect([elsewhere.status, Object.keys(elsewhere.error.details.field_errors)]).toEqual([400, ["cursor"]]);
    const second = await ask("GET", `/cust_1/activity?limit=3&cursor=${first.meta.nextCursor}`);
    expect(second.data.activity).toEqual([
      {
        activityId: expect.any(String),
        type: "ShipmentCreated",
        occurredAt: "2026-01-01T00:00:00.000Z",
        details: { shipmentId: "shp_1", orderId: "o" },
      },
    ]);
  });
});
