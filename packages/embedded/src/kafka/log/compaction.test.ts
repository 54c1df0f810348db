import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { batchForTests } from "./batch-for-tests.ts";
import { type CompactionRules, compact } from "./compaction.ts";
import { nodeDisk } from "./disk.ts";
import { PartitionLog } from "./partition-log.ts";
import { hasValidChecksum, keyedRecords, readBatchHeader } from "./record-batch.ts";

const limits = { segmentBytes: 400, maxMessageBytes: 1 << 20, fsync: false };
const now = 1_800_000_000_000;
const rules: CompactionRules = { now, minLagMs: 0, maxLagMs: 1e15, minDirtyRatio: 0, tombstoneMs: 1e15 };
let directory: string;

const open = () => PartitionLog.open({ disk: nodeDisk, onRepair: (bytes) => fail(bytes) }, directory);
const fail = (bytes: number) => {
  throw new Error(`${bytes} bytes cut off`);
};

/** Offset → key=value of all records, checksums checked. */
function contentOf(log: PartitionLog): Map<number, string> {
  const found = new Map<number, string>();
  for (let offset = log.startOffset; offset < log.endOffset; ) {
    const bytes = log.read(offset, 1 << 20);
    if (bytes.length === 0) break;
    for (let at = 0; at < bytes.length; ) {
      const header = readBatchHeader(bytes, at)!;
      const batch = bytes.subarray(at, at + header.sizeBytes);
      expect(hasValidChecksum(batch, 0, batch.length)).toBe(true);
      if (!header.isControl)
        for (const record of keyedRecords(batch, header) ?? [])
          found.set(record.offset, `${record.key}=${record.isTombstone ? "gone" : "there"}`);
      at += header.sizeBytes;
      offset = header.lastOffset + 1;
    }
  }
  return found;
}

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "weft-kafka-compaction-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe("compaction", () => {
  it("keeps the newest of each key and every offset, whatever is written, also after kill -9", async () => {
    const key = fc.constantFrom("a", "b", "c", "d");
    const batch = fc.array(fc.tuple(key, fc.boolean()), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(fc.array(batch, { minLength: 1, maxLength: 40 }), async (batches) => {
        rmSync(directory, { recursive: true, force: true });
        let log = open();
        const model = new Map<number, string>();
        let until = 0;
        for (const [index, records] of batches.entries()) {
          for (const [i, [name, isTombstone]] of records.entries())
            model.set(log.endOffset + i, `${name}=${isTombstone ? "gone" : "there"}`);
          const keys = records.map(([name]) => name);
          const values = records.map(([, isTombstone]) => (isTombstone ? null : "v".repeat(50)));
          expect(log.append(batchForTests({ keys, values }), limits).error).toBe("NONE");
          if (index % 10 === 9) until = await compact(log, until, rules);
        }
        const end = log.endOffset;
        until = await compact(log, until, rules);
        const kept = contentOf(log);
        const newest = (map: Map<number, string>) =>
          new Map([...map].sort(([x], [y]) => x - y).map(([offset, text]) => [text.slice(0, 1), `${offset} ${text}`]));
        expect(newest(kept)).toEqual(newest(model));
        for (const [offset, text] of kept) expect(text).toBe(model.get(offset));
        // What is closed holds each key once.
        const closedEnd = log.closedSegments().at(-1)?.nextOffset ?? 0;
        const closed = [...kept].filter(([offset]) => offset < closedEnd).map(([, text]) => text.slice(0, 1));
        expect(new Set(closed).size).toBe(closed.length);
        log = open();
        expect([log.endOffset, log.startOffset]).toEqual([end, 0]);
        expect(contentOf(log)).toEqual(kept);
      }),
      { numRuns: 60 },
    );
  });

  it("drops old tombstones, records of aborted transactions, and leaves open transactions alone", async () => {
    const log = open();
    const producer = { producerId: 5, producerEpoch: 0, attributes: 16 };
    const plain = (name: string, value: string | null) =>
      log.append(batchForTests({ keys: [name], values: [value] }), { ...limits, segmentBytes: 1 });
    const inTransaction = (name: string, baseSequence: number) =>
      log.append(batchForTests({ keys: [name], values: ["v"], ...producer, baseSequence }), {
        ...limits,
        segmentBytes: 1,
      });
    plain("a", "v");
    inTransaction("a", 0);
    log.appendMarker(
      { producerId: 5, producerEpoch: 0, isCommit: false, timestamp: 1 },
      { ...limits, segmentBytes: 1 },
    );
    plain("b", "v");
    plain("b", null);
    inTransaction("a", 1);
    plain("c", "v");
    await compact(log, 0, { ...rules, tombstoneMs: 1 });
    expect([...contentOf(log)]).toEqual([
      [0, "a=there"],
      [5, "a=there"],
      [6, "c=there"],
    ]);
    expect(log.lastStableOffset).toBe(5);
    const again = open();
    expect([again.lastStableOffset, again.endOffset]).toEqual([5, 7]);
  });

  describe("after a crash", () => {
    const own = { ...limits, segmentBytes: 1 };
    const index = (base: number) => join(directory, `${String(base).padStart(20, "0")}.index`);
    const send = (log: PartitionLog, baseSequence: number, key: string, value: string | null) =>
      log.append(batchForTests({ keys: [key], values: [value], producerId: 7, producerEpoch: 0, baseSequence }), own);
    /** The newest batch of the producer is in a closed segment that compaction takes away. */
    const written = () => {
      const log = open();
      send(log, 0, "b", "v");
      send(log, 1, "a", null);
      log.append(batchForTests({ keys: ["c"], values: ["v"] }), own);
      return log;
    };
    const expectSequenceToGoOn = (log: PartitionLog) => {
      expect(send(log, 1, "a", null)).toEqual({ error: "NONE", baseOffset: 1 });
      expect(send(log, 2, "a", "v")).toEqual({ error: "NONE", baseOffset: 3 });
    };

    it("remembers the producers of segments that are gone", async () => {
      await compact(written(), 0, { ...rules, tombstoneMs: 1 });
      expect([...contentOf(open()).keys()]).toEqual([0, 2]);
      expectSequenceToGoOn(open());
    });

    it("remembers them also where an earlier version began the newest segment without an index", async () => {
      written();
      rmSync(index(2), { force: true });
      await compact(open(), 0, { ...rules, tombstoneMs: 1 });
      expectSequenceToGoOn(open());
    });

    it("remembers them also when it came between a segment written anew and its index", async () => {
      const log = open();
      const producer = { producerId: 7, producerEpoch: 0 };
      const sent = [
        { keys: ["b"], values: ["v"], ...producer, baseSequence: 0 },
        { keys: ["a"], values: [null], ...producer, baseSequence: 1 },
      ];
      for (const batch of sent) log.append(batchForTests(batch), limits);
      log.append(batchForTests({ keys: ["c"], values: ["v"] }), own);
      await compact(log, 0, { ...rules, tombstoneMs: 1 });
      rmSync(index(0));
      expectSequenceToGoOn(open());
    });

    it("goes on although the first segment has become empty", async () => {
      const log = open();
      for (let i = 0; i < 3; i++) log.append(batchForTests({ keys: ["a"], values: ["v"] }), own);
      await compact(log, 0, rules);
      expect([...contentOf(log).keys()]).toEqual([1, 2]);
      const again = open();
      for (let i = 0; i < 2; i++) again.append(batchForTests({ keys: ["a"], values: ["v"] }), own);
      await compact(again, 0, rules);
      expect([...contentOf(again).keys()]).toEqual([3, 4]);
    });
  });

  it("keeps a tombstone that may hide a value in a batch that it cannot read", async () => {
    const log = open();
    const snappy = 2;
    for (const [value, attributes] of [
      ["v", snappy],
      [null, 0],
      ["v", 0],
    ] as const)
      log.append(batchForTests({ keys: ["a"], values: [value], attributes }), { ...limits, segmentBytes: 1 });
    await compact(log, 0, { ...rules, tombstoneMs: 1 });
    expect(contentOf(log).get(1)).toBe("a=gone");
  });

  it("waits for its lag and for enough to do", async () => {
    const log = open();
    for (let i = 0; i < 4; i++)
      log.append(batchForTests({ keys: ["a"], values: ["v"], timestamps: [now - 1000] }), {
        ...limits,
        segmentBytes: 1,
      });
    expect(await compact(log, 0, { ...rules, minLagMs: 2000 })).toBe(0);
    expect(contentOf(log).size).toBe(4);
    expect(await compact(log, 2, { ...rules, minDirtyRatio: 0.9 })).toBe(2);
    expect(await compact(log, 2, { ...rules, minDirtyRatio: 0.9, maxLagMs: 500 })).toBe(3);
    expect(contentOf(log).size).toBe(2);
  });

  it("takes no harm from what a crash in the middle left", async () => {
    const log = open();
    for (let i = 0; i < 4; i++)
      log.append(batchForTests({ keys: ["a"], values: ["v"] }), { ...limits, segmentBytes: 1 });
    const next = join(directory, `${"0".repeat(20)}.log.next`);
    writeFileSync(next, "half of something");
    const again = open();
    expect(again.endOffset).toBe(4);
    await compact(again, 0, rules);
    expect([...contentOf(again).keys()]).toEqual([2, 3]);
    expect(() => statSync(next)).toThrow("ENOENT");
  });
});

describe("retention", () => {
  const write = (log: PartitionLog, timestamp: number) =>
    log.append(batchForTests({ values: ["x".repeat(100)], timestamps: [timestamp] }), { ...limits, segmentBytes: 1 });

  it("forgets whole segments that are too old, also the newest, and goes on counting", () => {
    const log = open();
    for (const timestamp of [100, 200, 300]) write(log, timestamp);
    log.expire({ before: 201, maxBytes: Number.POSITIVE_INFINITY });
    expect([log.startOffset, log.endOffset]).toEqual([2, 3]);
    log.expire({ before: 301, maxBytes: Number.POSITIVE_INFINITY });
    expect([log.startOffset, log.endOffset]).toEqual([3, 3]);
    expect([open().startOffset, open().endOffset]).toEqual([3, 3]);
    expect(write(log, 400)).toEqual({ error: "NONE", baseOffset: 3 });
    log.close();
    const again = open();
    expect([again.startOffset, again.endOffset]).toEqual([3, 4]);
  });

  it("goes by the age of the file where records have no time", () => {
    const log = open();
    write(log, -1);
    const expire = (before: number) => log.expire({ before, maxBytes: Number.POSITIVE_INFINITY });
    expire(Date.now() - 60_000);
    expect(log.startOffset).toBe(0);
    expire(Date.now() + 60_000);
    expect(log.startOffset).toBe(1);
  });

  it("keeps at least as many bytes as asked for", () => {
    const log = open();
    for (let i = 0; i < 5; i++) write(log, 100);
    const segmentBytes = log.closedSegments()[0]!.size;
    log.expire({ before: 0, maxBytes: 2 * segmentBytes });
    expect([log.startOffset, log.endOffset]).toEqual([3, 5]);
  });

  it("closes a segment by the age of its first record", () => {
    const log = open();
    for (const timestamp of [100, 150, 201])
      log.append(batchForTests({ values: ["x"], timestamps: [timestamp] }), { ...limits, segmentMs: 100 });
    expect(log.closedSegments().map(({ nextOffset }) => nextOffset)).toEqual([2]);
  });
});
