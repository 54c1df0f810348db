import { topicConfig } from "@weft/contracts";
import { createLogger, defineError } from "@weft/core";
import { schemaRegistry } from "@weft/messaging";
import { kafkaBroker } from "@weft/messaging/kafkajs";
import { connectionsAt } from "../connections.ts";
import { consumerGroups, topics } from "../topics.ts";
import type { Addresses } from "./infrastructure.ts";

const TooFewBrokers = defineError<{ copies: number }>({
  code: "TOO_FEW_BROKERS",
  kind: "dependency",
  message: ({ copies }) =>
    `topics are to have ${copies} copies, and this Kafka has fewer brokers: set WEFT_KAFKA_REPLICATION to the number of copies that it can keep`,
});

/** How long Kafka may stay silent, in milliseconds; embedded, it was waited for already. */
const startTimeoutMs = 10_000;
/** Of the registry, for one answer, in milliseconds: on a busy machine a new one takes seconds for its first schema. */
const answerTimeoutMs = 5_000;

/**
 * Creates the declared topics and registers the declared schemas: what a deployment job does once, done here at every start
 * because both change nothing where they are already there.
 */
export async function setUpContracts(
  addresses: Addresses,
  options: { replication: "embedded" | "otherwise" | number },
): Promise<{ topics: number; schemas: number }> {
  const log = createLogger({ name: "weft", version: "dev", instanceId: `weft-${process.pid}` }, { level: "error" });
  const connections = connectionsAt(addresses, "weft-dev");
  const broker = kafkaBroker({ log }, { ...connections.kafka(), startTimeoutMs });
  const registry = schemaRegistry({ log }, { ...connections.schemaRegistry(), timeoutMs: answerTimeoutMs });
  const createTopics = async () => {
    await broker.start();
    const wanted = topics().map((topic) => {
      const copies =
        typeof options.replication === "number" ? options.replication : topic.replication[options.replication];
      return {
        topic: topic.name,
        partitions: topic.partitions,
        replication: copies,
        config: topicConfig(topic, copies),
      };
    });
    const { created } = await broker.createTopics(wanted).catch((cause: Error) => {
      if (!/replication.factor/i.test(cause.message)) throw cause;
      throw new TooFewBrokers({ copies: Math.max(...wanted.map(({ replication }) => replication)) }, { cause });
    });
    // A new cluster makes room for groups when the first one is asked for, and then finds each one's coordinator. Waited
    // for here, no service has to; those that find it missing all the same wait for themselves.
    await broker.groupOffsets("weft-dev").catch(() => {});
    await Promise.allSettled(consumerGroups().map((group) => broker.groupOffsets(group)));
    return created.length;
  };
  const registerSchemas = async () => {
    await registry.start();
    return (await registry.registerAll()).length;
  };
  try {
    const [createdTopics, schemas] = await Promise.all([createTopics(), registerSchemas()]);
    return { topics: createdTopics, schemas };
  } finally {
    await Promise.all([broker.stop(), registry.stop()]);
  }
}
