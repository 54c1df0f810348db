import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
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

  describe("on a disk that becomes full", () => {
    let writesLeft: number;
    beforeEach(() => {
      writesLeft = Number.POSITIVE_INFINITY;
      world.transactions.close();
      world = open({
        ...nodeDisk,
        write(fd, bytes, position) {
          if (writesLeft-- <= 0) throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
          nodeDisk.write(fd, bytes, position);
        },
      });
    });

    it("still time out when their end could not be decided", () => {
      const producer = openTransaction(5000);
      writesLeft = 0;
      expect(() => world.transactions.end("tx", producer, true)).toThrow("no space");
      writesLeft = Number.POSITIVE_INFINITY;
      jest.advanceTimersByTime(5001);
      expect(partition().abortedBetween(0, 9)).toHaveLength(1);
    });

    it("are aborted later when the marker of their timeout could not be written", () => {
      openTransaction(5000);
      writesLeft = 1;
      jest.advanceTimersByTime(5001);
      expect([world.transactions.find("tx")?.state, partition().lastStableOffset]).toEqual(["PrepareAbort", 0]);
      writesLeft = Number.POSITIVE_INFINITY;
      jest.advanceTimersByTime(1001);
      expect([world.transactions.find("tx")?.state, partition().lastStableOffset]).toEqual(["CompleteAbort", 2]);
      expect(jest.getTimerCount()).toBe(0);
    });

    it("do not let a fenced producer go on when the newer one got no answer", () => {
      const first = begin();
      const second = world.transactions.begin("tx", 1000, first) as ProducerIdentity;
      world.transactions.addPartitions("tx", second, [place()]);
      // Decided and carried out; then the newer producer could not be written.
      writesLeft = 3;
      expect(() => begin()).toThrow("no space");
      expect(world.transactions.find("tx")?.state).toBe("CompleteAbort");
      writesLeft = Number.POSITIVE_INFINITY;
      expect(world.transactions.begin("tx", 1000, first)).toBe("PRODUCER_FENCED");
    });

    it("are committed later when only that was decided, though nobody asks again", () => {
      const producer = openTransaction(5000);
      writesLeft = 1;
      expect(() => world.transactions.end("tx", producer, true)).toThrow("no space");
      writesLeft = Number.POSITIVE_INFINITY;
      jest.advanceTimersByTime(1001);
      expect([partition().lastStableOffset, committed()]).toEqual([2, 7]);
    });
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
    const { producerId } = begin();
    for (let epoch = 1; epoch <= 32_766; epoch++) expect(begin()).toEqual({ producerId, producerEpoch: epoch });
    const last = { producerId, producerEpoch: 32_766 };
    const next = world.transactions.begin("tx", 1000, last);
    expect(next).toMatchObject({ producerEpoch: 0 });
    expect(next).not.toMatchObject({ producerId });
    // Its answer got lost, and the broker died.
    world = open();
    expect(world.transactions.begin("tx", 1000, last)).toEqual(next);
  });

  it("begin under a producer id of their own, whatever a client claims, and leave damaged ones out", () => {
    const claimed = { producerId: Number(2n ** 63n - 1n), producerEpoch: 3 };
    const made = { producerId: 0, producerEpoch: 0 };
    expect(world.transactions.begin("tx", 1000, claimed)).toEqual(made);
    const damaged = {
      id: "odd",
      ...claimed,
      epoch: 3,
      timeoutMs: 1000,
      state: "PrepareAbort",
      startedAt: 1,
      groups: [],
    };
    appendFileSync(join(dataDir, "transactions.log"), `${JSON.stringify({ ...damaged, partitions: [place()] })}\n`);
    world = open();
    expect(world.transactions.all().map(({ id }) => id)).toEqual(["tx"]);
    expect(world.transactions.addPartitions("tx", made, [place()])).toBe("NONE");
  });
});
