import { describe, expect, it } from "@jest/globals";
import { silentLogger, sleep } from "@weft/core";
import {
  type Broker,
  BrokerUnavailable,
  lastHeader,
  type OutgoingRecord,
  RecordRefused,
  type SchemaRegistry,
} from "@weft/messaging";
import fc from "fast-check";
import type { ClaimedRow, Claims } from "./claims.ts";
import { aggregateKeyOf } from "./order.ts";
import { shardWorker } from "./shard-worker.ts";

interface StoredRow extends ClaimedRow {
  isCommitted: boolean;
  isPublished: boolean;
  isQuarantined: boolean;
}

/** The rows of one shard in memory, with the same answers as the tables give. */
function claimsInMemory(rows: StoredRow[]): Claims {
  const isPending = (row: StoredRow) => row.isCommitted && !row.isPublished && !row.isQuarantined;
  const of = (key: string) => rows.filter((row) => row.isCommitted && aggregateKeyOf(row) === key);
  const stored = ({ id }: ClaimedRow) => rows.find((row) => row.id === id) as StoredRow;
  const quarantineFrom = (key: string, sequence: number) => {
    const taken = of(key).filter((row) => row.sequence >= sequence && isPending(row));
    for (const row of taken) row.isQuarantined = true;
    return taken.length;
  };
  return {
    async pending(afterId, limits) {
      await sleep(0);
      const found = rows.filter((row) => isPending(row) && row.id > afterId).sort((a, b) => a.id - b.id);
      return found.slice(0, limits.rows).map((row) => ({ ...row }));
    },
    async pendingPredecessors(given) {
      return given.flatMap((row) => {
        const before = of(aggregateKeyOf(row)).filter(({ sequence }) => sequence < row.sequence);
        const nearest = before.sort((a, b) => b.sequence - a.sequence)[0];
        if (!nearest || nearest.isPublished) return [];
        return [{ row, sequence: nearest.sequence, isQuarantined: nearest.isQuarantined }];
      });
    },
    async markPublished(given) {
      await sleep(0);
      for (const row of given) stored(row).isPublished = true;
      return given.length;
    },
    async retryLater(row) {
      stored(row).attempts += 1;
    },
    async quarantine(row) {
      return quarantineFrom(aggregateKeyOf(row), row.sequence);
    },
    async joinQuarantine(row) {
      quarantineFrom(aggregateKeyOf(row), row.sequence);
    },
  };
}

const schemas = { idOf: async () => 1 } as unknown as SchemaRegistry;
const observe = {
  published() {},
  sendFailed() {},
  sendWorked() {},
  quarantined() {},
  worked() {},
  failed(error: unknown) {
    throw error;
  },
};
const settings = {
  batchSize: 4,
  batchBytes: 1_000,
  fullScanMs: 5,
  attempts: 2,
  sendRetryMaxMs: 1,
  retryBaseMs: 1,
  retryMaxMs: 2,
};

/** Sends what a plan of commits makes visible step by step, over a broker that fails as planned. */
async function relayed(rows: StoredRow[], commitOrder: StoredRow[][], failures: boolean[], poison: Set<number>) {
  const topic: { key: string; sequence: number }[] = [];
  const broker = {
    async send(records: readonly OutgoingRecord[]) {
      await sleep(0);
      const bad = records.find(({ headers }) => poison.has(Number(lastHeader(headers, "event-id"))));
      if (bad) throw new RecordRefused({ topic: bad.topic, reason: "poison", message: "poison" });
      const hasFailed = failures.shift();
      const arrived = hasFailed ? records.slice(0, Math.floor(records.length / 2)) : records;
      for (const { key, headers } of arrived)
        topic.push({ key: String(key), sequence: Number(lastHeader(headers, "event-sequence")) });
      if (hasFailed) throw new BrokerUnavailable({ operation: "send" });
    },
  } as unknown as Broker;
  const claims = claimsInMemory(rows);
  const worker = shardWorker({ claims, broker, schemas, log: silentLogger, isHeld: () => true, observe }, settings);
  for (const step of commitOrder) {
    for (const row of step) row.isCommitted = true;
    worker.wake(false);
    await sleep(1);
  }
  const isDone = () => rows.every((row) => row.isPublished || row.isQuarantined);
  for (let n = 0; n < 1_000 && !isDone(); n++) {
    worker.wake(true);
    await sleep(2);
  }
  await worker.stop();
  return topic;
}

function newRow(id: number, aggregateId: string, sequence: number): StoredRow {
  const text = { topic: "t", eventId: String(id), eventType: "PriceChanged", eventVersion: "1.0", envelope: "{}" };
  const state = { isCommitted: false, isPublished: false, isQuarantined: false };
  return { id, aggregateId, sequence, ...text, headers: {}, createdAt: new Date(), attempts: 0, waitMs: 0, ...state };
}

/** Fails instead of waiting for ever, so that no loop outlives its test. */
async function until(isSo: () => boolean): Promise<void> {
  for (let n = 0; n < 3_000; n++) {
    if (isSo()) return;
    await sleep(1);
  }
  throw new Error(`never true: ${isSo}`);
}

describe("shard worker", () => {
  it("sends each aggregate in order, once ids, commits and the broker do what they like", async () => {
    const scenario = fc.record({
      aggregates: fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 4 }),
      seed: fc.array(fc.nat(), { minLength: 64, maxLength: 64 }),
      failures: fc.array(fc.boolean(), { maxLength: 8 }),
      poison: fc.option(fc.nat({ max: 31 }), { nil: undefined, freq: 2 }),
    });
    await fc.assert(
      fc.asyncProperty(scenario, async ({ aggregates, seed, failures, poison }) => {
        // Ids in any order, also against the sequence; commits in any order between aggregates, never within one.
        const slots = aggregates.flatMap((count, n) =>
          Array.from({ length: count }, (_, i) => ({ n, sequence: i + 1 })),
        );
        const ids = slots.map((_, i) => i + 1).sort((a, b) => (seed[a] ?? 0) - (seed[b] ?? 0));
        const rows = slots.map(({ n, sequence }, i) => newRow(ids[i] as number, `agg${n}`, sequence));
        const left = aggregates.map((_, n) => rows.filter(({ aggregateId }) => aggregateId === `agg${n}`));
        const steps: StoredRow[][] = [];
        for (let k = 0; left.some((queue) => queue.length > 0); k++) {
          const queue = left.filter(({ length }) => length > 0)[
            (seed[k % 64] ?? 0) % left.filter((q) => q.length > 0).length
          ];
          steps.push((queue as StoredRow[]).splice(0, 1 + ((seed[(k + 7) % 64] ?? 0) % 3)));
        }
        const bad = new Set(poison === undefined ? [] : [(poison % rows.length) + 1]);
        const topic = await relayed(rows, steps, [...failures], bad);
        for (const [n, count] of aggregates.entries()) {
          const poisoned = rows.find(({ id, aggregateId }) => bad.has(id) && aggregateId === `agg${n}`)?.sequence;
          const expected = Array.from({ length: (poisoned ?? count + 1) - 1 }, (_, i) => i + 1);
          const seen = [...new Set(topic.filter(({ key }) => key === `agg${n}`).map(({ sequence }) => sequence))];
          expect(seen).toEqual(expected); // first occurrences: in order, all there, nothing behind the poison
        }
      }),
      { numRuns: 60, endOnFailure: true },
    );
  }, 60_000);

  it("keeps the rest of an aggregate behind a refused row, however long the database takes to note the refusal", async () => {
    const rows = [newRow(1, "a", 1), newRow(2, "a", 2), newRow(3, "b", 1)];
    for (const row of rows) row.isCommitted = true;
    const sent: string[] = [];
    const broker = {
      async send(records: readonly OutgoingRecord[]) {
        const ids = records.map(({ headers }) => String(lastHeader(headers, "event-id")));
        if (ids.includes("1")) throw new RecordRefused({ topic: "t", reason: "poison", message: "poison" });
        sent.push(...ids);
      },
    } as unknown as Broker;
    const inMemory = claimsInMemory(rows);
    let batches = 0;
    const claims: Claims = {
      ...inMemory,
      pending(...place) {
        batches += 1;
        return inMemory.pending(...place);
      },
      retryLater: () => sleep(10 * settings.retryBaseMs),
    };
    const parts = { claims, broker, schemas, log: silentLogger, isHeld: () => batches < 2, observe };
    const worker = shardWorker(parts, settings);
    while (!worker.isFinished()) {
      worker.wake(true);
      await sleep(1);
    }
    expect(sent).toEqual(["3"]);
  });

  it("logs an error of the program in sending as what it is, with its stack, and sends the other aggregates", async () => {
    const rows = [newRow(1, "a", 1), newRow(2, "b", 1)];
    for (const row of rows) row.isCommitted = true;
    const bug = new TypeError("x is not a function");
    const broker = {
      async send(records: readonly OutgoingRecord[]) {
        if (records.some(({ key }) => key === "a")) throw bug;
      },
    } as unknown as Broker;
    const told: unknown[] = [];
    const log = {
      ...silentLogger,
      error({ err }: Record<string, unknown>) {
        told.push(err);
      },
    };
    const claims = claimsInMemory(rows);
    const worker = shardWorker({ claims, broker, schemas, log, isHeld: () => true, observe }, settings);
    await until(() => rows[0]?.attempts === 1 && rows[1]?.isPublished === true);
    await worker.stop();
    expect(told[0]).toBe(bug);
  });

  it("stops sending when the lease is over, and marks nothing then", async () => {
    const rows = [newRow(1, "a", 1), newRow(2, "a", 2)];
    for (const row of rows) row.isCommitted = true;
    let isHeld = true;
    const sends: number[] = [];
    const broker = {
      async send(records: readonly OutgoingRecord[]) {
        sends.push(records.length);
        isHeld = false; // stopped here for longer than the lease, say
      },
    } as unknown as Broker;
    const claims = claimsInMemory(rows);
    const parts = { claims, broker, schemas, log: silentLogger, isHeld: () => isHeld, observe };
    const worker = shardWorker(parts, { ...settings, batchSize: 1 });
    while (!worker.isFinished()) await sleep(1);
    expect(sends).toEqual([1]);
    expect(rows.map(({ isPublished }) => isPublished)).toEqual([false, false]);
  });

  it("sends again, in order, what it could not mark before the lease ran out and was renewed under the same epoch", async () => {
    const rows = [newRow(1, "a", 1), newRow(2, "a", 2), newRow(3, "a", 3)];
    const [first, second, next] = rows as [StoredRow, StoredRow, StoredRow];
    for (const row of [first, second]) row.isCommitted = true;
    let isDatabaseDown = false;
    let isHeld = true;
    let failedMarks = 0;
    let givenUp = 0;
    const sent: number[] = [];
    const broker = {
      async send(records: readonly OutgoingRecord[]) {
        sent.push(...records.map(({ headers }) => Number(lastHeader(headers, "event-sequence"))));
        isDatabaseDown = sent.length === 2;
      },
    } as unknown as Broker;
    const inMemory = claimsInMemory(rows);
    const claims: Claims = {
      ...inMemory,
      async markPublished(given) {
        if (!isDatabaseDown) return inMemory.markPublished(given);
        failedMarks += 1;
        throw new Error("the database is away");
      },
    };
    const log = {
      ...silentLogger,
      warn() {
        givenUp += 1;
      },
    };
    const forgiving = { ...observe, failed() {} };
    const worker = shardWorker({ claims, broker, schemas, log, isHeld: () => isHeld, observe: forgiving }, settings);
    await until(() => failedMarks > 0 && worker.isIdle());
    isHeld = false;
    await until(() => givenUp === 1);
    isDatabaseDown = false;
    isHeld = true;
    next.isCommitted = true;
    await until(() => {
      worker.wake(true);
      return rows.every(({ isPublished }) => isPublished);
    });
    expect(worker.isFinished()).toBe(false);
    expect(sent).toEqual([1, 2, 1, 2, 3]);
    await worker.stop();
  });
});
