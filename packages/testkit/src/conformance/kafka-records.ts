import { expect } from "@jest/globals";
import { CompressionTypes } from "kafkajs";
import { errorTypeOf, type KafkaScripts } from "./kafka-session.ts";

const valuesOf = (messages: { value: Buffer | null }[]) => messages.map(({ value }) => value?.toString() ?? null);

export const recordScripts: KafkaScripts = {
  "gives consecutive offsets from 0 on, per partition": async (session) => {
    const topic = await session.topic(2);
    const producer = await session.producer();
    for (const partition of [0, 1, 0]) {
      const messages = ["a", "b", "c"].map((value) => ({ value, partition }));
      await producer.send({ topic, messages });
    }
    const found = await session.read(topic, 9);
    const offsets = (partition: number) => found.filter((m) => m.partition === partition).map((m) => Number(m.offset));
    expect([offsets(0), offsets(1)]).toEqual([
      [0, 1, 2, 3, 4, 5],
      [0, 1, 2],
    ]);
  },
  "says which offset a batch got": async (session) => {
    const topic = await session.topic();
    const producer = await session.producer();
    await producer.send({ topic, messages: [{ value: "a" }, { value: "b" }] });
    const [second] = await producer.send({ topic, messages: [{ value: "c" }] });
    expect(second).toMatchObject({ partition: 0, errorCode: 0, baseOffset: "2" });
  },
  "gives key, value, headers and timestamp back as they were": async (session) => {
    const topic = await session.topic(1, { "retention.ms": "-1" });
    const producer = await session.producer();
    const value = Buffer.from([0, 1, 2, 254, 255]);
    const headers = { text: "später", bytes: Buffer.from([0, 255]), many: ["one", "two"], empty: "" };
    await producer.send({ topic, messages: [{ key: "schlüssel", value, headers, timestamp: "1600000000123" }] });
    const [message] = await session.read(topic, 1);
    expect(message).toMatchObject({ key: Buffer.from("schlüssel"), value, timestamp: "1600000000123" });
    const text = Object.entries(message?.headers ?? {}).map(([name, header]) => [name, [header].flat().map(String)]);
    expect(Object.fromEntries(text)).toMatchObject({ text: ["später"], many: ["one", "two"], empty: [""] });
    expect(message?.headers?.bytes).toEqual(Buffer.from([0, 255]));
  },
  "tells null from empty": async (session) => {
    const topic = await session.topic();
    const producer = await session.producer();
    await producer.send({
      topic,
      messages: [
        { key: "k", value: null },
        { key: "", value: "" },
        { key: null, value: "v" },
      ],
    });
    const found = (await session.read(topic, 3)).map(({ key, value }) => [key?.toString(), value?.toString()]);
    expect(found).toEqual([
      ["k", undefined],
      ["", ""],
      [undefined, "v"],
    ]);
  },
  "passes compressed batches through": async (session) => {
    const topic = await session.topic();
    const producer = await session.producer();
    const values = Array.from({ length: 200 }, (_, index) => `value ${index} ${"x".repeat(100)}`);
    await producer.send({
      topic,
      compression: CompressionTypes.GZIP,
      messages: values.map((value) => ({ value })),
    });
    expect(valuesOf(await session.read(topic, 200))).toEqual(values);
  },
  "takes acks 0, 1 and all": async (session) => {
    const topic = await session.topic();
    const producer = await session.producer();
    for (const acks of [0, 1, -1]) await producer.send({ topic, acks, messages: [{ value: `acks ${acks}` }] });
    expect(valuesOf(await session.read(topic, 3))).toEqual(["acks 0", "acks 1", "acks -1"]);
  },
  "refuses a batch over the topic's limit, and takes the next": async (session) => {
    const topic = await session.topic(1, { "max.message.bytes": "2000" });
    const producer = await session.producer();
    const send = (bytes: number) => errorTypeOf(producer.send({ topic, messages: [{ value: "x".repeat(bytes) }] }));
    expect(await send(3000)).toBe("MESSAGE_TOO_LARGE");
    expect(await send(1500)).toBe("NONE");
    expect(await session.admin.fetchTopicOffsets(topic)).toMatchObject([{ high: "1" }]);
  },
  "refuses a batch over a megabyte where nothing else is said": async (session) => {
    const topic = await session.topic();
    const producer = await session.producer();
    const message = { value: "x".repeat(1_100_000) };
    expect(await errorTypeOf(producer.send({ topic, messages: [message] }))).toBe("MESSAGE_TOO_LARGE");
  },
  "stores concurrent sends of an idempotent producer once each": async (session) => {
    const topic = await session.topic(3);
    const producer = await session.producer({ idempotent: true });
    const values = Array.from({ length: 20 }, (_, index) => `v${index}`);
    const sent = await Promise.all(
      values.map((value, index) => producer.send({ topic, acks: -1, messages: [{ value, partition: index % 3 }] })),
    );
    const places = sent.flat().map(({ partition, baseOffset }) => `${partition}/${baseOffset}`);
    expect(new Set(places).size).toBe(20);
    expect(valuesOf(await session.read(topic, 20)).sort()).toEqual(values.sort());
  },
  "reads a large backlog in order, without a gap": async (session) => {
    const topic = await session.topic();
    const producer = await session.producer();
    for (let batch = 0; batch < 20; batch++) {
      const messages = Array.from({ length: 250 }, (_, i) => ({ value: `${batch * 250 + i} ${"x".repeat(400)}` }));
      await producer.send({ topic, messages });
    }
    const found = await session.read(topic, 5000);
    expect(
      found.every(({ offset, value }, index) => Number(offset) === index && value?.toString().startsWith(`${index} `)),
    ).toBe(true);
  },
  "knows first and last offset": async (session) => {
    const topic = await session.topic();
    await session.send(topic, ["a", "b", "c"]);
    expect(await session.admin.fetchTopicOffsets(topic)).toEqual([{ partition: 0, offset: "3", high: "3", low: "0" }]);
  },
  "finds the first record at or after a time": async (session) => {
    const topic = await session.topic(1, { "retention.ms": "-1" });
    const producer = await session.producer();
    const base = 1_700_000_000_000;
    for (let batch = 0; batch < 3; batch++) {
      const messages = [0, 10].map((ms) => ({ value: "x", timestamp: String(base + batch * 100 + ms) }));
      await producer.send({ topic, messages });
    }
    const at = async (ms: number) =>
      Number((await session.admin.fetchTopicOffsetsByTimestamp(topic, base + ms))[0]?.offset);
    expect([await at(-5), await at(0), await at(5), await at(10), await at(11), await at(105), await at(210)]).toEqual([
      0, 0, 1, 1, 2, 3, 5,
    ]);
  },
  "moves the start of a partition when records are deleted": async (session) => {
    const topic = await session.topic();
    await session.send(topic, ["a", "b", "c", "d"]);
    await session.deleteRecords(topic, 2);
    expect(await session.admin.fetchTopicOffsets(topic)).toMatchObject([{ low: "2", high: "4" }]);
    expect(valuesOf(await session.read(topic, 2))).toEqual(["c", "d"]);
  },
};
