import { randomUUID } from "node:crypto";
import type { Logger } from "@weft/core";
import type { IncomingRecord, TailOptions } from "../broker.ts";
import { missingTopics } from "../missing-topics.ts";
import type { KafkaAdmin } from "./admin.ts";
import { connectKafka, retry } from "./connection.ts";
import { unavailable, within } from "./failures.ts";
import { type KafkaSettings, membership } from "./options.ts";
import { recordFrom } from "./records.ts";

/**
 * kafkajs cannot read without a group, so each tail has one of its own, `weft-tail-…`, which commits nothing and is deleted
 * at the end. Positions are taken from the topic when it begins and kept here: a rejoin goes on where it was.
 */
export async function tailKafka(
  log: Logger,
  settings: KafkaSettings,
  admin: KafkaAdmin,
  { topics, from }: TailOptions,
  onRecord: (record: IncomingRecord) => unknown,
): Promise<{ stop(): Promise<void> }> {
  const missing = await admin.missingOf(topics);
  if (missing.length > 0) throw missingTopics(missing, settings.brokers[0]);
  const positions = new Map<string, { topic: string; partition: number; next: bigint }>();
  for (const topic of topics) {
    for (const { partition, first, next } of await admin.topicOffsets(topic)) {
      positions.set(`${topic} ${partition}`, { topic, partition, next: from === "end" ? next : first });
    }
  }
  const group = `weft-tail-${randomUUID()}`;
  const connection = connectKafka(log, settings);
  const consumer = connection.kafka.consumer({
    ...membership(group, settings),
    retry: { ...retry, restartOnFailure: async () => !isStopped },
  });
  let isStopped = false;
  let announceJoined: () => void;
  let announceFailed: (error: Error) => void;
  const joined = new Promise<void>((resolve, reject) => {
    announceJoined = resolve;
    announceFailed = reject;
  });
  joined.catch(() => {});

  consumer.on(consumer.events.GROUP_JOIN, () => {
    for (const { topic, partition, next } of positions.values()) {
      consumer.seek({ topic, partition, offset: next.toString() });
    }
    announceJoined();
  });
  // kafkajs begins again by itself: on a cluster that has just started, until the coordinator of new groups has loaded, and
  // after a connection that ended meanwhile, as its own does between two beginnings.
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    if (!payload.restart) announceFailed(payload.error);
  });

  async function stop(): Promise<void> {
    if (isStopped) return;
    isStopped = true;
    await within(settings.fetchWaitMs + 2000, "leave", consumer.disconnect()).catch(() => {});
    connection.destroy();
    await admin
      .deleteGroup(group)
      .catch((error) => log.debug({ err: error, group }, "the tail's group was not deleted"));
  }

  try {
    await within(settings.requestTimeoutMs + settings.rebalanceTimeoutMs, "tail", begin());
  } catch (error) {
    await stop();
    throw unavailable("tail", error);
  }
  return { stop };

  async function begin(): Promise<void> {
    await consumer.connect();
    await consumer.subscribe({ topics, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: async ({ batch, resolveOffset }) => {
        const position = positions.get(`${batch.topic} ${batch.partition}`);
        for (const message of batch.messages) {
          if (isStopped) return;
          const record = recordFrom(batch.topic, batch.partition, message);
          try {
            await onRecord(record);
          } catch (error) {
            log.warn({ err: error }, "whoever tails failed on a record");
          }
          if (position) position.next = record.offset + 1n;
          resolveOffset(message.offset);
        }
      },
    });
    await joined;
  }
}
