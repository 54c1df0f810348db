import { randomUUID } from "node:crypto";
import { expect } from "@jest/globals";
import { sleep } from "@weft/core";
import { type IncomingRecord, TopicMissing } from "@weft/messaging";
import { eventually } from "../eventually.ts";
import { type BrokerScripts, numbers, record, valuesOf } from "./broker-session.ts";

export const tailScripts: BrokerScripts = {
  "from the beginning brings everything, and goes on": async ({ broker, newTopic }) => {
    const topic = await newTopic(2);
    await broker.send(numbers(10).map((number) => record(topic, `k${number}`, String(number))));
    const seen: IncomingRecord[] = [];
    const tail = await broker.tail({ topics: [topic], from: "beginning" }, (found) => seen.push(found));
    await eventually("what was there", () => seen.length === 10);
    await broker.send([record(topic, "k", "new")]);
    await eventually("what came", () => seen.length === 11);
    await tail.stop();
  },

  "from the end brings what is sent after it began, commits nothing, and leaves no group behind": async ({
    broker,
    newTopic,
  }) => {
    const topic = await newTopic(2);
    await broker.send([record(topic, "k", "old")]);
    const seen: string[] = [];
    const tail = await broker.tail({ topics: [topic], from: "end" }, ({ value }) => seen.push(String(value)));
    await broker.send([record(topic, "k", "new")]);
    await eventually("the new one", () => seen.length > 0);
    expect(seen).toEqual(["new"]);
    await tail.stop();
    await broker.send([record(topic, "k", "late")]);
    await eventually("no group", async () =>
      (await broker.groups()).every(({ group }) => !group.startsWith("weft-tail-")),
    );
    expect(seen).toEqual(["new"]);
  },
};

export const administrationScripts: BrokerScripts = {
  "creates what is missing and leaves the others alone": async ({ broker, newTopic }) => {
    const topic = await newTopic(3);
    const other = `conformance.${randomUUID()}`;
    const { created } = await broker.createTopics([
      { topic, partitions: 5, replication: 1 },
      { topic: other, partitions: 2, replication: 1, config: { "retention.ms": "60000" } },
    ]);
    expect(created).toEqual([other]);
    const topics = await broker.topics();
    expect(topics).toContainEqual({ topic, partitions: 3 });
    expect(topics).toContainEqual({ topic: other, partitions: 2 });
    expect(await broker.createTopics([{ topic, partitions: 3, replication: 1 }])).toEqual({ created: [] });
  },

  "knows the first and next offset of each partition": async ({ broker, newTopic, newGroup }) => {
    const topic = await newTopic(2);
    await broker.send(numbers(3).map(() => record(topic, null, "v", { partition: 1 })));
    expect(await broker.topicOffsets(topic)).toEqual([
      { partition: 0, first: 0n, next: 0n },
      { partition: 1, first: 0n, next: 3n },
    ]);
    expect(await broker.groupOffsets(newGroup())).toEqual([]);
    const missing = await broker.topicOffsets(`conformance.missing.${randomUUID()}`).catch((error) => error);
    expect(TopicMissing.is(missing)).toBe(true);
  },
};

export const outageScripts: BrokerScripts = {
  "is found again by producers and consumers, nothing that was acknowledged is lost": async ({
    broker,
    newTopic,
    newGroup,
    join,
    restart,
  }) => {
    if (!restart) return;
    const topic = await newTopic(2);
    const group = newGroup();
    const member = await join(group, topic, { isCommitting: true });
    const acknowledged: string[] = [];
    let isOver = false;
    const sending = (async () => {
      for (let number = 0; !isOver; number += 1) {
        const value = String(number);
        await broker
          .send([record(topic, `k${number % 5}`, value)])
          .then(() => acknowledged.push(value))
          .catch((error) => expect(error.retryable).toBe(true));
        await sleep(5);
      }
    })();
    await eventually("the first", () => member.records.length > 20);
    await restart();
    const before = acknowledged.length;
    await eventually("sends again", () => acknowledged.length > before + 20, { timeoutMs: 60_000 });
    isOver = true;
    await sending;
    await eventually("all of them", () => acknowledged.every((value) => valuesOf(member).includes(value)), {
      timeoutMs: 60_000,
    });
  },
};
