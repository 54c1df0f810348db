import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { FinishedPrefix } from "./prefix.ts";

/** Objects that a value holds on to, itself included. */
function reachableFrom(value: unknown): number {
  const seen = new Set<unknown>();
  const left = [value];
  while (left.length > 0) {
    const next = left.pop();
    if (typeof next !== "object" || next === null || seen.has(next)) continue;
    seen.add(next);
    left.push(...(next instanceof Map ? next.values() : Object.values(next)));
  }
  return seen.size;
}

describe("the finished prefix", () => {
  it("has nothing to commit before the first record is finished", () => {
    const prefix = new FinishedPrefix();
    prefix.begin(7n);
    prefix.begin(8n);
    prefix.finish(8n);
    expect(prefix.committable).toBeUndefined();
    prefix.finish(7n);
    expect(prefix.committable).toBe(9n);
  });

  it("never passes a record that is not finished, and always passes those that are, in any order", () => {
    const offsets = fc.uniqueArray(fc.bigInt(0n, 10_000n), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(offsets, fc.infiniteStream(fc.nat()), (chosen, random) => {
        const sorted = chosen.toSorted((a, b) => (a < b ? -1 : 1));
        const prefix = new FinishedPrefix();
        const open = [...sorted];
        for (const offset of sorted) prefix.begin(offset);
        let last = -1n;
        while (open.length > 0) {
          const [finished] = open.splice(random.next().value! % open.length, 1);
          prefix.finish(finished!);
          const committable = prefix.committable ?? -1n;
          expect(committable).toBeGreaterThanOrEqual(last);
          last = committable;
          if (open.length > 0) expect(committable).toBeLessThanOrEqual(open[0]!);
          const passed = sorted.filter((offset) => open.length === 0 || offset < open[0]!);
          expect(prefix.committable).toBe(passed.length === 0 ? undefined : passed.at(-1)! + 1n);
          expect(prefix.unfinished).toBe(open.length);
          expect(prefix.uncommittable).toBe(sorted.length - passed.length);
        }
      }),
    );
  });

  it("keeps nothing of the finished records behind one that is not, however many (D7)", () => {
    const prefix = new FinishedPrefix();
    prefix.begin(0n);
    for (let offset = 1n; offset < 10_000n; offset += 1n) {
      prefix.begin(offset);
      prefix.finish(offset);
    }
    expect(prefix.committable).toBeUndefined();
    expect(prefix.uncommittable).toBe(10_000);
    expect(reachableFrom(prefix)).toBeLessThan(10);
    prefix.finish(0n);
    expect(prefix.committable).toBe(10_000n);
    expect(prefix.uncommittable).toBe(0);
  });
});
