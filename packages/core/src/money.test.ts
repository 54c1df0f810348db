import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { fromCents, percentOf, toCents } from "./money.ts";

describe("money", () => {
  it("reads every amount of at most two decimals exactly, and gives it back", () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 1e15 }), (cents) => toCents(fromCents(cents)) === cents));
  });

  it("rounds a third decimal half up as it is written, not as its binary fraction is", () => {
    const cents = [1.005, 1.004, 8.575, 10.075, 1234567.895, 1e-7, 5e-3, -1.005, -1.006].map(toCents);
    expect(cents).toEqual([101, 100, 858, 1008, 123456790, 0, 1, -100, -101]);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e12 }), fc.integer({ min: 0, max: 9 }), (whole, tenth) => {
        expect(toCents(Number(`${whole * 10 + tenth}e-3`))).toBe(tenth < 5 ? whole : whole + 1);
      }),
    );
  });

  it("rounds a percentage half up", () => {
    expect(percentOf(5, 10)).toBe(1);
    expect(percentOf(4, 10)).toBe(0);
    expect(percentOf(150, 33)).toBe(50);
    expect(percentOf(10_05, 12.5)).toBe(1_26);
    expect(percentOf(1e15, 99.99)).toBe(999_900_000_000_000);
  });

  it("never takes more than the whole, and all of it at 100 percent", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e15 }), fc.integer({ min: 0, max: 10_000 }), (cents, hundredths) => {
        const part = percentOf(cents, hundredths / 100);
        expect(part).toBeGreaterThanOrEqual(0);
        expect(part).toBeLessThanOrEqual(cents);
        expect(percentOf(cents, 100)).toBe(cents);
      }),
    );
  });
});
