import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { fromCents, largestAmount, toCents } from "./money.ts";
import { compileValidator } from "./validation.ts";

const validate = compileValidator({
  type: "object",
  properties: {
    sku: { type: "string", minLength: 2 },
    type: { enum: ["a", "b"] },
    version: { const: 1 },
    items: {
      type: "array",
      items: { type: "object", properties: { quantity: { type: "integer" } }, required: ["quantity"] },
    },
    "a/b~c": { type: "number" },
    at: { type: "string", format: "date-time" },
    either: { type: ["string", "null"] },
  },
  required: ["sku"],
  additionalProperties: false,
});

describe("validation", () => {
  it("finds nothing wrong in what is right", () => {
    expect(validate({ sku: "ab", items: [{ quantity: 1 }], at: "2026-03-02T09:30:00Z", either: null })).toBeUndefined();
  });

  it("names every wrong field with the path as it was sent", () => {
    expect(
      validate({
        type: "c",
        version: 2,
        items: [{ quantity: 1 }, { quantity: "1" }, {}],
        "a/b~c": "x",
        at: "2026-03-02",
        either: 1,
        extra: 1,
      }),
    ).toEqual({
      sku: "is required",
      type: "must be one of a, b",
      version: "must be 1",
      "items.1.quantity": "must be integer",
      "items.2.quantity": "is required",
      "a/b~c": "must be number",
      at: expect.stringMatching(/^must match format "date-time": RFC 3339 .* years 1 to 9999/),
      either: "must be string or null",
      extra: "is not a known field",
    });
  });

  it("keeps the first thing that is wrong with a field, and does not coerce", () => {
    expect(validate({ sku: "" })).toEqual({ sku: "must NOT have fewer than 2 characters" });
    expect(validate({ sku: 12 })).toEqual({ sku: "must be string" });
    expect(validate("sku")).toEqual({ "(root)": "must be object" });
  });

  it("survives fields with the names of what objects inherit", () => {
    const errors = validate(JSON.parse('{"sku":"ab","__proto__":1,"constructor":2}'));
    expect(Object.keys(errors ?? {}).sort()).toEqual(["__proto__", "constructor"]);
  });

  it("names the field whose own name is wrong, and the object that it is in", () => {
    const named = compileValidator({
      type: "object",
      properties: { attributes: { type: "object", propertyNames: { type: "string", format: "line" } } },
    });
    expect(named({ attributes: { size: 1 } })).toBeUndefined();
    expect(named({ attributes: { "size ": 1 } })).toEqual({
      attributes: expect.stringMatching(/^has a field "size " whose name must be one line /),
    });
  });

  it("refuses a schema with a keyword that has no effect", () => {
    expect(() => compileValidator({ type: "string", minLenght: 1 })).toThrow(/minLenght/);
  });

  it.each([{ type: "strin" }, { minLength: "2" }, { colour: "red" }])("refuses %j, which is no schema", (wrong) => {
    for (let compiled = 0; compiled < 2; compiled++) expect(() => compileValidator(wrong)).toThrow(/schema|keyword/);
  });
});

describe("an amount with at most two decimals", () => {
  const check = compileValidator({ type: "number", minimum: 0, maximum: largestAmount, multipleOf: 0.01 });
  const amounts = fc.integer({ min: 0, max: toCents(largestAmount) }).map(fromCents);

  it("is taken, whatever its cents", () => {
    expect([1234567.89, 894_784.01, 9_999_999.99, 0.07, 0, largestAmount].map(check)).toEqual(Array(6).fill(undefined));
    fc.assert(
      fc.property(amounts, (amount) => check(amount) === undefined),
      { numRuns: 20_000 },
    );
  });

  it("is refused with a third decimal, whatever its cents, and above the largest", () => {
    const problem = { "(root)": "must be multiple of 0.01" };
    for (const amount of [0.001, 10.001, 1234567.891, 1e-9, 9_999_999_999.985]) expect(check(amount)).toEqual(problem);
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: toCents(largestAmount) - 1 }),
        fc.integer({ min: 1, max: 9 }),
        (cents, tenth) => expect(check(Number(`${cents * 10 + tenth}e-3`))).toEqual(problem),
      ),
    );
    expect(check(10_000_000_000)).toEqual({ "(root)": expect.stringMatching(/^must be <= 9999999999.99/) });
  });

  it("is told from steps of other sizes", () => {
    const takes = (multipleOf: number, value: number) =>
      compileValidator({ type: "number", multipleOf })(value) === undefined;
    expect([
      takes(3, 9),
      takes(3, 10),
      takes(0.25, 1.75),
      takes(0.25, 1.7),
      takes(1e-7, 3e-7),
      takes(1e-7, 3e-8),
    ]).toEqual([true, false, true, false, true, false]);
  });
});
