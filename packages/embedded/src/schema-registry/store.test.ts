import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { registry } from "./registry.ts";
import { openStore } from "./store.ts";

describe("schema log", () => {
  let path: string;
  let file: string;
  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), "weft-schemas-"));
    file = join(path, "schemas.log");
  });
  afterEach(() => rmSync(path, { recursive: true, force: true }));

  const register = (name: string, subject = "s") => {
    const store = openStore(file);
    const given = { schemaType: "JSON", schema: JSON.stringify({ type: "object", title: name }) };
    const { id, version } = registry({ store }).register(subject, given, { normalize: false });
    store.close();
    return { id, version };
  };

  it("holds what was registered when it is opened again", () => {
    expect(register("a")).toEqual({ id: 1, version: 1 });
    expect(register("b")).toEqual({ id: 2, version: 2 });
    expect(register("a")).toEqual({ id: 1, version: 1 });
  });

  it("drops a last line that was cut off, and writes on after it", () => {
    register("a");
    const whole = readFileSync(file, "utf8");
    appendFileSync(file, '{"op":"version","subj');
    expect(register("b")).toEqual({ id: 2, version: 2 });
    expect(readFileSync(file, "utf8").startsWith(whole)).toBe(true);
    expect(register("b")).toEqual({ id: 2, version: 2 });
  });

  it("recovers from every length that a dying process can leave", () => {
    register("a");
    register("b");
    const whole = readFileSync(file);
    for (let length = 0; length <= whole.length; length++) {
      writeFileSync(file, whole.subarray(0, length));
      expect(register("c").id).toBeGreaterThan(0);
    }
  });

  it("never gives an id twice, not even one whose schema is gone for good", () => {
    register("a");
    const store = openStore(file);
    const schemas = registry({ store });
    schemas.deleteSubject("s", { permanent: false });
    schemas.deleteSubject("s", { permanent: true });
    store.close();
    expect(register("b")).toEqual({ id: 2, version: 1 });
  });

  it("refuses a log that is damaged in the middle", () => {
    register("a");
    writeFileSync(file, `nonsense\nnonsense\n${readFileSync(file, "utf8")}`);
    expect(() => openStore(file)).toThrow(/damage at line 1/);
  });
});
