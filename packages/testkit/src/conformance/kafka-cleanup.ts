import { expect } from "@jest/globals";
import { eventually } from "../eventually.ts";
import { alterConfig } from "./kafka-configs.ts";
import type { KafkaScripts } from "./kafka-session.ts";
import { apiKeys, Bytes, fetchRecords, listOffset, produce, recordBatch, type WireClient } from "./kafka-wire.ts";

const hourMs = 3_600_000;
const earliest = -2;
const soon = { timeoutMs: 25_000 };
/** Compacts as soon as a segment is closed, and closes it when a record comes that is a second younger. */
const eager = { "cleanup.policy": "compact", "min.cleanable.dirty.ratio": "0.01", "segment.ms": "1000" };

/** DeleteRecords version 1 for partition 0. */
async function deleteBefore(client: WireClient, topic: string, offset: number, partition = 0) {
  const body = new Bytes().int32(1).string(topic).int32(1).int32(partition).int64(offset).int32(10_000);
  const answer = await client.ask(apiKeys.deleteRecords, 1, body);
  answer.int32();
  answer.int32();
  answer.string();
  answer.int32();
  answer.int32();
  return { lowWatermark: answer.int64(), errorCode: answer.int16() };
}

const startOf = async (client: WireClient, topic: string) => (await listOffset(client, topic, earliest)).offset;

/** Writes a record in a segment of its own: each is hours younger than the one before. */
function writer(client: WireClient, topic: string) {
  let timestamp = Date.now() - 100 * hourMs;
  return async (key: string, value: string | null) => {
    timestamp += hourMs;
    return (await produce(client, topic, recordBatch({ keys: [key], values: [value], timestamp }))).errorCode;
  };
}

/** Base offsets of the batches that are there. */
async function offsetsIn(client: WireClient, topic: string): Promise<number[]> {
  const offsets: number[] = [];
  for (let next = 0; ; ) {
    const [partition] = await fetchRecords(client, { topic, offsets: [next] });
    const records = partition?.records ?? Buffer.alloc(0);
    for (let at = 0; at + 61 <= records.length; at += 12 + records.readInt32BE(at + 8)) {
      const base = Number(records.readBigInt64BE(at));
      if (base >= next) offsets.push(base);
      next = base + 1 + records.readInt32BE(at + 23);
    }
    if (records.length === 0) return offsets;
  }
}

export const cleanupScripts: KafkaScripts = {
  "deletes what is older than retention.ms, and goes on with the next offset": async (session) => {
    const topic = await session.topic(1, { "retention.ms": "60000" });
    const client = await session.wire();
    await produce(client, topic, recordBatch({ values: ["old", "old"], timestamp: Date.now() - hourMs }));
    await eventually("gone", async () => (await startOf(client, topic)) === 2, soon);
    expect(await produce(client, topic, recordBatch({ values: ["new"] }))).toEqual({ errorCode: 0, baseOffset: 2 });
    expect(await fetchRecords(client, { topic, offsets: [0] })).toMatchObject([{ errorCode: 1 }]);
  },
  "keeps what is younger, and what shares a segment with it": async (session) => {
    const [topic, canary] = [
      await session.topic(1, { "retention.ms": "60000" }),
      await session.topic(1, { "retention.ms": "60000" }),
    ];
    const client = await session.wire();
    await produce(client, topic, recordBatch({ values: ["old"], timestamp: Date.now() - hourMs }));
    await produce(client, topic, recordBatch({ values: ["young"] }));
    await produce(client, canary, recordBatch({ values: ["old"], timestamp: Date.now() - hourMs }));
    await eventually("the canary is gone", async () => (await startOf(client, canary)) === 1, soon);
    expect(await startOf(client, topic)).toBe(0);
  },
  "goes by the time of writing where records have none": async (session) => {
    const [topic, canary] = [
      await session.topic(1, { "retention.ms": "60000" }),
      await session.topic(1, { "retention.ms": "60000" }),
    ];
    const client = await session.wire();
    await produce(client, topic, recordBatch({ values: ["timeless"], timestamp: -1 }));
    await produce(client, canary, recordBatch({ values: ["old"], timestamp: Date.now() - hourMs }));
    await eventually("the canary is gone", async () => (await startOf(client, canary)) === 1, soon);
    expect(await startOf(client, topic)).toBe(0);
  },
  "deletes the oldest segments over retention.bytes": async (session) => {
    const topic = await session.topic(1, { "segment.bytes": "1048576", "retention.bytes": "1500000" });
    const client = await session.wire();
    for (let i = 0; i < 4; i++) await produce(client, topic, recordBatch({ values: ["x".repeat(900_000)] }));
    await eventually("the first are gone", async () => (await startOf(client, topic)) === 2, soon);
    expect((await fetchRecords(client, { topic, offsets: [2] }))[0]?.errorCode).toBe(0);
  },
  "deletes nothing by age where the policy is to compact": async (session) => {
    const [topic, canary] = [
      await session.topic(1, { "retention.ms": "60000", "cleanup.policy": "compact" }),
      await session.topic(1, { "retention.ms": "60000" }),
    ];
    const client = await session.wire();
    const old = () => recordBatch({ keys: ["k"], values: ["old"], timestamp: Date.now() - hourMs });
    await produce(client, topic, old());
    await produce(client, canary, old());
    await eventually("the canary is gone", async () => (await startOf(client, canary)) === 1, soon);
    expect(await startOf(client, topic)).toBe(0);
  },
  "begins to delete when the retention is shortened": async (session) => {
    const topic = await session.topic(1, { "retention.ms": "-1" });
    const client = await session.wire();
    await produce(client, topic, recordBatch({ values: ["old"], timestamp: Date.now() - hourMs }));
    expect(await startOf(client, topic)).toBe(0);
    expect(await alterConfig(client, topic, { name: "retention.ms", value: "60000" })).toBe(0);
    await eventually("gone", async () => (await startOf(client, topic)) === 1, soon);
  },
  "keeps the newest record of each key, at its offset": async (session) => {
    const topic = await session.topic(1, eager);
    const client = await session.wire();
    const write = writer(client, topic);
    for (const [key, value] of [
      ["a", "1"],
      ["b", "1"],
      ["a", "2"],
      ["c", "1"],
      ["b", "2"],
    ] as const)
      expect(await write(key, value)).toBe(0);
    // The newest segment is never touched: this closes the one before.
    await write("end", "of it");
    const isCompacted = async () => (await offsetsIn(client, topic)).join() === "2,3,4,5";
    await eventually("compacted", isCompacted, soon);
    expect(await startOf(client, topic)).toBe(0);
    const found = (await session.read(topic, 4)).map(({ offset, key, value }) => `${offset} ${key}=${value}`);
    expect(found).toEqual(["2 a=2", "3 c=1", "4 b=2", "5 end=of it"]);
  },
  "keeps part of a batch with the offsets that its records have": async (session) => {
    const topic = await session.topic(1, eager);
    const client = await session.wire();
    const timestamp = Date.now() - 200 * hourMs;
    await produce(client, topic, recordBatch({ keys: ["a", "b", "c"], values: ["1", "1", "1"], timestamp }));
    const write = writer(client, topic);
    await write("b", "2");
    await write("end", "of it");
    const read = async () => {
      const [partition] = await fetchRecords(client, { topic, offsets: [0] });
      return partition?.records.readInt32BE(57);
    };
    await eventually("compacted", async () => (await read()) === 2, soon);
    const found = (await session.read(topic, 4)).map(({ offset, key, value }) => `${offset} ${key}=${value}`);
    expect(found).toEqual(["0 a=1", "2 c=1", "3 b=2", "4 end=of it"]);
  },
  "forgets deleted keys after delete.retention.ms": async (session) => {
    const topic = await session.topic(1, { ...eager, "delete.retention.ms": "1" });
    const client = await session.wire();
    const write = writer(client, topic);
    await write("a", "1");
    await write("a", null);
    const isForgotten = async () => {
      await write("end", "of it");
      return !(await offsetsIn(client, topic)).some((offset) => offset < 2);
    };
    await eventually("forgotten", isForgotten, { ...soon, everyMs: 500 });
  },
  "keeps the marks of deleted keys until then": async (session) => {
    const topic = await session.topic(1, { ...eager, "delete.retention.ms": String(1000 * hourMs) });
    const client = await session.wire();
    const write = writer(client, topic);
    await write("a", "1");
    await write("a", null);
    await write("end", "of it");
    await eventually("compacted", async () => (await offsetsIn(client, topic)).join() === "1,2", soon);
  },
  "does not compact what is younger than min.compaction.lag.ms": async (session) => {
    const lag = { ...eager, "min.compaction.lag.ms": String(1000 * hourMs) };
    const [topic, canary] = [await session.topic(1, lag), await session.topic(1, eager)];
    const client = await session.wire();
    for (const write of [writer(client, topic), writer(client, canary)])
      for (const value of ["1", "2", "3"]) await write("a", value);
    await eventually("the canary is compacted", async () => (await offsetsIn(client, canary)).length < 3, soon);
    expect(await offsetsIn(client, topic)).toEqual([0, 1, 2]);
  },
  "takes no record without a key where keys decide what stays": async (session) => {
    const topic = await session.topic(1, { "cleanup.policy": "compact" });
    const client = await session.wire();
    expect((await produce(client, topic, recordBatch({ values: ["x"] }))).errorCode).toBe(87);
    expect((await produce(client, topic, recordBatch({ keys: ["k"], values: ["x"] }))).errorCode).toBe(0);
  },
  "deletes records up to an offset, up to the end, and not beyond": async (session) => {
    const topic = await session.topic();
    const client = await session.wire();
    await produce(client, topic, recordBatch({ values: ["a", "b", "c"] }));
    expect(await deleteBefore(client, topic, 1)).toEqual({ errorCode: 0, lowWatermark: 1 });
    expect((await deleteBefore(client, topic, 9)).errorCode).toBe(1);
    expect((await deleteBefore(client, topic, 0)).errorCode).toBe(0);
    expect(await startOf(client, topic)).toBe(1);
    expect(await deleteBefore(client, topic, -1)).toEqual({ errorCode: 0, lowWatermark: 3 });
    expect((await deleteBefore(client, topic, 1, 9)).errorCode).toBe(3);
  },
  "deletes records only where the policy is to delete": async (session) => {
    const client = await session.wire();
    for (const [policy, errorCode] of [
      ["compact", 44],
      ["compact,delete", 0],
    ] as const) {
      const topic = await session.topic(1, { "cleanup.policy": policy });
      await produce(client, topic, recordBatch({ keys: ["k"], values: ["v"] }));
      expect((await deleteBefore(client, topic, 1)).errorCode).toBe(errorCode);
      expect(await startOf(client, topic)).toBe(errorCode === 0 ? 1 : 0);
    }
  },
};
