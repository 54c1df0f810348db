import { expect } from "@jest/globals";
import type { KafkaScripts } from "./kafka-session.ts";
import { apiKeys, Bytes, fetchRecords, initProducerId, listOffset, produce, recordBatch } from "./kafka-wire.ts";

const hourMs = 3_600_000;
const since = (start: number) => performance.now() - start;

export const requestScripts: KafkaScripts = {
  "answers a version of the future with error 35 and its range (KIP-511)": async (session) => {
    const client = await session.wire();
    const answer = await client.ask(apiKeys.apiVersions, 99, new Bytes().noTags());
    expect(answer.int16()).toBe(35);
    const range = answer.array(() => [answer.int16(), answer.int16(), answer.int16()]);
    expect(range.find(([key]) => key === apiKeys.apiVersions)?.[1]).toBe(0);
  },
  "says which versions it speaks": async (session) => {
    const client = await session.wire();
    const answer = await client.ask(apiKeys.apiVersions, 0, new Bytes());
    expect(answer.int16()).toBe(0);
    const ranges = new Map(answer.array(() => [answer.int16(), [answer.int16(), answer.int16()]] as const));
    const speaks = (key: number, version: number) => {
      const [min = 99, max = -1] = ranges.get(key) ?? [];
      return min <= version && version <= max;
    };
    // What kafkajs 2.2.4 asks for, and the first flexible version of each.
    for (const [key, ...versions] of [
      [apiKeys.produce, 7, 9],
      [apiKeys.fetch, 11, 12],
      [apiKeys.listOffsets, 3, 6],
      [3, 6, 9],
      [apiKeys.offsetCommit, 5, 8],
      [apiKeys.joinGroup, 5, 6],
      [apiKeys.initProducerId, 1, 2],
    ] as const)
      for (const version of versions) expect([key, version, speaks(key, version)]).toEqual([key, version, true]);
  },
  "answers pipelined requests in their order": async (session) => {
    const topic = await session.topic();
    const client = await session.wire();
    const slow = fetchRecords(client, { topic, offsets: [0], maxWaitMs: 300 });
    const quick = client.ask(apiKeys.apiVersions, 0, new Bytes());
    await Promise.all([slow, quick]);
    expect(client.order).toEqual([1, 2]);
  },
  "closes a connection that asks for an API nobody knows, and only that one": async (session) => {
    const [wrong, right] = [await session.wire(), await session.wire()];
    wrong.ask(9999, 0, new Bytes()).catch(() => {});
    await wrong.closed;
    expect((await right.ask(apiKeys.apiVersions, 0, new Bytes())).int16()).toBe(0);
  },
  "closes a connection whose frame is longer than any request": async (session) => {
    const client = await session.wire();
    client.send(new Bytes().int32(2 ** 31 - 1).done());
    await client.closed;
  },
  "closes a connection whose frame has a negative length": async (session) => {
    const client = await session.wire();
    client.send(new Bytes().int32(-5).done());
    await client.closed;
  },
  "closes a connection whose request ends too early": async (session) => {
    const client = await session.wire();
    client.ask(apiKeys.produce, 5, new Bytes().string(null).int16(-1)).catch(() => {});
    await client.closed;
  },
  "closes a connection whose array claims more than the request holds": async (session) => {
    const client = await session.wire();
    client.ask(3, 4, new Bytes().int32(2 ** 30).int8(0)).catch(() => {});
    await client.closed;
  },
  "refuses a batch with a wrong checksum and stores nothing": async (session) => {
    const topic = await session.topic();
    const client = await session.wire();
    expect(await produce(client, topic, recordBatch({ values: ["x"], crc: 1 }))).toMatchObject({ errorCode: 2 });
    expect(await listOffset(client, topic, -1)).toMatchObject({ offset: 0 });
    expect(await produce(client, topic, recordBatch({ values: ["x"] }))).toEqual({ errorCode: 0, baseOffset: 0 });
  },
  "refuses a batch that counts its records wrongly": async (session) => {
    const topic = await session.topic();
    const client = await session.wire();
    const result = await produce(client, topic, recordBatch({ values: ["x", "y"], recordsCount: 7 }));
    expect(result.errorCode).toBe(87);
  },
  "refuses two batches in one partition of a request": async (session) => {
    const topic = await session.topic();
    const client = await session.wire();
    const two = Buffer.concat([recordBatch({ values: ["x"] }), recordBatch({ values: ["y"] })]);
    expect((await produce(client, topic, two)).errorCode).toBe(87);
  },
  "refuses message formats older than 2": async (session) => {
    const topic = await session.topic();
    const client = await session.wire();
    expect((await produce(client, topic, recordBatch({ values: ["x"], magic: 1 }))).errorCode).toBe(87);
  },
  "refuses records from more than an hour ahead, or from further than the topic says": async (session) => {
    const [topic, patient] = [
      await session.topic(),
      await session.topic(1, { "message.timestamp.after.max.ms": String(9 * hourMs) }),
    ];
    const client = await session.wire();
    const send = async (to: string, timestamp: number) =>
      (await produce(client, to, recordBatch({ values: ["x"], timestamp }))).errorCode;
    expect(await send(topic, Date.now() + 2 * hourMs)).toBe(32);
    expect(await send(topic, Date.now() + hourMs / 2)).toBe(0);
    expect(await send(topic, -1)).toBe(0);
    expect(await send(patient, Date.now() + 2 * hourMs)).toBe(0);
    expect(await send(patient, Date.now() + 10 * hourMs)).toBe(32);
    expect((await listOffset(client, topic, -1)).offset).toBe(2);
  },
  "refuses acks that do not exist": async (session) => {
    const topic = await session.topic();
    const client = await session.wire();
    expect((await produce(client, topic, recordBatch({ values: ["x"] }), 5)).errorCode).toBe(21);
  },
  "refuses topics and partitions that are not there": async (session) => {
    const topic = await session.topic();
    const client = await session.wire();
    const batch = () => recordBatch({ values: ["x"] });
    expect((await produce(client, session.name(), batch())).errorCode).toBe(3);
    expect((await produce(client, topic, batch(), -1, 7)).errorCode).toBe(3);
    expect(await fetchRecords(client, { topic: session.name(), offsets: [0] })).toMatchObject([{ errorCode: 3 }]);
    expect((await listOffset(client, session.name(), -1)).errorCode).toBe(3);
  },
  "gives each producer an id of its own": async (session) => {
    const client = await session.wire();
    const [first, second] = [await initProducerId(client), await initProducerId(client)];
    expect([first.errorCode, second.errorCode]).toEqual([0, 0]);
    expect(first.producerId).not.toBe(second.producerId);
  },
  "answers a repeated batch with the offset it got first": async (session) => {
    const topic = await session.topic();
    const client = await session.wire();
    const { producerId, producerEpoch } = await initProducerId(client);
    const batch = (baseSequence: number) =>
      recordBatch({ values: ["a", "b"], producerId, producerEpoch, baseSequence });
    for (const sequence of [0, 2, 4]) await produce(client, topic, batch(sequence));
    expect(await produce(client, topic, batch(2))).toEqual({ errorCode: 0, baseOffset: 2 });
    expect(await produce(client, topic, batch(0))).toEqual({ errorCode: 0, baseOffset: 0 });
    expect(await listOffset(client, topic, -1)).toMatchObject({ offset: 6 });
  },
  "refuses a gap in the sequence of a producer": async (session) => {
    const topic = await session.topic();
    const client = await session.wire();
    const { producerId, producerEpoch } = await initProducerId(client);
    const batch = (baseSequence: number) => recordBatch({ values: ["a"], producerId, producerEpoch, baseSequence });
    await produce(client, topic, batch(0));
    expect((await produce(client, topic, batch(2))).errorCode).toBe(45);
    expect(await produce(client, topic, batch(1))).toEqual({ errorCode: 0, baseOffset: 1 });
  },
  "refuses an epoch that a newer one has replaced": async (session) => {
    const topic = await session.topic();
    const client = await session.wire();
    const { producerId } = await initProducerId(client);
    const batch = (producerEpoch: number, baseSequence: number) =>
      recordBatch({ values: ["a"], producerId, producerEpoch, baseSequence });
    await produce(client, topic, batch(0, 0));
    expect((await produce(client, topic, batch(1, 5))).errorCode).toBe(45);
    expect((await produce(client, topic, batch(1, 0))).errorCode).toBe(0);
    expect((await produce(client, topic, batch(0, 1))).errorCode).toBe(47);
  },
  "wakes a waiting fetch when a record arrives": async (session) => {
    const topic = await session.topic();
    const [reader, writer] = [await session.wire(), await session.wire()];
    const start = performance.now();
    const waiting = fetchRecords(reader, { topic, offsets: [0], maxWaitMs: 20_000 });
    await produce(writer, topic, recordBatch({ values: ["x"] }));
    const [partition] = await waiting;
    expect(partition?.records.length).toBeGreaterThan(0);
    expect(since(start)).toBeLessThan(15_000);
  },
  "answers a fetch with nothing when its time is up": async (session) => {
    const topic = await session.topic();
    const client = await session.wire();
    const start = performance.now();
    expect(await fetchRecords(client, { topic, offsets: [0], maxWaitMs: 200 })).toMatchObject([
      { errorCode: 0, highWatermark: 0, records: Buffer.alloc(0) },
    ]);
    expect(since(start)).toBeGreaterThan(150);
  },
  "waits until the bytes asked for are there": async (session) => {
    const topic = await session.topic();
    const [reader, writer] = [await session.wire(), await session.wire()];
    await produce(writer, topic, recordBatch({ values: ["x"] }));
    const waiting = fetchRecords(reader, { topic, offsets: [0], maxWaitMs: 20_000, minBytes: 5000 });
    await produce(writer, topic, recordBatch({ values: ["y".repeat(6000)] }));
    const [partition] = await waiting;
    expect(partition?.records.length).toBeGreaterThan(6000);
  },
  "refuses a fetch outside of the log": async (session) => {
    const topic = await session.topic();
    const client = await session.wire();
    await produce(client, topic, recordBatch({ values: ["x"] }));
    expect(await fetchRecords(client, { topic, offsets: [2] })).toMatchObject([{ errorCode: 1 }]);
    await session.deleteRecords(topic, 1);
    expect(await fetchRecords(client, { topic, offsets: [0] })).toMatchObject([{ errorCode: 1 }]);
  },
  "gives one batch even when it is larger than asked for": async (session) => {
    const topic = await session.topic();
    const client = await session.wire();
    const batch = recordBatch({ values: ["x".repeat(5000)] });
    await produce(client, topic, batch);
    const [partition] = await fetchRecords(client, { topic, offsets: [0], maxBytes: 10, partitionMaxBytes: 10 });
    expect(partition?.records.length).toBe(batch.length);
  },
  "begins a fetch with the batch that holds the offset": async (session) => {
    const topic = await session.topic();
    const client = await session.wire();
    for (let i = 0; i < 3; i++) await produce(client, topic, recordBatch({ values: ["a", "b", "c"] }));
    const [partition] = await fetchRecords(client, { topic, offsets: [4] });
    expect(Number(partition?.records.readBigInt64BE(0))).toBe(3);
  },
  "finds nothing after the newest record": async (session) => {
    const topic = await session.topic(1, { "retention.ms": "-1" });
    const client = await session.wire();
    await produce(client, topic, recordBatch({ values: ["x"], timestamp: 1000 }));
    expect(await listOffset(client, topic, 1000)).toEqual({ errorCode: 0, timestamp: 1000, offset: 0 });
    expect(await listOffset(client, topic, 1001)).toEqual({ errorCode: 0, timestamp: -1, offset: -1 });
  },
};
