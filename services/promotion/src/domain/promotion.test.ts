import { describe, expect, it } from "@jest/globals";
import { assertActive, changeStatus, createPromotion, expire, type NewPromotion } from "./promotion.ts";

const from = new Date("2026-03-01T00:00:00Z");
const to = new Date("2026-04-01T00:00:00Z");
const during = new Date("2026-03-15T00:00:00Z");
const before = new Date("2026-02-28T23:59:59Z");
const input: NewPromotion = {
  promotionId: "promo_1",
  name: "Spring",
  type: "percentage",
  rules: { actions: { discountValue: 10 } },
  effectiveFrom: from,
  effectiveTo: to,
  status: "active",
};
const created = createPromotion(input, from);
const errorsOf = (change: Partial<NewPromotion>) => {
  try {
    createPromotion({ ...input, ...change }, from);
  } catch (error) {
    return (error as { details: { field_errors: Record<string, string> } }).details.field_errors;
  }
};

describe("promotion", () => {
  it("needs an end after its beginning", () => {
    expect(errorsOf({ effectiveTo: from })).toEqual({ effectiveTo: "must be after effectiveFrom" });
  });

  it("needs a value where its type takes one, and reports it beside other faults", () => {
    expect(errorsOf({ rules: {} })).toEqual({ "rules.actions.discountValue": "is required" });
    expect(errorsOf({ rules: { actions: { discountValue: 100.5 } } })).toEqual({
      "rules.actions.discountValue": "must be <= 100",
    });
    expect(Object.keys(errorsOf({ type: "fixed_amount", rules: {}, effectiveTo: before }) ?? {})).toEqual([
      "effectiveTo",
      "rules.actions.discountValue",
    ]);
    expect(errorsOf({ type: "buy_x_get_y", rules: {} })).toBeUndefined();
  });

  it.each<[NewPromotion["type"], object, string[]]>([
    ["percentage", { discountValue: 10, maxDiscountAmount: 5 }, []],
    ["percentage", { discountValue: 10, freeShipping: true, getQuantity: 1 }, ["freeShipping", "getQuantity"]],
    ["fixed_amount", { discountValue: 10 }, []],
    ["fixed_amount", { discountValue: 10, maxDiscountAmount: 5 }, ["maxDiscountAmount"]],
    ["buy_x_get_y", { buyQuantity: 2, getQuantity: 1 }, []],
    [
      "buy_x_get_y",
      { buyQuantity: 2, discountValue: 10, maxDiscountAmount: 1 },
      ["discountValue", "maxDiscountAmount"],
    ],
    ["free_shipping", { freeShipping: true }, []],
    ["free_shipping", { freeShipping: false }, ["freeShipping"]],
    ["free_shipping", { discountValue: 10, buyQuantity: 1 }, ["discountValue", "buyQuantity"]],
  ])("of type %s with the actions %j is refused for what its type does not use: %j", (type, actions, refused) => {
    const problems = errorsOf({ type, rules: { actions } }) ?? {};
    expect(Object.keys(problems)).toEqual(refused.map((name) => `rules.actions.${name}`));
  });

  it("says freeShipping where that is what it gives", () => {
    expect(createPromotion({ ...input, type: "free_shipping", rules: {} }, from).rules.actions?.freeShipping).toBe(
      true,
    );
  });

  it("applies from its first moment, and not at its last", () => {
    expect(() => assertActive(created, from)).not.toThrow();
    expect(() => assertActive(created, before)).toThrow(/has not begun/);
    expect(() => assertActive(created, to)).toThrow(/is over/);
    expect(() => assertActive({ ...created, status: "inactive" }, during)).toThrow(/switched off/);
  });

  it("is switched off and on, and says nothing where nothing changes", () => {
    expect(changeStatus(created, "inactive", during)).toEqual({
      promotionId: "promo_1",
      from: "active",
      to: "inactive",
      changedAt: during.toISOString(),
    });
    expect(changeStatus(created, "active", during)).toBeUndefined();
  });

  it("expires once, whatever it was, and stays so", () => {
    expect(expire(created, during)).toBeUndefined();
    expect(expire({ ...created, status: "inactive" }, to)).toMatchObject({ from: "inactive", to: "expired" });
    expect(expire({ ...created, status: "expired" }, to)).toBeUndefined();
    expect(() => changeStatus({ ...created, status: "expired" }, "active", during)).toThrow(/final/);
  });

  it("cannot be switched on between its end and the sweep that notes it", () => {
    expect(() => changeStatus({ ...created, status: "inactive" }, "active", to)).toThrow(/final/);
  });
});
