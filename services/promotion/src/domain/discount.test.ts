import { describe, expect, it } from "@jest/globals";
import { percentOf, toCents } from "@weft/core";
import fc from "fast-check";
import { assertTier, discountOf, needsTier, type OrderItem } from "./discount.ts";
import type { Promotion, PromotionType, Rules } from "./promotion.ts";

const promotion = (type: PromotionType, rules: Rules): Promotion => ({
  promotionId: "promo_1",
  name: "Test",
  type,
  rules,
  effectiveFrom: new Date("2026-01-01T00:00:00Z"),
  effectiveTo: new Date("2027-01-01T00:00:00Z"),
  status: "active",
  createdAt: new Date("2026-01-01T00:00:00Z"),
  updatedAt: new Date("2026-01-01T00:00:00Z"),
});

const item = fc.record(
  {
    productId: fc.constantFrom("prod_1", "prod_2", "prod_3"),
    categoryId: fc.constantFrom("cat_1", "cat_2"),
    quantity: fc.integer({ min: 1, max: 12 }),
    unitPrice: fc.integer({ min: 0, max: 100_000 }).map((cents) => cents / 100),
  },
  { requiredKeys: ["productId", "quantity", "unitPrice"] },
) as fc.Arbitrary<OrderItem>;
const items = fc.array(item, { minLength: 1, maxLength: 8 });
const amount = fc.integer({ min: 1, max: 200_000 }).map((cents) => cents / 100);
const percent = fc.integer({ min: 1, max: 10_000 }).map((hundredths) => hundredths / 100);
const anyPromotion = fc.oneof(
  fc
    .record({ discountValue: percent, maxDiscountAmount: fc.option(amount, { nil: undefined }) })
    .map((actions) => promotion("percentage", { actions })),
  amount.map((discountValue) => promotion("fixed_amount", { actions: { discountValue } })),
  fc
    .record({ buyQuantity: fc.integer({ min: 1, max: 5 }), getQuantity: fc.integer({ min: 1, max: 5 }) })
    .map((actions) => promotion("buy_x_get_y", { actions })),
  fc.constant(promotion("free_shipping", { actions: { freeShipping: true } })),
);

const unitsOf = (all: readonly OrderItem[]) =>
  all.flatMap(({ quantity, unitPrice }) => Array.from({ length: quantity }, () => Math.round(unitPrice * 100)));
const sum = (cents: readonly number[]) => cents.reduce((a, b) => a + b, 0);

describe("discount", () => {
  it("is between nothing and what the qualifying items cost, and what is left is the rest", () => {
    fc.assert(
      fc.property(anyPromotion, items, fc.boolean(), (given, order, isRestricted) => {
        const conditions = isRestricted ? { productIds: [order[0]!.productId] } : {};
        const found = discountOf({ ...given, rules: { ...given.rules, conditions } }, { items: order });
        const qualifying = isRestricted ? order.filter(({ productId }) => productId === order[0]!.productId) : order;
        expect(found.originalAmount).toBe(sum(unitsOf(order)));
        expect(found.discountAmount).toBeGreaterThanOrEqual(0);
        expect(found.discountAmount).toBeLessThanOrEqual(sum(unitsOf(qualifying)));
        expect(found.originalAmount - found.discountAmount).toBe(found.finalAmount);
        expect(Number.isInteger(found.discountAmount)).toBe(true);
      }),
    );
  });

  it("does not depend on the order of the items", () => {
    const shuffled = items.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
    );
    fc.assert(
      fc.property(anyPromotion, shuffled, (given, [one, other]) => {
        expect(discountOf(given, { items: other })).toEqual(discountOf(given, { items: one }));
      }),
    );
  });

  it("does not depend on whether equal units come as one item or as many", () => {
    fc.assert(
      fc.property(anyPromotion, items, (given, order) => {
        const single = order.flatMap(({ quantity, ...rest }) =>
          Array.from({ length: quantity }, () => ({ ...rest, quantity: 1 })),
        );
        expect(discountOf(given, { items: single })).toEqual(discountOf(given, { items: order }));
      }),
    );
  });

  it("is never more than maxDiscountAmount for a percentage, and the percentage below it", () => {
    fc.assert(
      fc.property(percent, amount, items, (discountValue, maxDiscountAmount, order) => {
        const given = promotion("percentage", { actions: { discountValue, maxDiscountAmount } });
        const uncapped = percentOf(sum(unitsOf(order)), discountValue);
        expect(discountOf(given, { items: order }).discountAmount).toBe(Math.min(uncapped, toCents(maxDiscountAmount)));
      }),
    );
  });

  it("gives the cheapest units away, as a count of single units does", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 5 }),
        items,
        (buyQuantity, getQuantity, order) => {
          const units = unitsOf(order).sort((a, b) => a - b);
          const gifts: number[] = [];
          for (let left = units.length; left >= buyQuantity + getQuantity; left -= buyQuantity + getQuantity) {
            gifts.push(...units.slice(gifts.length, gifts.length + getQuantity));
          }
          const given = promotion("buy_x_get_y", { actions: { buyQuantity, getQuantity } });
          expect(discountOf(given, { items: order }).discountAmount).toBe(sum(gifts));
        },
      ),
    );
  });

  it("takes 1 and 1 where buy_x_get_y does not say how many", () => {
    const order = [{ productId: "p", quantity: 3, unitPrice: 10 }];
    expect(discountOf(promotion("buy_x_get_y", {}), { items: order }).discountAmount).toBe(10_00);
  });

  it("takes nothing off for free shipping", () => {
    const order = [{ productId: "p", quantity: 1, unitPrice: 9.99 }];
    expect(discountOf(promotion("free_shipping", {}), { items: order })).toEqual({
      originalAmount: 9_99,
      discountAmount: 0,
      finalAmount: 9_99,
    });
  });

  it("compares the whole order with minOrderAmount, and takes the discount off the qualifying items only", () => {
    const rules = { conditions: { minOrderAmount: 100, categoryIds: ["cat_1"] }, actions: { discountValue: 50 } };
    const order = [
      { productId: "prod_1", categoryId: "cat_1", quantity: 1, unitPrice: 10 },
      { productId: "prod_2", quantity: 1, unitPrice: 90 },
    ];
    expect(discountOf(promotion("percentage", rules), { items: order }).discountAmount).toBe(5_00);
    expect(() => discountOf(promotion("percentage", rules), { items: order.slice(0, 1) })).toThrow(/min_order_amount/);
  });

  it("qualifies what is named by product or by category", () => {
    const rules = { conditions: { productIds: ["prod_1"], categoryIds: ["cat_2"] }, actions: { discountValue: 100 } };
    const order = [
      { productId: "prod_1", quantity: 1, unitPrice: 1 },
      { productId: "prod_2", categoryId: "cat_2", quantity: 1, unitPrice: 2 },
      { productId: "prod_3", categoryId: "cat_1", quantity: 1, unitPrice: 4 },
    ];
    expect(discountOf(promotion("percentage", rules), { items: order }).discountAmount).toBe(3_00);
  });

  it("names the first condition that does not hold", () => {
    const items = [{ productId: "prod_1", quantity: 1, unitPrice: 10 }];
    const reasonOf = (conditions: Rules["conditions"], warehouseId?: string) => {
      try {
        discountOf(promotion("fixed_amount", { conditions, actions: { discountValue: 1 } }), { items, warehouseId });
      } catch (error) {
        return (error as { details?: { reason?: string } }).details?.reason;
      }
    };
    const elsewhere = { warehouseIds: ["wh_2"] };
    expect(reasonOf({ minOrderAmount: 10.01, productIds: ["x"], ...elsewhere })).toBe("min_order_amount");
    expect(reasonOf({ productIds: ["x"], categoryIds: ["y"], ...elsewhere })).toBe("products");
    expect(reasonOf({ categoryIds: ["y"], ...elsewhere })).toBe("categories");
    expect(reasonOf(elsewhere, "wh_1")).toBe("warehouse");
    expect(reasonOf(elsewhere)).toBe("warehouse");
    expect(reasonOf({ ...elsewhere, minOrderAmount: 10 }, "wh_2")).toBeUndefined();
    expect(reasonOf({ productIds: [], categoryIds: [], warehouseIds: [] })).toBeUndefined();
  });

  it("asks for the tier only where tiers are named, and refuses every other", () => {
    expect(needsTier(promotion("free_shipping", {}))).toBe(false);
    const restricted = promotion("free_shipping", { conditions: { customerTiers: ["gold", "platinum"] } });
    expect(needsTier(restricted)).toBe(true);
    expect(() => assertTier(restricted, "gold")).not.toThrow();
    expect(() => assertTier(restricted, "silver")).toThrow(/customer_tier/);
  });
});
