import { expect, it } from "@jest/globals";
import { idPattern, newId } from "./id.ts";

it("a new id is one that a client could have sent, and is never the same", () => {
  expect(newId("promo")).toMatch(new RegExp(idPattern));
  expect(newId("promo")).toMatch(/^promo_./);
  expect(newId("promo")).not.toBe(newId("promo"));
});

it.each([".", ".."])("%s is no id: a client takes it out of a path, encoded or not, and never reaches it", (id) => {
  const asked = (inPath: string) => new URL(`http://gateway/api/v1/promotions/${inPath}`).pathname;
  for (const inPath of [id, encodeURIComponent(id), id.replaceAll(".", "%2e"), id.replaceAll(".", "%2E")]) {
    expect(asked(inPath)).not.toContain(id === "." ? "promotions/." : "promotions/..");
  }
  expect(id).not.toMatch(new RegExp(idPattern));
});

it.each(["...", "a..", "..a", "._.", ":", "-", "a.b:c-d_e", "x".repeat(64)])(
  "%s is an id that is reached by its path",
  (id) => {
    expect(id).toMatch(new RegExp(idPattern, "u"));
    expect(decodeURIComponent(new URL(`http://gateway/${encodeURIComponent(id)}`).pathname)).toBe(`/${id}`);
    expect(new URL(`http://gateway/${id}`).pathname).toBe(`/${id}`);
  },
);

it.each(["", "a b", "a/b", "a%2Fb", "%2e%2e", "a\n", "ä", "x".repeat(65), "a?b", "a#b", "a;b"])("%j is no id", (id) => {
  expect(id).not.toMatch(new RegExp(idPattern, "u"));
});
