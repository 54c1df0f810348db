import { describe, expect, it } from "@jest/globals";
import { mayPass } from "@weft/core";
import { sqlValues } from "./sql-values.ts";

const cyclic: { self?: unknown; list: unknown[] } = { list: [] };
cyclic.self = cyclic;
cyclic.list.push(cyclic.list);

describe("parameters of a statement", () => {
  it("are handed on as they are, objects as JSON", () => {
    const date = new Date(0);
    const bytes = Buffer.from("a");
    expect(sqlValues([1, "a", null, undefined, 1n, true, date, bytes, { a: [1] }, ["a", ["b", { c: 1 }]]])).toEqual([
      1,
      "a",
      null,
      undefined,
      1n,
      true,
      date,
      bytes,
      '{"a":[1]}',
      ["a", ["b", '{"c":1}']],
    ]);
  });

  it.each([
    ["a cycle", cyclic],
    ["an array with a cycle", cyclic.list],
    ["a BigInt inside JSON", { id: 1n }],
    ["an invalid date", new Date(Number.NaN)],
    ["a function", () => {}],
    ["a symbol", Symbol("a")],
  ])("are refused as the program's fault where one is %s, and no repetition makes it pass", (_what, value) => {
    let error: unknown;
    try {
      sqlValues(["fine", value]);
    } catch (caught) {
      error = caught;
    }
    expect(error).toMatchObject({
      code: "PARAMETER_NOT_ENCODABLE",
      kind: "bug",
      message: expect.stringContaining("$2"),
    });
    expect(mayPass(error)).toBe(false);
  });
});
