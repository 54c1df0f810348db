import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { OutgoingRecord } from "../broker.ts";
import { chunksOf } from "./producer.ts";

describe("the chunks of a send", () => {
  it("hold every record once and in order, none more bytes than allowed unless it is one record", () => {
    const record = fc.record({ key: fc.string({ maxLength: 20 }), size: fc.integer({ min: 0, max: 400 }) });
    fc.assert(
      fc.property(fc.array(record, { maxLength: 50 }), fc.integer({ min: 50, max: 600 }), (given, maxBytes) => {
        const records: OutgoingRecord[] = given.map(({ key, size }) => ({
          topic: "t",
          key,
          value: Buffer.alloc(size),
          headers: {},
        }));
        const chunks = [...chunksOf(records, maxBytes)];
        expect(chunks.flat()).toEqual(records);
        for (const chunk of chunks) {
          const bytes = chunk.reduce((sum, { key, value }) => sum + 40 + Buffer.byteLength(key!) + value!.length, 0);
          expect(chunk.length === 1 || bytes <= maxBytes).toBe(true);
        }
      }),
    );
  });
});
