import { beforeEach, describe, expect, it, jest } from "@jest/globals";
import { catalog } from "./catalog.ts";
import { type KeyValueStore, keyValueStore } from "./key-value.ts";

describe("keys and values of the embedded Consul", () => {
  const changed = jest.fn();
  let services: ReturnType<typeof catalog>;
  let keyValues: KeyValueStore;
  beforeEach(() => {
    const queries = { wait: async () => {}, changed };
    services = catalog({ queries });
    const { nextIndex, returnIndex } = services;
    keyValues = keyValueStore({ queries, nextIndex, returnIndex, firstIndex: services.index() });
    changed.mockClear();
  });
  const put = (key: string, text = "") => keyValues.put(key, Buffer.from(text), { flags: 0 });

  describe("a transaction", () => {
    const failing = (work: () => void) => () =>
      keyValues.transaction(() => {
        work();
        throw new Error("no space left");
      });

    it("takes one index for all of its changes, and wakes who waits once, at its end", () => {
      const before = services.index();
      keyValues.transaction(() => {
        put("a");
        put("b");
        expect(changed).not.toHaveBeenCalled();
      });
      expect([keyValues.get("a")?.modifyIndex, keyValues.get("b")?.modifyIndex]).toEqual([before + 1, before + 1]);
      expect([services.index(), changed.mock.calls.length]).toEqual([before + 1, 1]);
    });

    it("takes no index, and wakes nobody, where it changes nothing", () => {
      const before = services.index();
      keyValues.transaction(() => keyValues.get("a"));
      expect(failing(() => {})).toThrow("no space left");
      expect([services.index(), changed.mock.calls.length]).toEqual([before, 0]);
    });

    it("leaves all as it was where it fails: keys, index, who waits", () => {
      put("a", "before");
      const before = { index: services.index(), prefix: keyValues.indexOf(""), keys: keyValues.snapshot() };
      changed.mockClear();
      const work = () => {
        put("a", "after");
        keyValues.remove("a", { recurse: false });
        put("b");
      };
      expect(failing(work)).toThrow("no space left");
      expect({ index: services.index(), prefix: keyValues.indexOf(""), keys: keyValues.snapshot() }).toEqual(before);
      expect(changed).not.toHaveBeenCalled();
      put("c");
      expect(keyValues.get("c")?.modifyIndex).toBe(before.index + 1);
    });
  });

  describe("bounds", () => {
    const full = expect.objectContaining({ status: 413, message: expect.stringContaining("is full") });
    const fill = (key: (at: number) => string): number => {
      for (let count = 0; ; count++) {
        try {
          put(key(count));
        } catch (error) {
          expect(error).toEqual(full);
          return count;
        }
      }
    };

    it("count keys also where they have no value", () => {
      expect(fill((at) => `${at}`.padEnd(16_000, "x"))).toBeLessThan(2_100);
      expect(put("0".padEnd(16_000, "x"))).toBe(true);
      keyValues.remove("1", { recurse: true });
      expect(put("new".padEnd(16_000, "x"))).toBe(true);
    });

    it("count entries also where they are next to nothing", () => {
      expect(fill((at) => `${at}`)).toBeLessThan(170_000);
    });

    it("hold for the length of a key, in bytes", () => {
      expect(put("ä".repeat(8 * 1024))).toBe(true);
      expect(() => put(`${"ä".repeat(8 * 1024)}b`)).toThrow("Key(16385 bytes) too large");
    });

    it("let go of what an earlier version took beyond them", () => {
      const entry = (key: string) => ({ key, value: "eA==", flags: 0, createIndex: 1, modifyIndex: 1 });
      const initial = Array.from({ length: 170_000 }, (_, at) => entry(`${at}`));
      const { nextIndex, returnIndex } = services;
      keyValues = keyValueStore(
        { queries: { wait: async () => {}, changed }, nextIndex, returnIndex, firstIndex: 1 },
        initial,
      );
      expect(() => put("more")).toThrow(full);
      expect(put("1", "y")).toBe(true);
    });
  });
});
