import { describe, expect, it } from "@jest/globals";
import { compileValidator } from "@weft/core";
import { catalogSections, priceMaxAgeMs } from "./config.ts";

describe("how old a price may be", () => {
  it.each([
    [undefined, true, 5000],
    [undefined, false, 0],
    ["2s", false, 2000],
    ["50ms", true, 50],
    ["0s", true, 0],
  ])("with %s, shared %s, is %d ms", (max_age, isShared, expected) => {
    expect(priceMaxAgeMs({ price_cache: { max_age } }, isShared)).toBe(expected);
  });

  it("is never more than five seconds", () => {
    const problemOf = (max_age: unknown) => compileValidator(catalogSections.price_cache)({ max_age });
    for (const right of ["5s", "0s", "5000ms", "4999ms", "20ms", null]) expect(problemOf(right)).toBeUndefined();
    for (const wrong of ["6s", "5001ms", "10s", "1m", "5", ""]) expect(problemOf(wrong)).toBeDefined();
  });
});
