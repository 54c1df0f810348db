import { expect, it } from "@jest/globals";
import { idPattern, newId } from "./id.ts";

it("a new id is one that a client could have sent, and is never the same", () => {
  expect(newId("promo")).toMatch(new RegExp(idPattern));
  expect(newId("promo")).toMatch(/^promo_./);
  expect(newId("promo")).not.toBe(newId("promo"));
});
