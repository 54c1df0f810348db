import { describe, expect, it } from "@jest/globals";
import { ValidationFailed } from "@weft/core";
import fc from "fast-check";
import { pageOf } from "./pagination.ts";

/** A list with rows at these positions, as a store reads it. */
const listOf =
  (positions: number[]) =>
  async (count: number, before: number = Infinity) =>
    positions
      .filter((position) => position < before)
      .sort((a, b) => b - a)
      .slice(0, count)
      .map((position) => ({ position }));

const encoded = (text: string) => Buffer.from(text).toString("base64url");

describe("a page", () => {
  it("has a next one only where there are more rows", async () => {
    expect(await pageOf({ limit: 2 }, listOf([]))).toEqual({ items: [] });
    expect(await pageOf({ limit: 2 }, listOf([1, 2]))).toEqual({ items: [{ position: 2 }, { position: 1 }] });
    const { items, meta } = await pageOf({ limit: 2 }, listOf([1, 2, 3]));
    expect(items).toEqual([{ position: 3 }, { position: 2 }]);
    expect(await pageOf({ limit: 2, cursor: meta?.nextCursor }, listOf([1, 2, 3]))).toEqual({
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
            const page = await pageOf({ limit, cursor }, listOf([...positions, ...later]));
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

  it.each([
    ["garbage", "%%%"],
    ["no JSON", encoded("[1,")],
    ["another shape", encoded('{"a":1}')],
    ["no value", encoded("[]")],
    ["too many values", encoded("[1,2]")],
    ["a text", encoded('["1"]')],
    ["a nested value", encoded("[[1]]")],
    ["null", encoded("[null]")],
    ["a fraction", encoded("[1.5]")],
    ["a number beyond all numbers", encoded("[1e999]")],
    ["a number that is not exact", encoded("[9007199254740993]")],
    ["another spelling of the same", encoded("[1 ]")],
    ["another spelling of a number", encoded("[1e3]")],
    ["padding", `${encoded("[1]")}==`],
  ])("is refused on the field of its cursor: %s", async (_what, cursor) => {
    const refusal = await pageOf({ limit: 1, cursor }, listOf([1])).catch((error: unknown) => error);
    expect(ValidationFailed.is(refusal) && refusal.details?.field_errors).toEqual({
      cursor: "is not a cursor that this list gave out",
    });
  });
});
