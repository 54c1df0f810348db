import { poll } from "@weft/core";
import type { KafkaSession } from "./kafka-session.ts";
import { apiKeys, Bytes, produce, recordBatch, type WireClient } from "./kafka-wire.ts";

export interface Producer {
  id: string;
  producerId: number;
  producerEpoch: number;
}

const concurrentTransactions = 51;
const retriable = new Set([concurrentTransactions, 14, 15, 16]);

/** A coordinator may be loading, or still be ending the transaction before: clients ask again, and so do these scripts. */
async function settled<T extends { errorCode: number }>(ask: () => Promise<T>): Promise<T> {
  let answer = await ask();
  await poll({ everyMs: 20, forMs: 20_000 }, async () => {
    if (!retriable.has(answer.errorCode)) return true;
    answer = await ask();
    return undefined;
  });
  return answer;
}

/** InitProducerId version 1. */
export const beginProducer = (client: WireClient, id: string | null, timeoutMs = 60_000) =>
  settled(async () => {
    const answer = await client.ask(apiKeys.initProducerId, 1, new Bytes().string(id).int32(timeoutMs));
    answer.int32();
    return { errorCode: answer.int16(), id: id ?? "", producerId: answer.int64(), producerEpoch: answer.int16() };
  });

/** InitProducerId version 4: a producer that says who it believes to be (KIP-360). */
export const resumeProducer = (client: WireClient, { id, producerId, producerEpoch }: Producer) =>
  settled(async () => {
    const body = new Bytes().compactString(id).int32(60_000).int64(producerId).int16(producerEpoch).noTags();
    const answer = await client.askFlexible(apiKeys.initProducerId, 4, body);
    answer.int32();
    return { errorCode: answer.int16(), id, producerId: answer.int64(), producerEpoch: answer.int16() };
  });

const producerFields = ({ id, producerId, producerEpoch }: Producer) =>
  new Bytes().string(id).int64(producerId).int16(producerEpoch);

/** AddPartitionsToTxn for partition 0 of each topic. @returns the error of each */
export async function addTopics(client: WireClient, producer: Producer, topics: string[], version: 1 | 2 = 2) {
  const ask = async () => {
    const body = producerFields(producer);
    body.array(topics, (topic) => body.string(topic).int32(1).int32(0));
    const answer = await client.ask(apiKeys.addPartitionsToTxn, version, body);
    answer.int32();
    const errors = answer.array(() => {
      const topic = answer.string() ?? "";
      return [topic, answer.array(() => [answer.int32(), answer.int16()])[0]?.[1] ?? -1] as const;
    });
    return { errorCode: errors[0]?.[1] ?? 0, errors: new Map(errors) };
  };
  const { errors } = await settled(ask);
  return topics.map((topic) => errors.get(topic));
}

/** AddOffsetsToTxn version 2. */
export async function addGroup(client: WireClient, producer: Producer, group: string) {
  const ask = async () => {
    const answer = await client.ask(apiKeys.addOffsetsToTxn, 2, producerFields(producer).string(group));
    answer.int32();
    return { errorCode: answer.int16() };
  };
  return (await settled(ask)).errorCode;
}

/** TxnOffsetCommit version 2 for partition 0. */
export async function commitInTransaction(
  client: WireClient,
  { id, producerId, producerEpoch }: Producer,
  options: { group: string; topic: string; offset: number },
) {
  const ask = async () => {
    const body = new Bytes().string(id).string(options.group).int64(producerId).int16(producerEpoch);
    body.int32(1).string(options.topic).int32(1).int32(0).int64(options.offset).int32(-1).string(null);
    const answer = await client.ask(apiKeys.txnOffsetCommit, 2, body);
    answer.int32();
    const topics = answer.array(() => [answer.string(), answer.array(() => [answer.int32(), answer.int16()])] as const);
    return { errorCode: topics[0]?.[1][0]?.[1] ?? -1 };
  };
  return (await settled(ask)).errorCode;
}

/** EndTxn. */
export async function endTransaction(client: WireClient, producer: Producer, isCommit: boolean, version: 1 | 2 = 2) {
  const ask = async () => {
    const answer = await client.ask(apiKeys.endTxn, version, producerFields(producer).int8(isCommit ? 1 : 0));
    answer.int32();
    return { errorCode: answer.int16() };
  };
  return (await settled(ask)).errorCode;
}

export const write = (client: WireClient, producer: Producer, topic: string, values: string[], baseSequence = 0) => {
  const { producerId, producerEpoch } = producer;
  const batch = recordBatch({ values, producerId, producerEpoch, baseSequence, isTransactional: true });
  return produce(client, topic, batch, -1, 0, producer.id);
};

/** A producer with an id of its own and an open transaction in which it wrote to `topic`. */
export async function openTransaction(
  session: KafkaSession,
  client: WireClient,
  topic: string,
  values: string[],
  timeoutMs?: number,
): Promise<Producer> {
  const producer = await beginProducer(client, session.name("tx"), timeoutMs);
  await addTopics(client, producer, [topic]);
  await write(client, producer, topic, values);
  return producer;
}
