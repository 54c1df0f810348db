import { expect } from "@jest/globals";
import { eventually } from "../eventually.ts";
import type { KafkaScripts } from "./kafka-session.ts";
import { apiKeys, Bytes, produce, recordBatch, type WireClient } from "./kafka-wire.ts";

const topicResource = 2;
const operations = { set: 0, delete: 1, append: 2, subtract: 3 };

interface Change {
  name: string;
  value: string | null;
  operation?: keyof typeof operations;
  isTrial?: boolean;
}

/** IncrementalAlterConfigs version 0 for a topic. */
export async function alterConfig(client: WireClient, topic: string, change: Change): Promise<number> {
  const { name, value, operation = "set", isTrial = false } = change;
  const body = new Bytes().int32(1).int8(topicResource).string(topic);
  body.int32(1).string(name).int8(operations[operation]).string(value);
  const answer = await client.ask(apiKeys.incrementalAlterConfigs, 0, body.int8(isTrial ? 1 : 0));
  answer.int32();
  answer.int32();
  return answer.int16();
}

/** DescribeConfigs version 1 for one config of a topic. */
async function describe(client: WireClient, topic: string, name: string) {
  const body = new Bytes().int32(1).int8(topicResource).string(topic).int32(1).string(name).int8(0);
  const answer = await client.ask(apiKeys.describeConfigs, 1, body);
  answer.int32();
  answer.int32();
  answer.int16();
  answer.string();
  answer.int8();
  answer.string();
  const [found] = answer.array(() => {
    answer.string();
    const value = answer.string();
    const isReadOnly = answer.bool();
    const source = answer.int8();
    answer.bool();
    answer.array(() => [answer.string(), answer.string(), answer.int8()]);
    return { value, isReadOnly, isOwn: source === 1 };
  });
  return found;
}

export const configScripts: KafkaScripts = {
  "are changed one by one, the others stay (KIP-339)": async (session) => {
    const topic = await session.topic(1, { "retention.ms": "777" });
    const client = await session.wire();
    expect(await alterConfig(client, topic, { name: "retention.bytes", value: "888" })).toBe(0);
    const isChanged = async () => (await describe(client, topic, "retention.bytes"))?.value === "888";
    await eventually("changed", isChanged);
    expect(await describe(client, topic, "retention.ms")).toMatchObject({ value: "777", isOwn: true });
  },
  "fall back to their default when they are deleted": async (session) => {
    const topic = await session.topic(1, { "retention.ms": "777" });
    const client = await session.wire();
    expect(await alterConfig(client, topic, { name: "retention.ms", value: null, operation: "delete" })).toBe(0);
    const isDefault = async () => (await describe(client, topic, "retention.ms"))?.isOwn === false;
    await eventually("default", isDefault);
    expect((await describe(client, topic, "retention.ms"))?.value).toBe("604800000");
  },
  "are added to and taken from, where they are lists": async (session) => {
    const topic = await session.topic();
    const client = await session.wire();
    const alter = (operation: "append" | "subtract", value: string) =>
      alterConfig(client, topic, { name: "cleanup.policy", value, operation });
    const policyIs = (value: string) =>
      eventually(value, async () => (await describe(client, topic, "cleanup.policy"))?.value === value);
    expect(await alter("append", "compact")).toBe(0);
    await policyIs("delete,compact");
    expect(await alter("subtract", "delete")).toBe(0);
    await policyIs("compact");
  },
  "are not added to where they are no lists": async (session) => {
    const topic = await session.topic();
    const client = await session.wire();
    const change = { name: "retention.ms", value: "1", operation: "append" } as const;
    expect(await alterConfig(client, topic, change)).toBe(40);
  },
  "are only checked when asked to only check": async (session) => {
    const topic = await session.topic();
    const client = await session.wire();
    expect(await alterConfig(client, topic, { name: "retention.ms", value: "777", isTrial: true })).toBe(0);
    expect(await alterConfig(client, topic, { name: "retention.ms", value: "soon", isTrial: true })).toBe(40);
    expect(await alterConfig(client, topic, { name: "retention.ms", value: "888" })).toBe(0);
    const isChanged = async () => (await describe(client, topic, "retention.ms"))?.value === "888";
    await eventually("the second one", isChanged);
  },
  "are refused when nobody knows them, or what they say makes no sense": async (session) => {
    const topic = await session.topic();
    const client = await session.wire();
    for (const [name, value] of [
      ["no.such.config", "1"],
      ["retention.ms", "-2"],
      ["cleanup.policy", "burn"],
      ["min.cleanable.dirty.ratio", "2"],
      ["segment.bytes", "1"],
      ["message.timestamp.type", "Yesterday"],
    ] as const)
      expect([name, await alterConfig(client, topic, { name, value })]).toEqual([name, 40]);
  },
  "of a topic that is not there cannot be changed": async (session) => {
    const client = await session.wire();
    expect(await alterConfig(client, session.name(), { name: "retention.ms", value: "1" })).toBe(3);
  },
  "take effect on the next record": async (session) => {
    const topic = await session.topic();
    const client = await session.wire();
    const send = async () => (await produce(client, topic, recordBatch({ values: ["x".repeat(3000)] }))).errorCode;
    expect(await send()).toBe(0);
    expect(await alterConfig(client, topic, { name: "max.message.bytes", value: "2000" })).toBe(0);
    await eventually("refused", async () => (await send()) === 10);
  },
};
