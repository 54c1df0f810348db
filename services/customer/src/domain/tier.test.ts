import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { raised, tiers } from "./tier.ts";

const tier = fc.constantFrom(...tiers);
const spend = fc.integer({ min: 0, max: 30_000_00 });

describe("tier", () => {
  it("is earned by the cent", () => {
    expect(raised("bronze", 999_99)).toBe("bronze");
    expect(raised("bronze", 1_000_00)).toBe("silver");
    expect(raised("bronze", 4_999_99)).toBe("silver");
    expect(raised("bronze", 5_000_00)).toBe("gold");
    expect(raised("bronze", 19_999_99)).toBe("gold");
    expect(raised("bronze", 20_000_00)).toBe("platinum");
  });

  it("is never lowered, and never lower for more spend", () => {
    fc.assert(
      fc.property(tier, spend, spend, (current, one, more) => {
        const after = tiers.indexOf(raised(current, one));
        expect(after).toBeGreaterThanOrEqual(tiers.indexOf(current));
        expect(tiers.indexOf(raised(current, one + more))).toBeGreaterThanOrEqual(after);
      }),
    );
  });

  it("is the same after many purchases in any order as after their sum", () => {
    const purchases = fc.array(fc.integer({ min: 0, max: 5_000_00 }), { maxLength: 12 });
    fc.assert(
      fc.property(tier, purchases, (start, amounts) => {
        let total = 0;
        let current = start;
        for (const amount of amounts) {
          total += amount;
          current = raised(current, total);
        }
        expect(current).toBe(raised(start, total));
      }),
    );
  });
});
