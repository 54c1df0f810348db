import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { changedFields, type Json, mergePatch } from "./json.ts";

describe("a merge patch", () => {
  it("replaces what it names, takes away what is null and leaves the rest", () => {
    expect(mergePatch({ a: 1, b: { c: 1 }, d: [1] }, { b: { e: 2 }, d: null, f: false })).toEqual({
      a: 1,
      b: { e: 2 },
      f: false,
    });
  });
});

describe("changed fields", () => {
  it("are those whose value is another one as JSON", () => {
    const before = { a: 1, b: { x: 1, y: [1, { z: null }] }, c: [1, 2], d: undefined as unknown };
    expect(changedFields(before, { a: 1, b: { y: [1, { z: null }], x: 1 }, c: [1, 2] })).toEqual({});
    expect(changedFields(before, { a: 2, c: [2, 1], d: {} })).toEqual({ a: 2, c: [2, 1], d: {} });
    expect(changedFields({ a: [] as Json }, { a: {} })).toEqual({ a: {} });
  });

  it("are none after a value went through JSON", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(changedFields({ value }, { value: JSON.parse(JSON.stringify(value)) })).toEqual({});
      }),
    );
  });
});
