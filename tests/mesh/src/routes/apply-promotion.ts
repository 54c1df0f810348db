import { describe, expect, it } from "@jest/globals";
import { eventually } from "@weft/testkit";
import { expectError, expectInvalid, type MeshFixture, soon, unique } from "../http/mesh-fixture.ts";
import { things } from "../http/things.ts";

interface Item {
  productId: string;
  categoryId?: string;
  quantity: number;
  unitPrice: number;
}
interface Example {
  of: string;
  type?: string;
  conditions?: object;
  actions: object;
  items: Item[];
  gives: { originalAmount: number; discountAmount: number; finalAmount: number };
}

const item = (unitPrice: number, quantity = 1, productId = "p", categoryId?: string): Item => ({
  productId,
  ...(categoryId === undefined ? {} : { categoryId }),
  quantity,
  unitPrice,
});
const amounts = (originalAmount: number, discountAmount: number, finalAmount: number) => ({
  originalAmount,
  discountAmount,
  finalAmount,
});
const onlyA = { productIds: ["a"] };

const examples: Example[] = [
  {
    of: "10 % of all",
    actions: { discountValue: 10 },
    items: [item(19.99, 2), item(5)],
    gives: amounts(44.98, 4.5, 40.48),
  },
  { of: "half a cent goes up", actions: { discountValue: 10 }, items: [item(0.05)], gives: amounts(0.05, 0.01, 0.04) },
  {
    of: "half a cent goes up where binary fractions are below it",
    actions: { discountValue: 15 },
    items: [item(1.5), item(0.01, 10)],
    gives: amounts(1.6, 0.24, 1.36),
  },
  { of: "1.005 is 1.01", actions: { discountValue: 50 }, items: [item(2.01)], gives: amounts(2.01, 1.01, 1) },
  { of: "33.33 %", actions: { discountValue: 33.33 }, items: [item(99.99)], gives: amounts(99.99, 33.33, 66.66) },
  { of: "100 %", actions: { discountValue: 100 }, items: [item(12.34)], gives: amounts(12.34, 12.34, 0) },
  {
    of: "a percentage has its maximum",
    actions: { discountValue: 50, maxDiscountAmount: 20 },
    items: [item(100)],
    gives: amounts(100, 20, 80),
  },
  {
    of: "only the qualifying products are discounted",
    conditions: onlyA,
    actions: { discountValue: 50 },
    items: [item(10, 1, "a"), item(90, 1, "b")],
    gives: amounts(100, 5, 95),
  },
  {
    of: "products or categories qualify, and no category is none",
    conditions: { productIds: ["a"], categoryIds: ["c"] },
    actions: { discountValue: 10 },
    items: [item(10, 1, "a"), item(20, 1, "b", "c"), item(40, 1, "b"), item(80, 1, "b", "d")],
    gives: amounts(150, 3, 147),
  },
  {
    of: "the minimum counts all items, and is enough when met exactly",
    conditions: { ...onlyA, minOrderAmount: 100 },
    actions: { discountValue: 10 },
    items: [item(10, 1, "a"), item(90, 1, "b")],
    gives: amounts(100, 1, 99),
  },
  {
    of: "a fixed amount",
    type: "fixed_amount",
    actions: { discountValue: 5 },
    items: [item(20)],
    gives: amounts(20, 5, 15),
  },
  {
    of: "a fixed amount is at most what qualifies",
    type: "fixed_amount",
    conditions: onlyA,
    actions: { discountValue: 50 },
    items: [item(10, 2, "a"), item(90, 1, "b")],
    gives: amounts(110, 20, 90),
  },
  {
    of: "buy one, get one, unless told otherwise",
    type: "buy_x_get_y",
    actions: {},
    items: [item(10, 2), item(3, 3)],
    gives: amounts(29, 6, 23),
  },
  {
    of: "buy two, get one: the cheapest of all is free",
    type: "buy_x_get_y",
    actions: { buyQuantity: 2, getQuantity: 1 },
    items: [item(10), item(7), item(4)],
    gives: amounts(21, 4, 17),
  },
  {
    of: "buy two, get one: two of three get nothing",
    type: "buy_x_get_y",
    actions: { buyQuantity: 2, getQuantity: 1 },
    items: [item(10), item(7)],
    gives: amounts(17, 0, 17),
  },
  {
    of: "buy one, get two, of what qualifies",
    type: "buy_x_get_y",
    conditions: onlyA,
    actions: { buyQuantity: 1, getQuantity: 2 },
    items: [item(10, 4, "a"), item(1, 9, "b")],
    gives: amounts(49, 20, 29),
  },
  { of: "free shipping", type: "free_shipping", actions: {}, items: [item(20)], gives: amounts(20, 0, 20) },
];

/** `POST /v1/promotions/{promotionId}/apply`: what it computes, what it refuses, and that it happens once. */
export function applyPromotionRoutes(mesh: MeshFixture) {
  const { promotion, customer, order } = things(mesh);
  const apply = (promotionId: string, body: unknown) =>
    mesh.api("POST", `/v1/promotions/${promotionId}/apply`, { body });
  const conditioned = (conditions: object) => promotion({ rules: { conditions, actions: { discountValue: 10 } } });

  describe("promotion: POST /v1/promotions/{promotionId}/apply", () => {
    it("applies a promotion to an order and publishes PromotionApplied under the order's key [201]", async () => {
      const promotionId = await promotion();
      const body = order();
      const answer = await apply(promotionId, body);
      expect(answer.status).toBe(201);
      expect(answer.data.application).toEqual({
        promotionId,
        orderId: body.orderId,
        customerId: body.customerId,
        originalAmount: 100,
        discountAmount: 10,
        finalAmount: 90,
        appliedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      });
      const [event] = await mesh.events(body.orderId);
      expect(event).toMatchObject({ topic: "promotion.events", headers: { "event-sequence": "1" } });
      expect(event!.envelope).toMatchObject({ eventType: "PromotionApplied", data: answer.data.application });
    });

    it.each(examples)("computes: $of [201]", async ({ type = "percentage", conditions, actions, items, gives }) => {
      const promotionId = await promotion({ type, rules: { ...(conditions ? { conditions } : {}), actions } });
      const answer = await apply(promotionId, order({ items }));
      expect(answer.status).toBe(201);
      expect(answer.data.application).toMatchObject(gives);
    });

    it("takes amounts up to the largest to the cent, and no order that costs more together [201] [VALIDATION_ERROR]", async () => {
      const promotionId = await promotion();
      const largest = await apply(promotionId, order({ items: [item(9_999_999_999.99)] }));
      const many = await apply(promotionId, order({ items: [item(1_234_567.89, 100)] }));
      expect([largest.status, many.status]).toEqual([201, 201]);
      expect(largest.data.application).toMatchObject(amounts(9_999_999_999.99, 1_000_000_000, 8_999_999_999.99));
      expect(many.data.application).toMatchObject(amounts(123_456_789, 12_345_678.9, 111_111_110.1));
      expectInvalid(await apply(promotionId, order({ items: [item(9_999_999_999.99), item(0.01)] })), "items");
    });

    it("gives the first application, 200, when the same order comes again, whatever is different by then [201] [200]", async () => {
      const promotionId = await promotion();
      const body = order();
      const first = await apply(promotionId, body);
      const again = await apply(promotionId, body);
      expect([first.status, again.status]).toEqual([201, 200]);
      expect(again.data).toEqual(first.data);
      const changed = await apply(promotionId, { ...body, items: [item(5000)] });
      expect([changed.status, changed.data]).toEqual([200, first.data]);
      await mesh.api("PATCH", `/v1/promotions/${promotionId}`, { body: { status: "inactive" } });
      expect(await apply(promotionId, body)).toMatchObject({ status: 200, data: first.data });

      // Another promotion on the same order is the next event of its key: between them there is nothing.
      const other = await promotion();
      expect((await apply(other, body)).status).toBe(201);
      const events = await mesh.events(body.orderId, 2);
      expect(events.map(({ envelope }) => envelope.data.promotionId)).toEqual([promotionId, other]);
    });

    it("happens once where the same order comes many times at once [201] [200]", async () => {
      const promotionId = await promotion();
      const body = order();
      const answers = await Promise.all(Array.from({ length: 8 }, () => apply(promotionId, body)));
      expect(answers.map(({ status }) => status).sort()).toEqual([...Array(7).fill(200), 201]);
      for (const { data } of answers) expect(data).toEqual(answers[0]!.data);
      expect((await apply(await promotion(), body)).status).toBe(201);
      expect(await mesh.events(body.orderId, 2)).toHaveLength(2);
    });

    it("is PROMOTION_NOT_FOUND for one that does not exist, and names wrong fields [PROMOTION_NOT_FOUND] [VALIDATION_ERROR]", async () => {
      expectError(await apply(unique("promo"), order()), 404, "PROMOTION_NOT_FOUND");
      const promotionId = await promotion();
      expectInvalid(await apply(promotionId, {}), "orderId", "customerId", "items");
      expectInvalid(
        await apply(promotionId, order({ items: [{ productId: "p", quantity: 1.5, unitPrice: -1, sku: "S" }] })),
        "items.0.quantity",
        "items.0.unitPrice",
        "items.0.sku",
      );
    });

    it.each([
      ["is switched off", { status: "inactive" }],
      ["has not begun", { effectiveFrom: "2098-01-01T00:00:00Z" }],
      ["is over", { effectiveFrom: "2020-01-01T00:00:00Z", effectiveTo: "2021-01-01T00:00:00Z" }],
    ])("is PROMOTION_NOT_ACTIVE where it %s [PROMOTION_NOT_ACTIVE]", async (_why, fields) => {
      expectError(await apply(await promotion(fields), order()), 409, "PROMOTION_NOT_ACTIVE");
    });

    it.each([
      ["min_order_amount", { minOrderAmount: 100.01 }, {}],
      ["products", { productIds: ["another"] }, {}],
      ["categories", { categoryIds: ["shoes"] }, {}],
      ["warehouse", { warehouseIds: ["wh_1"] }, { warehouseId: "wh_2" }],
      ["warehouse", { warehouseIds: ["wh_1"] }, {}],
    ])("is PROMOTION_NOT_APPLICABLE because of %s [PROMOTION_NOT_APPLICABLE]", async (reason, conditions, fields) => {
      const promotionId = await conditioned(conditions);
      expectError(await apply(promotionId, order(fields)), 409, "PROMOTION_NOT_APPLICABLE", { reason });
    });

    it("applies where every condition holds [201]", async () => {
      const customerId = await customer({ tier: "gold" });
      const promotionId = await conditioned({
        minOrderAmount: 10,
        productIds: ["a"],
        warehouseIds: ["wh_1"],
        customerTiers: ["gold", "platinum"],
      });
      const body = order({ customerId, warehouseId: "wh_1", items: [item(50, 1, "a"), item(50, 1, "b")] });
      expect(await apply(promotionId, body)).toMatchObject({
        status: 201,
        data: { application: { discountAmount: 5 } },
      });
    });

    it("asks for the tier only where a rule needs it, and then the customer must exist [201] [CUSTOMER_NOT_FOUND]", async () => {
      const unknown = order({ customerId: unique("cust") });
      expect((await apply(await promotion(), unknown)).status).toBe(201);
      const tiered = await conditioned({ customerTiers: ["bronze"] });
      expectError(await apply(tiered, unknown), 404, "CUSTOMER_NOT_FOUND");
    });

    it("follows the tier that a customer has by now [201] [PROMOTION_NOT_APPLICABLE]", async () => {
      const customerId = await customer();
      const tiered = await conditioned({ customerTiers: ["silver"] });
      expectError(await apply(tiered, order({ customerId })), 409, "PROMOTION_NOT_APPLICABLE", {
        reason: "customer_tier",
      });
      await mesh.api("PATCH", `/v1/customers/${customerId}`, { body: { tier: "silver" } });
      await eventually(
        "the new tier is accepted",
        async () => (await apply(tiered, order({ customerId }))).status === 201,
        soon,
      );
    });

    it("is DEPENDENCY_FAILED where customer-service hangs and the customer was never heard of, and works for others [DEPENDENCY_FAILED]", async () => {
      const known = await customer({ tier: "gold" });
      const tiered = await conditioned({ customerTiers: ["gold"] });
      await mesh.effect("promotion", (await mesh.events(known))[0]!.envelope.eventId);
      const ask = (customerId: string, headers = {}) =>
        mesh.api("POST", `/v1/promotions/${tiered}/apply`, { body: order({ customerId }), headers });
      await mesh.whileFrozen("customer-service", async () => {
        const begun = performance.now();
        const patient = ask(unique("cust"));
        expect((await ask(known)).status).toBe(201);
        const hurried = await ask(unique("cust"), { "x-request-timeout-ms": "1000" });
        expect(hurried.status).toBe(503);
        expect(performance.now() - begun).toBeLessThan(9_000);
        expectError(await patient, 503, "DEPENDENCY_FAILED", {
          dependency_service: "customer-service",
          operation: expect.any(String),
          cause: expect.stringMatching(/^(timeout|breaker_open)$/),
        });
      });
      // A breaker may be open for 30 s yet, and would answer the tests after this one.
      const isBack = async () => (await ask(unique("cust"))).status === 404;
      await eventually("customer-service is asked again", isBack, { timeoutMs: 60_000, everyMs: 200 });
    }, 120_000);
  });
}
