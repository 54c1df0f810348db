import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { crc32c } from "../bytes/crc32c.ts";
import { batchForTests, type TestBatch } from "./batch-for-tests.ts";
import { type Disk, nodeDisk } from "./disk.ts";
import { PartitionLog } from "./partition-log.ts";
import { batchHeaderBytes, hasValidChecksum, readBatchHeader } from "./record-batch.ts";

const limits = { segmentBytes: 1 << 20, maxMessageBytes: 1 << 20, fsync: false };
let directory: string;
let repaired: number[];

const open = (disk: Disk = nodeDisk) =>
  PartitionLog.open({ disk, onRepair: (bytes) => repaired.push(bytes) }, directory);
const append = (log: PartitionLog, batch: TestBatch, own = limits) => log.append(batchForTests(batch), own);
const file = (base = 0) => join(directory, `${String(base).padStart(20, "0")}.log`);

/** Base offset and number of records of each batch from `offset` on. */
function batchesFrom(log: PartitionLog, offset: number, maxBytes = 1 << 20): [number, number][] {
  const bytes = log.read(offset, maxBytes);
  const found: [number, number][] = [];
  for (let at = 0; at < bytes.length; ) {
    const header = readBatchHeader(bytes, at);
    if (!header || at + header.sizeBytes > bytes.length) throw new Error("half a batch");
    expect(hasValidChecksum(bytes, at, header.sizeBytes)).toBe(true);
    found.push([header.baseOffset, header.recordsCount]);
    at += header.sizeBytes;
  }
  return found;
}

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "weft-kafka-log-"));
  repaired = [];
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe("partition log", () => {
  it("gives offsets by record and reads whole batches from the one that holds the offset", () => {
    const log = open();
    expect(append(log, { values: ["a", "b", "c"] })).toEqual({ error: "NONE", baseOffset: 0 });
    expect(append(log, { values: ["d"] })).toEqual({ error: "NONE", baseOffset: 3 });
    expect(log.endOffset).toBe(4);
    expect(batchesFrom(log, 2)).toEqual([
      [0, 3],
      [3, 1],
    ]);
    expect(batchesFrom(log, 3)).toEqual([[3, 1]]);
    expect(batchesFrom(log, 4)).toEqual([]);
    expect(batchesFrom(log, 0, 1)).toEqual([[0, 3]]);
    log.close();
  });

  it("equals a list of batches, across segments and restarts", () => {
    const step = fc.oneof(
      { weight: 8, arbitrary: fc.record({ count: fc.integer({ min: 1, max: 5 }), size: fc.nat(9000) }) },
      { weight: 1, arbitrary: fc.constantFrom("kill" as const, "stop" as const) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.nat(20_000), (steps, maxBytes) => {
        rmSync(directory, { recursive: true, force: true });
        let log = open();
        const model: [number, number][] = [];
        let next = 0;
        for (const one of steps) {
          if (typeof one === "string") {
            if (one === "stop") log.checkpoint();
            log.close();
            log = open();
            continue;
          }
          const values = Array.from({ length: one.count }, () => "x".repeat(one.size));
          expect(append(log, { values }, { ...limits, segmentBytes: 50_000 })).toEqual({
            error: "NONE",
            baseOffset: next,
          });
          model.push([next, one.count]);
          next += one.count;
        }
        expect(log.endOffset).toBe(next);
        for (let offset = 0; offset < next; ) {
          const found = batchesFrom(log, offset, maxBytes);
          const from = model.findIndex(([base, count]) => base + count > offset);
          expect(found.length).toBeGreaterThan(0);
          expect(found).toEqual(model.slice(from, from + found.length));
          const [base, count] = found.at(-1) as [number, number];
          offset = base + count;
        }
        log.close();
      }),
      { numRuns: 60 },
    );
  });

  it("cuts off a torn end, wherever it tore, and goes on with the next offset", () => {
    const whole = open();
    append(whole, { values: ["a", "b"] });
    const keep = statSync(file()).size;
    append(whole, { values: ["torn", "away"] });
    whole.close();
    const bytes = readFileSync(file());
    for (let length = keep + 1; length < bytes.length; length += 7) {
      writeFileSync(file(), bytes.subarray(0, length));
      repaired = [];
      const log = open();
      expect(repaired).toEqual([length - keep]);
      expect([log.endOffset, statSync(file()).size]).toEqual([2, keep]);
      expect(append(log, { values: ["c"] })).toEqual({ error: "NONE", baseOffset: 2 });
      log.close();
    }
  });

  it("ends before a batch whose bytes have rotted", () => {
    const log = open();
    append(log, { values: ["a"] });
    const keep = statSync(file()).size;
    append(log, { values: ["b"] });
    log.close();
    const bytes = readFileSync(file());
    bytes.writeUInt8(bytes.readUInt8(keep + batchHeaderBytes + 2) ^ 1, keep + batchHeaderBytes + 2);
    writeFileSync(file(), bytes);
    expect(open().endOffset).toBe(1);
  });

  it("does without its index, and with one that is older than the log", () => {
    const log = open();
    append(log, { values: ["a"], producerId: 1, producerEpoch: 0, baseSequence: 0 });
    log.checkpoint();
    append(log, { values: ["b"], producerId: 1, producerEpoch: 0, baseSequence: 1 });
    log.close();
    for (const damage of [
      () => {},
      () => writeFileSync(file().replace(".log", ".index"), "{"),
      () => rmSync(file().replace(".log", ".index")),
    ]) {
      damage();
      const again = open();
      expect(again.endOffset).toBe(2);
      expect(append(again, { values: ["b"], producerId: 1, producerEpoch: 0, baseSequence: 1 })).toEqual({
        error: "NONE",
        baseOffset: 1,
      });
      again.close();
    }
  });

  it("remembers producers after a restart", () => {
    const log = open();
    const batch = (baseSequence: number) => ({ values: ["v"], producerId: 9, producerEpoch: 1, baseSequence });
    append(log, batch(0));
    append(log, batch(1));
    log.close();
    const again = open();
    expect(append(again, batch(0))).toEqual({ error: "NONE", baseOffset: 0 });
    expect(append(again, batch(3))).toMatchObject({ error: "OUT_OF_ORDER_SEQUENCE_NUMBER" });
    expect(append(again, { ...batch(0), producerEpoch: 0 })).toMatchObject({ error: "INVALID_PRODUCER_EPOCH" });
    expect(append(again, batch(2))).toEqual({ error: "NONE", baseOffset: 2 });
    again.close();
  });

  it("refuses what is no record batch, and stores none of it", () => {
    const log = open();
    const good = batchForTests({ values: ["a", "b"] });
    const changed = (at: number, value: number) => {
      const batch = Buffer.from(good);
      batch.writeUInt8(value, at);
      return batch;
    };
    const withCrc = (batch: Buffer) => {
      batch.writeUInt32BE(crc32c(batch, 21), 17);
      return batch;
    };
    const error = (batch: Buffer, own = limits) => log.append(batch, own).error;
    expect(error(good.subarray(0, 40))).toBe("CORRUPT_MESSAGE");
    expect(error(good.subarray(0, good.length - 1))).toBe("CORRUPT_MESSAGE");
    expect(error(changed(good.length - 3, 9))).toBe("CORRUPT_MESSAGE");
    expect(error(changed(16, 3))).toBe("CORRUPT_MESSAGE");
    expect(error(changed(16, 1))).toBe("INVALID_RECORD");
    expect(error(Buffer.concat([good, good]))).toBe("INVALID_RECORD");
    expect(error(withCrc(changed(60, 3)))).toBe("INVALID_RECORD");
    expect(error(withCrc(changed(61, 99)))).toBe("INVALID_RECORD");
    expect(error(withCrc(changed(22, 7)))).toBe("UNSUPPORTED_COMPRESSION_TYPE");
    expect(error(withCrc(changed(22, 16)))).toBe("INVALID_RECORD");
    expect(error(withCrc(changed(22, 32)))).toBe("INVALID_RECORD");
    expect(error(Buffer.from(good), { ...limits, maxMessageBytes: 60 })).toBe("MESSAGE_TOO_LARGE");
    expect(log.endOffset).toBe(0);
  });

  it("refuses appends while the disk is full, goes on reading, and recovers by itself", () => {
    let isFull = false;
    const disk: Disk = {
      ...nodeDisk,
      write(fd, bytes, position) {
        if (!isFull) return nodeDisk.write(fd, bytes, position);
        nodeDisk.write(fd, bytes.subarray(0, 30), position);
        throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
      },
    };
    const log = open(disk);
    append(log, { values: ["a"] });
    const before = statSync(file()).size;
    isFull = true;
    expect(append(log, { values: ["b"] })).toMatchObject({ error: "KAFKA_STORAGE_ERROR" });
    expect(statSync(file()).size).toBe(before);
    expect(batchesFrom(log, 0)).toEqual([[0, 1]]);
    isFull = false;
    expect(append(log, { values: ["c"] })).toEqual({ error: "NONE", baseOffset: 1 });
    expect(batchesFrom(log, 0)).toEqual([
      [0, 1],
      [1, 1],
    ]);
  });

  it("finds records by time, inside batches, also compressed ones", () => {
    const log = open();
    append(log, { values: ["a", "b", "c"], timestamps: [100, 200, 300] });
    const zipped = batchForTests({ values: ["d", "e"], timestamps: [400, 500] });
    const body = gzipSync(zipped.subarray(batchHeaderBytes));
    const gzip = Buffer.concat([zipped.subarray(0, batchHeaderBytes), body]);
    gzip.writeInt32BE(gzip.length - 12, 8);
    gzip.writeInt16BE(1, 21);
    gzip.writeUInt32BE(crc32c(gzip, 21), 17);
    expect(log.append(gzip, limits)).toEqual({ error: "NONE", baseOffset: 3 });
    expect(log.offsetForTime(0)).toEqual({ offset: 0, timestamp: 100 });
    expect(log.offsetForTime(201)).toEqual({ offset: 2, timestamp: 300 });
    expect(log.offsetForTime(401)).toEqual({ offset: 4, timestamp: 500 });
    expect(log.offsetForTime(501)).toBeUndefined();
    expect(log.maxTimestamp).toBe(500);
  });

  it("forgets whole segments before the new start, for good", () => {
    const log = open();
    for (let i = 0; i < 5; i++) append(log, { values: ["x".repeat(900)] }, { ...limits, segmentBytes: 1024 });
    log.deleteBefore(3);
    expect(log.startOffset).toBe(3);
    expect(readdirSync(directory).filter((name) => name.endsWith(".log"))).toHaveLength(2);
    log.close();
    const again = open();
    expect([again.startOffset, again.endOffset]).toEqual([3, 5]);
    again.deleteBefore(5);
    again.close();
    expect([open().startOffset, open().endOffset]).toEqual([5, 5]);
  });

  it("goes on at its start where an earlier version lost the end", () => {
    writeFileSync(join(directory, "start-offset"), "5");
    const log = open();
    expect([log.startOffset, log.endOffset]).toEqual([5, 5]);
    expect(append(log, { values: ["a"] })).toEqual({ error: "NONE", baseOffset: 5 });
    expect([open().startOffset, open().endOffset]).toEqual([5, 6]);
  });

  it("goes on at its start also where such a version gave offsets again", () => {
    append(open(), { values: ["given", "again"] });
    writeFileSync(join(directory, "start-offset"), "5");
    for (const baseOffset of [5, 6]) {
      const log = open();
      expect(append(log, { values: ["a"] })).toEqual({ error: "NONE", baseOffset });
      expect(batchesFrom(log, 5)[0]).toEqual([5, 1]);
    }
  });

  it("tells who watches how much came", () => {
    const log = open();
    const seen: number[] = [];
    const end = log.watch((bytes) => seen.push(bytes));
    const batch = batchForTests({ values: ["a"] });
    log.append(Buffer.from(batch), limits);
    end();
    log.append(Buffer.from(batch), limits);
    expect(seen).toEqual([batch.length]);
  });
});
