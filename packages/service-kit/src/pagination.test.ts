import { describe, expect, it } from "@jest/globals";
import { ValidationFailed } from "@weft/core";
import fc from "fast-check";
import { type ListIdentity, pageOf, pageQuery } from "./pagination.ts";

/** A list with rows at these positions, as a store reads it. */
const listOf =
  (positions: number[]) =>
  async (count: number, before: number = Infinity) =>
    positions
      .filter((position) => position < before)
      .sort((a, b) => b - a)
      .slice(0, count)
      .map((position) => ({ position }));

const things: ListIdentity = { list: "things" };
const encoded = (text: string) => Buffer.from(text).toString("base64url");

describe("a page", () => {
  it("has a next one only where there are more rows", async () => {
    expect(await pageOf({ limit: 2 }, things, listOf([]))).toEqual({ items: [] });
    expect(await pageOf({ limit: 2 }, things, listOf([1, 2]))).toEqual({ items: [{ position: 2 }, { position: 1 }] });
    const { items, meta } = await pageOf({ limit: 2 }, things, listOf([1, 2, 3]));
    expect(items).toEqual([{ position: 3 }, { position: 2 }]);
    expect(await pageOf({ limit: 2, cursor: meta?.nextCursor }, things, listOf([1, 2, 3]))).toEqual({
      items: [{ position: 1 }],
    });
  });

  it("leads through any list without leaving out or repeating a row, also while others are added", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.maxSafeNat(), { maxLength: 60 }),
        fc.integer({ min: 1, max: 7 }),
        async (positions, limit) => {
          const seen: number[] = [];
          const later: number[] = [];
          let cursor: string | undefined;
          do {
            const page = await pageOf({ limit, cursor }, things, listOf([...positions, ...later]));
            seen.push(...page.items.map(({ position }) => position));
            cursor = page.meta?.nextCursor;
            later.push(Number.MAX_SAFE_INTEGER - later.length);
          } while (cursor);
          const isLater = new Set(later);
          expect(seen.filter((position) => !isLater.has(position))).toEqual(
            positions.filter((position) => !isLater.has(position)).sort((a, b) => b - a),
          );
        },
      ),
    );
  });

  const cursorOf = async (of: ListIdentity) => (await pageOf({ limit: 1 }, of, listOf([1, 2, 3]))).meta!.nextCursor;
  const secondOf = (of: ListIdentity, cursor: string) => pageOf({ limit: 1, cursor }, of, listOf([1, 2, 3]));
  const red = { list: "things", filter: { colour: "red", size: 1 } };

  it.each<[string, ListIdentity]>([
    ["another list", { ...red, list: "others" }],
    ["another filter", { list: "things", filter: { colour: "blue", size: 1 } }],
    ["a filter more", { list: "things", filter: { colour: "red", size: 1, old: true } }],
    ["no filter", things],
    ["the same values of other fields", { list: "things", filter: { size: "red", colour: 1 } }],
    ["a value of another type", { list: "things", filter: { colour: "red", size: "1" } }],
  ])("is refused with the cursor of %s", async (_what, of) => {
    await expect(secondOf(red, await cursorOf(of))).rejects.toMatchObject({
      code: "VALIDATION_ERROR",
      details: { field_errors: { cursor: "is not a cursor that this list gave out" } },
    });
  });

  it("goes on under the same filter, however it is written, and with another limit", async () => {
    const cursor = await cursorOf({ list: "things", filter: { size: 1, colour: "red", old: undefined } });
    expect((await secondOf(red, cursor)).items).toEqual([{ position: 2 }]);
    expect((await pageOf({ limit: 5, cursor }, red, listOf([1, 2, 3]))).items).toHaveLength(2);
    expect(cursor.length).toBeLessThanOrEqual(pageQuery.cursor.maxLength);
  });

  it.each<[string, (mark: string) => string]>([
    ["garbage", () => "%%%"],
    ["no JSON", (mark) => encoded(`[1,"${mark}"`)],
    ["another shape", () => encoded('{"a":1}')],
    ["no value", () => encoded("[]")],
    ["no list", () => encoded("[1]")],
    ["an empty list", () => encoded('[1,""]')],
    ["too many values", (mark) => encoded(`[1,"${mark}",2]`)],
    ["a text", (mark) => encoded(`["1","${mark}"]`)],
    ["a nested value", (mark) => encoded(`[[1],"${mark}"]`)],
    ["null", (mark) => encoded(`[null,"${mark}"]`)],
    ["a fraction", (mark) => encoded(`[1.5,"${mark}"]`)],
    ["a negative number", (mark) => encoded(`[-1,"${mark}"]`)],
    ["a number beyond all numbers", (mark) => encoded(`[1e999,"${mark}"]`)],
    ["a number that is not exact", (mark) => encoded(`[9007199254740993,"${mark}"]`)],
    ["another spelling of the same", (mark) => encoded(`[1, "${mark}"]`)],
    ["another spelling of a number", (mark) => encoded(`[01,"${mark}"]`)],
    ["padding", (mark) => `${encoded(`[12,"${mark}"]`)}==`],
  ])("is refused on the field of its cursor: %s", async (_what, cursorWith) => {
    const [, mark] = JSON.parse(Buffer.from(await cursorOf(things), "base64url").toString());
    const refusal = await pageOf({ limit: 1, cursor: cursorWith(mark) }, things, listOf([1])).catch(
      (error: unknown) => error,
    );
    expect(ValidationFailed.is(refusal) && refusal.details?.field_errors).toEqual({
      cursor: "is not a cursor that this list gave out",
    });
  });
});
