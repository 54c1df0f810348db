import { describe, expect, it } from "@jest/globals";
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
      at: 'must match format "date-time"',
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

  it("refuses a schema with a keyword that has no effect", () => {
    expect(() => compileValidator({ type: "string", minLenght: 1 })).toThrow(/minLenght/);
  });

  it.each([{ type: "strin" }, { minLength: "2" }, { colour: "red" }])("refuses %j, which is no schema", (wrong) => {
    for (let compiled = 0; compiled < 2; compiled++) expect(() => compileValidator(wrong)).toThrow(/schema|keyword/);
  });
});
