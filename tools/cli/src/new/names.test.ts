import { describe, expect, it } from "@jest/globals";
import { assertKebabCase, camelCase, kebabOfType, pascalCase, pluralOf, singularOf, snakeCase } from "./names.ts";

describe("names of what is made", () => {
  it("come in every case that code, SQL and paths want", () => {
    expect([
      camelCase("gift-card"),
      pascalCase("gift-card"),
      snakeCase("gift-card"),
      kebabOfType("GiftCardUsed"),
    ]).toEqual(["giftCard", "GiftCard", "gift_card", "gift-card-used"]);
  });

  it("have a singular and a plural", () => {
    expect(["returns", "policies", "address", "wish"].map(singularOf)).toEqual(["return", "policy", "address", "wish"]);
    expect(["return", "policy", "key", "returns", "class", "box"].map(pluralOf)).toEqual([
      "returns",
      "policies",
      "keys",
      "returns",
      "classes",
      "boxes",
    ]);
  });

  it.each(["", "Returns", "gift_cards", "-a", "a--b", "a/../b", "1st", "x".repeat(41)])("are not %j", (name) => {
    expect(() => assertKebabCase("the service's name", name)).toThrow(/lower case with hyphens/);
  });
});
