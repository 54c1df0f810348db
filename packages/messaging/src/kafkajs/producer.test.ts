import { createRequire } from "node:module";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { Message, RecordMetadata } from "kafkajs";
import type { OutgoingRecord } from "../broker.ts";
import { assertAcknowledged, chunksOf } from "./producer.ts";

describe("the chunks of a send", () => {
  it("hold every record once and in order, none more bytes than allowed unless it is one record", () => {
    const record = fc.record({ key: fc.string({ maxLength: 20 }), size: fc.integer({ min: 0, max: 400 }) });
    fc.assert(
      fc.property(fc.array(record, { maxLength: 50 }), fc.integer({ min: 50, max: 600 }), (given, maxBytes) => {
        const records: OutgoingRecord[] = given.map(({ key, size }) => ({
          topic: "t",
          key,
          value: Buffer.alloc(size),
          headers: {},
        }));
        const chunks = [...chunksOf(records, maxBytes)];
        expect(chunks.flat()).toEqual(records);
        for (const chunk of chunks) {
          const bytes = chunk.reduce((sum, { key, value }) => sum + 40 + Buffer.byteLength(key!) + value!.length, 0);
          expect(chunk.length === 1 || bytes <= maxBytes).toBe(true);
        }
      }),
    );
  });
});

describe("what is sent to two brokers, of which the second hands its partition to the first", () => {
  const messages: Message[] = [
    { key: "a", value: "1", partition: 0 },
    { key: "b", value: "2", partition: 1 },
  ];
  const chosen = new WeakMap(messages.map((message) => [message, message.partition!]));
  const topicMessages = [{ topic: "t", messages }];

  /** kafkajs's own sending, on brokers that are none. @returns its result, and the partitions that were really stored */
  async function sent(): Promise<{ answers: RecordMetadata[]; stored: number[] }> {
    const kafkajs = createRequire(import.meta.url);
    const sendMessages = kafkajs("kafkajs/src/producer/sendMessages.js");
    const createRetry = kafkajs("kafkajs/src/retry");
    const { KafkaJSProtocolError } = kafkajs("kafkajs/src/errors");
    const leaders = [1, 2];
    const stored: number[] = [];
    const brokerAt = (nodeId: number) => ({
      nodeId,
      async produce({ topicData }: { topicData: { partitions: { partition: number }[] }[] }) {
        const partitions = topicData.flatMap((topic) => topic.partitions.map(({ partition }) => partition));
        if (nodeId === 2) {
          leaders[1] = 1;
          throw new KafkaJSProtocolError({ type: "NOT_LEADER_FOR_PARTITION", code: 6, retriable: true });
        }
        stored.push(...partitions);
        return {
          topics: [{ topicName: "t", partitions: partitions.map((partition) => ({ partition, errorCode: 0 })) }],
        };
      },
    });
    const brokers = [brokerAt(1), brokerAt(2)];
    const send = sendMessages({
      logger: { debug() {}, error() {} },
      cluster: {
        targetTopics: new Set(),
        isConnected: () => true,
        async addMultipleTargetTopics() {},
        async refreshMetadataIfNecessary() {},
        async refreshMetadata() {},
        findTopicPartitionMetadata: () => leaders.map((leader, partitionId) => ({ partitionId, leader })),
        findLeaderForPartitions: (_: string, partitions: string[]) =>
          Object.groupBy(partitions.map(Number), (partition) => leaders[partition]!),
        findBroker: async ({ nodeId }: { nodeId: string }) => brokers[Number(nodeId) - 1],
      },
      partitioner: ({ message }: { message: Message }) => message.partition,
      eosManager: {
        isTransactional: () => false,
        async acquireBrokerLock() {},
        async releaseBrokerLock() {},
        getSequence: () => 0,
        updateSequence() {},
        getProducerId: () => 1,
        getProducerEpoch: () => 0,
      },
      retrier: createRetry({ initialRetryTime: 1, retries: 3 }),
    });
    return { answers: await send({ acks: -1, timeout: 1000, topicMessages }), stored };
  }

  it("is reported as sent by kafkajs, and as not sent by the driver", async () => {
    const { answers, stored } = await sent();
    expect(stored).toEqual([0]);
    expect(() => assertAcknowledged(topicMessages, chosen, answers)).toThrow("no broker acknowledged t/1");
  });

  it("is sent where every partition is answered for", () => {
    const answers = [0, 1].map((partition) => ({ topicName: "t", partition }));
    expect(() => assertAcknowledged(topicMessages, chosen, answers)).not.toThrow();
  });
});
