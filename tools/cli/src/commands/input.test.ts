import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "@jest/globals";
import { readJson } from "./input.ts";

const folder = mkdtempSync(join(tmpdir(), "weft-input-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string, content: string | Buffer) => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};

describe("readJson", () => {
  it("reads a file that spans many reads, whole, also where a character spans two", () => {
    const text = `${"a".repeat(64 * 1024 - 2)}ä€😀${"b".repeat(100_000)}`;
    expect(readJson(file("long.json", JSON.stringify({ text })))).toEqual({ text });
  });

  it.each([
    ["absent.json", "ENOENT"],
    [".", "EISDIR"],
  ])("says that %s cannot be read", (name, code) => {
    expect(() => readJson(join(folder, name))).toThrow(`cannot be read (${code})`);
  });

  it.each(["", "{", "{'a':1}", "undefined", "\u0000\u0001"])("says in one line that %j is not JSON", (text) => {
    const path = file("broken.json", text);
    expect(() => readJson(path)).toThrow(/broken\.json is not JSON: [^\n]+$/);
  });

  it("stops reading where an event cannot be that large, also of a device without an end", () => {
    expect(() => readJson(file("large.json", Buffer.alloc(2 * 1024 * 1024 + 1, "1")))).toThrow(
      "is larger than 2097152 bytes",
    );
    expect(() => readJson("/dev/zero")).toThrow("is larger than");
  });
});
