import { appendFileSync, ftruncateSync, mkdtempSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { registry } from "./registry.ts";
import { openStore, type Store, type StoreDisk } from "./store.ts";

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

  describe("on a full disk", () => {
    let isFull: boolean;
    let isStuck: boolean;
    const noSpace = () => Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
    const disk: StoreDisk = {
      write(descriptor, bytes, offset) {
        if (!isFull) return writeSync(descriptor, bytes, offset);
        if (offset > 0) throw noSpace();
        return writeSync(descriptor, bytes, 0, 20);
      },
      truncate(descriptor, length) {
        if (isStuck) throw noSpace();
        ftruncateSync(descriptor, length);
      },
    };
    const level = (subject: string) => ({ op: "level" as const, subject, level: "NONE" });
    const refused = expect.objectContaining({ code: "EMBEDDED_NO_SPACE" });
    beforeEach(() => {
      isFull = false;
      isStuck = false;
    });

    it("cuts off half a line, so that the next one is not lost behind it", () => {
      const store = openStore(file, disk);
      store.append(level("before"));
      const whole = readFileSync(file, "utf8");
      isFull = true;
      expect(() => store.append(level("lost"))).toThrow(refused);
      expect(readFileSync(file, "utf8")).toBe(whole);
      isFull = false;
      store.append(level("after"));
      store.close();
      const again = openStore(file);
      expect(["before", "lost", "after"].map((subject) => again.level(subject))).toEqual(["NONE", undefined, "NONE"]);
      again.close();
    });

    it("takes nothing while half a line cannot be cut off", () => {
      const store = openStore(file, disk);
      store.append(level("before"));
      isFull = true;
      isStuck = true;
      expect(() => store.append(level("lost"))).toThrow(refused);
      isFull = false;
      expect(() => store.append(level("refused"))).toThrow(refused);
      isStuck = false;
      store.append(level("after"));
      expect([store.level("lost"), store.level("refused")]).toEqual([undefined, undefined]);
      store.close();
      const again = openStore(file);
      expect(["before", "refused", "after"].map((subject) => again.level(subject))).toEqual([
        "NONE",
        undefined,
        "NONE",
      ]);
      again.close();
    });
  });

  it("has imported versions by their number, also when it is opened again", () => {
    const store = openStore(file);
    for (const version of [3, 1, 2]) store.append({ op: "version", subject: "s", version, id: version });
    const numbers = (of: Store) => of.versions("s").map(({ version }) => version);
    expect(numbers(store)).toEqual([1, 2, 3]);
    store.close();
    const again = openStore(file);
    expect(numbers(again)).toEqual([1, 2, 3]);
    again.close();
  });

  it("refuses a log that is damaged in the middle", () => {
    register("a");
    writeFileSync(file, `nonsense\nnonsense\n${readFileSync(file, "utf8")}`);
    expect(() => openStore(file)).toThrow(/damage at line 1/);
  });
});
