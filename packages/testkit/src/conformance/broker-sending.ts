import { randomUUID } from "node:crypto";
import { expect } from "@jest/globals";
import { type IncomingRecord, RecordRefused } from "@weft/messaging";
import { eventually } from "../eventually.ts";
import { type BrokerScripts, numbers, record, valuesOf } from "./broker-session.ts";

export const sendingScripts: BrokerScripts = {
  "a record comes back with the key, value, headers and timestamp that it was sent with": async ({
    broker,
    newTopic,
    newGroup,
    join,
  }) => {
    const topic = await newTopic();
    const bytes = Buffer.from([0, 255, 254, 10, 0]);
    // Not its own time of arrival, and not so old that a broker would delete it.
    const timestampMs = Date.now() - 3_600_123;
    await broker.send([{ topic, key: bytes, value: bytes, headers: { text: "grün", bytes }, timestampMs }]);
    const member = await join(newGroup(), topic);
    const [got] = await eventually("the record", () => member.records.length === 1 && member.records);
    expect(got).toMatchObject({ topic, partition: 0, offset: 0n, timestampMs });
    expect(got!.key!.equals(bytes)).toBe(true);
    expect(got!.value!.equals(bytes)).toBe(true);
    expect(got!.headers).toEqual([
      ["text", Buffer.from("grün")],
      ["bytes", bytes],
    ]);
  },

  "null keys, null values, empty values and empty headers stay what they are": async ({
    broker,
    newTopic,
    newGroup,
    join,
  }) => {
    const topic = await newTopic();
    await broker.send([
      record(topic, null, "no key"),
      record(topic, "tombstone", null),
      record(topic, "empty", "", { headers: { nothing: "" } }),
    ]);
    const member = await join(newGroup(), topic);
    await eventually("three records", () => member.records.length === 3);
    const [noKey, tombstone, empty] = member.records;
    expect(noKey!.key).toBeNull();
    expect(tombstone!.value).toBeNull();
    expect(empty!.value).toHaveLength(0);
    expect(empty!.headers).toEqual([["nothing", Buffer.alloc(0)]]);
  },

  "headers stay a list: names that repeat, their order among others, and values that are null": async ({
    broker,
    newTopic,
    newGroup,
    join,
  }) => {
    const topic = await newTopic();
    const sent = [
      ["a", "1"],
      ["2", "number"],
      ["a", ""],
      ["b", "x"],
      ["a", null],
      ["__proto__", "y"],
    ] as const;
    await broker.send([record(topic, "k", "v", { headers: sent })]);
    const expected = sent.map(([name, value]) => [name, value === null ? null : Buffer.from(value)]);
    const tailed: IncomingRecord[] = [];
    const tail = await broker.tail({ topics: [topic], from: "beginning" }, (found) => tailed.push(found));
    const member = await join(newGroup(), topic);
    await eventually("the record, twice", () => member.records.length === 1 && tailed.length === 1);
    await tail.stop();
    expect(member.records[0]!.headers).toEqual(expected);
    expect(tailed[0]!.headers).toEqual(expected);
  },

  "is over when the records are stored": async ({ broker, newTopic, storedIn }) => {
    const topic = await newTopic(3);
    await broker.send(numbers(50).map((number) => record(topic, `k${number}`, "v")));
    expect(await storedIn(topic)).toBe(50);
  },

  "nothing is nothing, and is over at once": async ({ broker }) => {
    await broker.send([]);
  },

  "keeps the order of records with the same key, within a send and from one to the next": async ({
    broker,
    newTopic,
    newGroup,
    join,
  }) => {
    const topic = await newTopic(4);
    const sends: Promise<void>[] = [];
    for (const batch of numbers(10)) {
      const records = numbers(20).map((at) => record(topic, `k${at % 5}`, String(batch * 20 + at)));
      sends.push(broker.send(records));
    }
    await Promise.all(sends);
    const member = await join(newGroup(), topic);
    await eventually("all records", () => member.records.length === 200);
    const last = new Map<string, number>();
    for (const { key, value } of member.records) {
      expect(Number(value)).toBeGreaterThan(last.get(String(key)) ?? -1);
      last.set(String(key), Number(value));
    }
  },

  "puts a key where the Java client puts it (murmur2)": async ({ broker, newTopic, newGroup, join }) => {
    // Hashes from Apache Kafka's own UtilsTest.testMurmur2.
    const hashes = { "21": -973932308, foobar: -790332482, "a-little-bit-long-string": -985981536, abc: 479470107 };
    const topic = await newTopic(7);
    await broker.send(Object.keys(hashes).map((key) => record(topic, key, "v")));
    const member = await join(newGroup(), topic);
    await eventually("all records", () => member.records.length === Object.keys(hashes).length);
    for (const { key, partition } of member.records) {
      expect(partition).toBe((hashes[String(key) as keyof typeof hashes] & 0x7fffffff) % 7);
    }
  },

  "spreads records without a key": async ({ broker, newTopic }) => {
    const topic = await newTopic(3);
    for (const number of numbers(30)) await broker.send([record(topic, null, String(number))]);
    const used = (await broker.topicOffsets(topic)).filter(({ next }) => next > 0n);
    expect(used.length).toBeGreaterThan(1);
  },

  "goes to the partition that is named, and is refused where there is none": async ({ broker, newTopic, storedIn }) => {
    const topic = await newTopic(3);
    await broker.send([record(topic, "k", "here", { partition: 2 })]);
    expect((await broker.topicOffsets(topic)).map(({ next }) => next)).toEqual([0n, 0n, 1n]);
    const refused = await broker.send([record(topic, "k", "nowhere", { partition: 9 })]).catch((error) => error);
    expect(RecordRefused.is(refused)).toBe(true);
    expect(await storedIn(topic)).toBe(1);
  },

  "to a topic that does not exist is refused, and makes no topic": async ({ broker }) => {
    const topic = `conformance.missing.${randomUUID()}`;
    const refused = await broker.send([record(topic, "k", "v")]).catch((error) => error);
    expect(RecordRefused.is(refused)).toBe(true);
    expect((await broker.topics()).map((found) => found.topic)).not.toContain(topic);
  },

  "to a topic that does not exist, again and again, fails no other send": async ({ broker, newTopic, storedIn }) => {
    const topic = await newTopic();
    const missing = `conformance.missing.${randomUUID()}`;
    const failure = () => broker.send([record(missing, "k", "v")]).catch((error) => error);
    expect(RecordRefused.is(await failure())).toBe(true);
    const again = failure();
    await Promise.all(numbers(3).map((number) => broker.send([record(topic, "k", String(number))])));
    expect(RecordRefused.is(await again)).toBe(true);
    expect(await storedIn(topic)).toBe(3);
    await broker.createTopics([{ topic: missing, partitions: 1, replication: 1 }]);
    await eventually("the topic is found", async () => (await failure()) === undefined);
    expect(await storedIn(missing)).toBeGreaterThan(0);
  },

  "of one that is too large is refused for ever, while those beside it are stored": async ({
    broker,
    newTopic,
    newGroup,
    join,
  }) => {
    const topic = await newTopic();
    const results = await Promise.allSettled([
      broker.send([record(topic, "a", "small")]),
      broker.send([record(topic, "b", "x".repeat(2_000_000))]),
      broker.send([record(topic, "c", "small")]),
    ]);
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(RecordRefused.is((results[1] as PromiseRejectedResult).reason)).toBe(true);
    const member = await join(newGroup(), topic);
    await eventually("both", () =>
      ["a", "c"].every((key) => member.records.some((found) => String(found.key) === key)),
    );
    expect(member.records.map(({ key }) => String(key))).not.toContain("b");
    await broker.send([record(topic, "d", "after")]);
    await eventually("the next send", () => member.records.some((found) => String(found.key) === "d"));
  },

  "more than one request can hold arrives whole and in order": async ({ broker, newTopic, newGroup, join }) => {
    const topic = await newTopic();
    const value = "x".repeat(1000);
    await broker.send(numbers(3000).map((number) => record(topic, "k", `${number} ${value}`)));
    const member = await join(newGroup(), topic);
    await eventually("all records", () => member.records.length === 3000);
    expect(valuesOf(member).map((text) => Number(text.split(" ")[0]))).toEqual(numbers(3000));
  },

  "many at once stores each once (no acknowledgement without a record)": async ({
    broker,
    newTopic,
    newGroup,
    join,
    storedIn,
  }) => {
    const topic = await newTopic(2);
    await Promise.all(numbers(40).map((number) => broker.send([record(topic, `k${number}`, String(number))])));
    const member = await join(newGroup(), topic);
    await eventually("all records", () => member.records.length >= 40);
    expect(await storedIn(topic)).toBe(40);
    expect(new Set(valuesOf(member)).size).toBe(40);
    expect(new Set(member.records.map(({ partition, offset }) => `${partition} ${offset}`)).size).toBe(40);
  },
};
