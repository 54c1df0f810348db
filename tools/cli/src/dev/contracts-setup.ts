import { createLogger } from "@weft/core";
import { schemaRegistry } from "@weft/messaging";
import { kafkaBroker } from "@weft/messaging/kafkajs";
import { connectionsAt } from "../connections.ts";
import { topics } from "../topics.ts";
import type { Addresses } from "./infrastructure.ts";

/** How long Kafka may stay silent, in milliseconds; embedded, it was waited for already. */
const startTimeoutMs = 10_000;

/**
 * Creates the declared topics and registers the declared schemas: what a deployment job does once, done here at every start
 * because both change nothing where they are already there.
 */
export async function setUpContracts(
  addresses: Addresses,
  options: { replication: "embedded" | "otherwise" | number },
): Promise<{ topics: number; schemas: number }> {
  const log = createLogger({ name: "weft", version: "dev", instanceId: `weft-${process.pid}` }, { level: "warn" });
  const connections = connectionsAt(addresses, "weft-dev");
  const broker = kafkaBroker({ log }, { ...connections.kafka(), startTimeoutMs });
  const registry = schemaRegistry({ log }, connections.schemaRegistry());
  const createTopics = async () => {
    await broker.start();
    const { created } = await broker.createTopics(
      topics().map(({ name, partitions, retentionMs, replication }) => ({
        topic: name,
        partitions,
        replication: typeof options.replication === "number" ? options.replication : replication[options.replication],
        config: { "retention.ms": String(retentionMs) },
      })),
    );
    // A new cluster makes room for groups when the first one is asked for. Waited for here, no service has to; those that
    // find it missing all the same wait for themselves.
    await broker.groupOffsets("weft-dev").catch(() => {});
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
