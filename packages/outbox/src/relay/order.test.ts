import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { aggregateKeyOf, byAggregate, doubtfulRows, type OrderedRow, prefixUntil } from "./order.ts";

const row = fc.record({
  topic: fc.constantFrom("a.events", "b.events"),
  aggregateId: fc.constantFrom("1", "2", "3"),
  sequence: fc.integer({ min: 1, max: 30 }),
});
const rows = fc.uniqueArray(row, { selector: (one) => JSON.stringify(one), maxLength: 60 });
const sequencesOf = (group: readonly OrderedRow[]) => group.map(({ sequence }) => sequence);

describe("order of the outbox", () => {
  it("groups every row once, under its aggregate, by sequence", () => {
    fc.assert(
      fc.property(rows, (given) => {
        const groups = byAggregate(given);
        expect([...groups.values()].flat().length).toBe(given.length);
        for (const [key, group] of groups) {
          expect(group.every((one) => aggregateKeyOf(one) === key)).toBe(true);
          expect(sequencesOf(group)).toEqual(sequencesOf(group).sort((a, b) => a - b));
        }
      }),
    );
  });

  it("doubts exactly the rows that something unknown may precede", () => {
    fc.assert(
      fc.property(rows, fc.option(fc.integer({ min: 0, max: 30 }), { nil: undefined }), (given, lastSent) => {
        for (const group of byAggregate(given).values()) {
          const known = new Set([...Array.from({ length: (lastSent ?? 0) + 1 }, (_, n) => n), ...sequencesOf(group)]);
          const expected = sequencesOf(group).filter((n) => n > (lastSent ?? 0) && !known.has(n - 1));
          expect(sequencesOf(doubtfulRows(group, lastSent))).toEqual(expected);
        }
      }),
    );
  });

  it("never passes over the first row that must wait", () => {
    fc.assert(
      fc.property(fc.array(fc.boolean()), (waits) => {
        const free = prefixUntil(waits, (mustWait) => mustWait);
        expect(free).toEqual(waits.slice(0, free.length));
        expect(free).not.toContain(true);
        expect(free.length === waits.length || waits[free.length]).toBe(true);
      }),
    );
  });
});
