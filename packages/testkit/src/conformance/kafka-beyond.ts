import { expect } from "@jest/globals";
import { alterConfig } from "./kafka-configs.ts";
import type { KafkaScripts } from "./kafka-session.ts";
import { apiKeys, Bytes, type WireClient } from "./kafka-wire.ts";

async function rangesOf(client: WireClient): Promise<Map<number, [number, number]>> {
  const answer = await client.ask(apiKeys.apiVersions, 0, new Bytes());
  answer.int16();
  return new Map(answer.array((): [number, [number, number]] => [answer.int16(), [answer.int16(), answer.int16()]]));
}

/** What Apache Kafka 4.1 does and a smaller broker may leave out, if it says so. */
export const beyondScripts: KafkaScripts = {
  "keeps incremental fetch sessions (KIP-227)": async (session) => {
    const topic = await session.topic();
    const client = await session.wire();
    const body = new Bytes()
      .int32(-1)
      .int32(0)
      .int32(1)
      .int32(1 << 20)
      .int8(0)
      .int32(0)
      .int32(0);
    body
      .int32(1)
      .string(topic)
      .int32(1)
      .int32(0)
      .int64(0)
      .int64(-1)
      .int32(1 << 20)
      .int32(0);
    const answer = await client.ask(apiKeys.fetch, 7, body);
    answer.int32();
    expect(answer.int16()).toBe(0);
    expect(answer.int32()).not.toBe(0);
  },
  "speaks the consumer group protocol of KIP-848": async (session) => {
    expect((await rangesOf(await session.wire())).has(68)).toBe(true);
  },
  "speaks transactions of the second kind (KIP-890)": async (session) => {
    expect((await rangesOf(await session.wire())).get(apiKeys.endTxn)?.[1]).toBeGreaterThanOrEqual(5);
  },
  "produces to topics by their id (KIP-516)": async (session) => {
    expect((await rangesOf(await session.wire())).get(apiKeys.produce)?.[1]).toBeGreaterThanOrEqual(13);
  },
  "stamps records with its own time when told to": async (session) => {
    const topic = await session.topic();
    const client = await session.wire();
    expect(await alterConfig(client, topic, { name: "message.timestamp.type", value: "LogAppendTime" })).toBe(0);
  },
  "packs batches anew when told to": async (session) => {
    const topic = await session.topic();
    const client = await session.wire();
    expect(await alterConfig(client, topic, { name: "compression.type", value: "zstd" })).toBe(0);
  },
};
