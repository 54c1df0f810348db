import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { silentLogger } from "@weft/core";
import { batchForTests } from "../log/batch-for-tests.ts";
import { type Disk, nodeDisk } from "../log/disk.ts";
import { settingsOf } from "../options.ts";
import { Cluster, type Topic } from "./cluster.ts";
import { OffsetStore } from "./offsets.ts";
import { type ProducerIdentity, Transactions } from "./transactions.ts";

const log = silentLogger;
const transactional = 16;
let dataDir: string;
let world: ReturnType<typeof open>;

/** What a broker reads back at its start. Opening it again without closing it is a `kill -9`. */
function open(disk: Disk = nodeDisk) {
  const settings = settingsOf({ dataDir });
  const cluster = new Cluster({ disk, log }, settings);
  const offsets = new OffsetStore({ disk, log }, { path: join(dataDir, "offsets.log"), fsync: false });
  cluster.open();
  offsets.open();
  const path = join(dataDir, "transactions.log");
  const transactions = new Transactions({ disk, cluster, offsets, log }, { path, settings });
  transactions.open();
  return { cluster, offsets, transactions };
}

const topic = () => world.cluster.byName("t") as Topic;
const partition = () => topic().partitions[0]!;
const place = () => ({ topic: "t", topicId: topic().id, partition: 0 });

function begin(timeoutMs = 1000): ProducerIdentity {
  const producer = world.transactions.begin("tx", timeoutMs, undefined);
  if (typeof producer === "string") throw new Error(producer);
  return producer;
}
function write({ producerId, producerEpoch }: ProducerIdentity, value: string, baseSequence = 0) {
  const batch = { values: [value], producerId, producerEpoch, baseSequence, attributes: transactional };
  return partition().append(batchForTests(batch), world.cluster.limitsOf(topic()));
}
/** A transaction with one record and one offset. */
function openTransaction(timeoutMs?: number): ProducerIdentity {
  const producer = begin(timeoutMs);
  expect(world.transactions.addPartitions("tx", producer, [place()])).toBe("NONE");
  expect(write(producer, "a")).toMatchObject({ error: "NONE" });
  expect(world.transactions.addGroup("tx", producer, "g")).toBe("NONE");
  const offset = { topic: "t", partition: 0, offset: 7, leaderEpoch: -1, metadata: null };
  expect(world.transactions.addOffsets("tx", producer, "g", [offset])).toBe("NONE");
  return producer;
}
const committed = () => world.offsets.get("g", "t", 0)?.offset;

beforeEach(() => {
  jest.useFakeTimers();
  dataDir = mkdtempSync(join(tmpdir(), "weft-kafka-tx-"));
  world = open();
  world.cluster.create("t", 1, {});
});
afterEach(() => {
  world.transactions.close();
  jest.useRealTimers();
  rmSync(dataDir, { recursive: true, force: true });
});

describe("transactions", () => {
  it("survive kill -9 while they are open, with their offsets, and can be committed then", () => {
    const producer = openTransaction();
    world = open();
    expect(partition().lastStableOffset).toBe(0);
    expect(world.transactions.hasPendingOffset("g", "t", 0)).toBe(true);
    expect(world.transactions.end("tx", producer, true)).toBe("NONE");
    expect([partition().lastStableOffset, committed()]).toEqual([2, 7]);
    expect(partition().abortedBetween(0, 9)).toEqual([]);
  });

  it("are timed out after kill -9 as well", () => {
    const producer = openTransaction(1000);
    world = open();
    jest.advanceTimersByTime(1001);
    expect(partition().abortedBetween(0, 9)).toEqual([
      { producerId: producer.producerId, firstOffset: 0, lastOffset: 1 },
    ]);
    expect(world.transactions.end("tx", producer, true)).toBe("PRODUCER_FENCED");
    expect(write(producer, "late", 1)).toMatchObject({ error: "INVALID_PRODUCER_EPOCH" });
    expect(committed()).toBeUndefined();
  });

  it("remember what was aborted after kill -9", () => {
    const producer = openTransaction();
    world.transactions.end("tx", producer, false);
    const before = partition().abortedBetween(0, 9);
    world = open();
    expect(before).toHaveLength(1);
    expect(partition().abortedBetween(0, 9)).toEqual(before);
    expect(world.transactions.end("tx", producer, false)).toBe("NONE");
    expect(world.transactions.end("tx", producer, true)).toBe("INVALID_TXN_STATE");
  });

  it("are carried out at the next start when the disk refused after the decision, once", () => {
    const producer = openTransaction();
    let writesLeft = 1;
    world = open({
      ...nodeDisk,
      write(fd, bytes, position) {
        if (writesLeft-- <= 0) throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
        nodeDisk.write(fd, bytes, position);
      },
    });
    expect(() => world.transactions.end("tx", producer, true)).toThrow("no space");
    expect([partition().lastStableOffset, committed()]).toEqual([0, undefined]);
    world = open();
    expect([partition().lastStableOffset, partition().endOffset, committed()]).toEqual([2, 2, 7]);
    world = open();
    expect(partition().endOffset).toBe(2);
    expect(world.transactions.end("tx", producer, true)).toBe("NONE");
  });

  it("are tried again when the disk has room again, without a restart", () => {
    let isFull = false;
    world = open({
      ...nodeDisk,
      write(fd, bytes, position) {
        if (isFull) throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
        nodeDisk.write(fd, bytes, position);
      },
    });
    const producer = openTransaction();
    isFull = true;
    expect(() => world.transactions.end("tx", producer, true)).toThrow("no space");
    isFull = false;
    expect(world.transactions.end("tx", producer, true)).toBe("NONE");
    expect([partition().endOffset, committed()]).toEqual([2, 7]);
  });

  it("fence who began them when a newer producer comes, and abort what he left", () => {
    const old = openTransaction();
    const next = begin();
    expect(next.producerId).toBe(old.producerId);
    expect(next.producerEpoch).toBeGreaterThan(old.producerEpoch);
    expect(world.transactions.addPartitions("tx", old, [place()])).toBe("PRODUCER_FENCED");
    expect(partition().abortedBetween(0, 9)).toHaveLength(1);
  });

  it("get another producer id when the epochs of one are spent", () => {
    const first = begin();
    const resume = { producerId: first.producerId, producerEpoch: 32_765 };
    rmSync(join(dataDir, "transactions.log"));
    world = open();
    expect(world.transactions.begin("tx", 1000, resume)).toEqual({ ...resume, producerEpoch: 32_766 });
    const next = begin();
    expect(next.producerEpoch).toBe(0);
    expect(next.producerId).not.toBe(first.producerId);
  });
});
