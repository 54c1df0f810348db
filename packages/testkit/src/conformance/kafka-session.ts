import { randomUUID } from "node:crypto";
import { within } from "@weft/core";
import {
  type Admin,
  type Consumer,
  type ConsumerConfig,
  Kafka,
  type KafkaMessage,
  logLevel,
  type Producer,
  type ProducerConfig,
} from "kafkajs";
import { eventually } from "../eventually.ts";
import { WireClient } from "./kafka-wire.ts";

/** What one script works with: clients, topics and groups of its own, given back at the end. */
export class KafkaSession {
  readonly brokers: string[];
  readonly kafka: Kafka;
  readonly admin: Admin;
  private readonly topics: string[] = [];
  private readonly endings: (() => Promise<unknown> | unknown)[] = [];

  private constructor(brokers: string[]) {
    this.brokers = brokers;
    // The retries are those of production (E8): under NODE_ENV=test kafkajs would choose others.
    const retry = { initialRetryTime: 100, maxRetryTime: 1000, retries: 5 };
    this.kafka = new Kafka({ clientId: "conformance", brokers, logLevel: logLevel.NOTHING, retry });
    this.admin = this.kafka.admin();
  }

  static async open(brokers: string[]): Promise<KafkaSession> {
    const session = new KafkaSession(brokers);
    await session.admin.connect();
    return session;
  }

  async close(): Promise<void> {
    for (const end of this.endings.reverse()) await end();
    if (this.topics.length > 0) await this.admin.deleteTopics({ topics: this.topics }).catch(() => {});
    await this.admin.disconnect();
  }

  name(kind = "topic"): string {
    return `conformance-${kind}-${randomUUID().slice(0, 13)}`;
  }

  async topic(partitions = 1, configs: Record<string, string> = {}): Promise<string> {
    const topic = this.name();
    const configEntries = Object.entries(configs).map(([name, value]) => ({ name, value }));
    const topics = [{ topic, numPartitions: partitions, configEntries }];
    await this.admin.createTopics({ waitForLeaders: false, topics });
    // A leader that metadata names may not yet know that it leads; kafkajs's own wait ends there.
    await eventually(`leaders of ${topic}`, () => this.admin.fetchTopicOffsets(topic));
    this.topics.push(topic);
    return topic;
  }

  /** Moves the start of partition 0. */
  async deleteRecords(topic: string, before: number): Promise<void> {
    // kafkajs finds the leader only of topics that it has met.
    await this.admin.fetchTopicOffsets(topic);
    await this.admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: String(before) }] });
  }

  async producer(options: Partial<ProducerConfig> = {}): Promise<Producer> {
    const producer = this.kafka.producer({ allowAutoTopicCreation: false, retry: { retries: 2 }, ...options });
    await producer.connect();
    this.endings.push(() => producer.disconnect());
    return producer;
  }

  async send(topic: string, values: (string | null)[], partition = 0): Promise<void> {
    const producer = await this.producer();
    await producer.send({ topic, messages: values.map((value) => ({ value, partition })) });
  }

  async consumer(groupId: string, options: Partial<ConsumerConfig> = {}): Promise<Consumer> {
    const consumer = this.kafka.consumer({
      groupId,
      sessionTimeout: 10_000,
      heartbeatInterval: 200,
      rebalanceTimeout: 10_000,
      maxWaitTimeInMs: 100,
      allowAutoTopicCreation: false,
      ...options,
    });
    await consumer.connect();
    this.endings.push(() => consumer.disconnect());
    return consumer;
  }

  /** Reads until `count` records have come, oldest first in each partition. */
  async read(
    topic: string,
    count: number,
    groupId = this.name("group"),
  ): Promise<(KafkaMessage & { partition: number })[]> {
    const consumer = await this.consumer(groupId);
    await consumer.subscribe({ topic, fromBeginning: true });
    const found: (KafkaMessage & { partition: number })[] = [];
    const all = new Promise<void>((resolve, reject) => {
      const run = consumer.run({
        eachMessage: async ({ message, partition }) => {
          found.push({ ...message, partition });
          if (found.length >= count) resolve();
        },
      });
      run.catch(reject);
    });
    await within(40_000, all, () => {
      throw new Error(`only ${found.length} of ${count} records came`);
    });
    await consumer.stop();
    return found;
  }

  async wire(): Promise<WireClient> {
    const client = await WireClient.open(this.brokers[0] as string);
    this.endings.push(() => client.close());
    return client;
  }
}

type KafkaScript = (session: KafkaSession) => Promise<void>;
/** Sentence → what to do. */
export type KafkaScripts = Record<string, KafkaScript>;

/** The protocol's name of the error that a kafkajs call fails with. */
export async function errorTypeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "NONE";
  } catch (error) {
    return protocolTypeOf(error) ?? String(error);
  }
}

function protocolTypeOf(error: unknown): string | undefined {
  const { type, errors, cause } = (error ?? {}) as { type?: string; errors?: unknown[]; cause?: unknown };
  return type ?? errors?.map(protocolTypeOf).find(Boolean) ?? (cause ? protocolTypeOf(cause) : undefined);
}
