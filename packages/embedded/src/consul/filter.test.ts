import { describe, expect, it } from "@jest/globals";
import { compileFilter } from "./filter.ts";

const fits = (filter: string, entry: unknown) => compileFilter(filter, ["ID", "Output"])(entry);
const refusal = (filter: string): unknown => {
  try {
    return compileFilter(filter, ["ID"]);
  } catch (error) {
    return error;
  }
};

describe("filter expressions of the embedded Consul", () => {
  it("match in linear time: a pattern that other engines never finish is done at once", () => {
    const began = performance.now();
    expect(fits("ID matches `^(a+)+$`", { ID: `${"a".repeat(50_000)}!` })).toBe(false);
    expect(performance.now() - began).toBeLessThan(3_000);
  });

  it("have the patterns of RE2, as Go has them", () => {
    const entry = { ID: "web-1" };
    expect(fits("ID matches `(?i)WEB\\-1`", entry)).toBe(true);
    expect(fits('ID matches "(?i)WEB\\\\-1"', entry)).toBe(true);
    expect(fits("ID matches `^\\pL+\\-\\d\\z`", entry)).toBe(true);
    expect(fits("ID matches eb", entry)).toBe(true);
    expect(fits("ID not matches `^eb`", entry)).toBe(true);
    expect(refusal("ID matches `(?!x)`")).toMatchObject({
      status: 500,
      message: expect.stringContaining("Failed to compile regular expression"),
    });
    expect(refusal("ID matches `(a)\\1`")).toMatchObject({ status: 500 });
  });

  it("read texts between quotation marks as Go reads them", () => {
    expect(fits('ID == "a\\t\\u00e9\\x41"', { ID: "a\té\x41" })).toBe(true);
    for (const text of ["\\-", "\\d", "\\"])
      expect(refusal(`ID == "${text}"`)).toMatchObject({ message: expect.stringContaining("an escape that is none") });
  });

  it.each(["x{0,1000}".repeat(200), "(abcdefghij){1000}", "((abcdefghijk){30}){30}", "[^]]{1000}[^]]{1000}"])(
    "refuse a pattern that repeats too much before it is compiled (%#)",
    (pattern) => {
      const began = performance.now();
      expect(refusal(`ID matches \`${pattern}\``)).toMatchObject({
        status: 500,
        message: expect.stringContaining("too large"),
      });
      expect(performance.now() - began).toBeLessThan(500);
    },
  );

  it("take the repetitions that people write", () => {
    const id = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
    expect(fits(`ID matches "^${id}$"`, { ID: "01234567-89ab-cdef-0123-456789abcdef" })).toBe(true);
  });

  it("stop where one query reads too much", () => {
    const wanted = compileFilter("Output matches `.*a{500}.*b{300}`", ["Output"]);
    const read = () => {
      for (let n = 0; n < 10_000; n++) wanted({ Output: "a".repeat(4096) });
    };
    expect(read).toThrow("too much to read");
  });
});
