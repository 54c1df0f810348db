import { type Logger, retry } from "@weft/core";
import type { Admin } from "kafkajs";
import type { NewTopic, PartitionOffsets, TopicDescription } from "../broker.ts";
import { missingTopics } from "../missing-topics.ts";
import type { KafkaAccess } from "./access.ts";
import { retry as clientRetry, connectKafka, type KafkaConnection } from "./connection.ts";
import { isPassing, rootOf, unavailable, within } from "./failures.ts";
import type { KafkaSettings } from "./options.ts";

export type KafkaAdmin = ReturnType<typeof kafkaAdmin>;

/** Administration. The connection lives as long as someone asks something, so that a stale one is never met. */
export function kafkaAdmin(log: Logger, settings: KafkaSettings, access: KafkaAccess) {
  let shared: { admin: Admin; connection: KafkaConnection; users: number } | undefined;

  /**
   * A topic that comes or goes is led by none for a moment, a leader moves, a group's coordinator may still load: asked again
   * until that is over, by a new client, because kafkajs goes on asking the leader that it knows.
   */
  async function ask<T>(operation: string, question: (admin: Admin) => Promise<T>): Promise<T> {
    const until = performance.now() + settings.requestTimeoutMs;
    const policy = { firstMs: 50, maxMs: 500, floorMs: 50, forMs: settings.requestTimeoutMs, mayRetry: isPassing };
    try {
      return await retry(policy, () => askOnce(Math.ceil(until - performance.now()), operation, question));
    } catch (error) {
      throw unavailable(operation, error, access.explain);
    }
  }

  async function askOnce<T>(timeoutMs: number, operation: string, question: (admin: Admin) => Promise<T>): Promise<T> {
    shared ??= open();
    const mine = shared;
    mine.users += 1;
    try {
      const answer = await within(
        timeoutMs,
        operation,
        mine.admin.connect().then(() => question(mine.admin)),
      );
      access.admitted();
      return answer;
    } catch (error) {
      if (shared === mine) shared = undefined;
      throw error;
    } finally {
      mine.users -= 1;
      if (mine.users === 0) {
        if (shared === mine) shared = undefined;
        void within(1000, "disconnect", mine.admin.disconnect())
          .catch(() => {})
          .finally(() => mine.connection.destroy());
      }
    }
  }

  function open() {
    const connection = connectKafka(log, settings);
    return { connection, admin: connection.kafka.admin({ retry: clientRetry }), users: 0 };
  }

  const allTopics = () =>
    ask("topics", async (admin) => {
      const { topics } = await admin.fetchTopicMetadata();
      return topics.map(({ name, partitions }) => ({ topic: name, partitions: partitions.length }));
    });

  return {
    async topics(): Promise<TopicDescription[]> {
      const found = await allTopics();
      return found.sort((a, b) => a.topic.localeCompare(b.topic));
    },

    async missingOf(names: readonly string[]): Promise<string[]> {
      const existing = new Set((await allTopics()).map(({ topic }) => topic));
      return names.filter((name) => !existing.has(name));
    },

    async createTopics(wanted: readonly NewTopic[]): Promise<{ created: string[] }> {
      if (wanted.length === 0) return { created: [] };
      const existing = new Set((await allTopics()).map(({ topic }) => topic));
      const missing = wanted.filter(({ topic }) => !existing.has(topic));
      if (missing.length === 0) return { created: [] };
      await ask("create topics", async (admin) => {
        await admin
          .createTopics({
            // kafkajs would give up on a broker that has not heard of the topic yet.
            waitForLeaders: false,
            timeout: settings.requestTimeoutMs,
            topics: missing.map(({ topic, partitions, replication, config = {} }) => ({
              topic,
              numPartitions: partitions,
              replicationFactor: replication,
              configEntries: Object.entries(config).map(([name, value]) => ({ name, value })),
            })),
          })
          .catch((error) => {
            // Someone else was quicker: what was wanted is there.
            const errors = (error as { errors?: { type?: string }[] }).errors ?? [rootOf(error)];
            if (!errors.every(({ type }) => type === "TOPIC_ALREADY_EXISTS")) throw error;
          });
      });
      // Metadata names a leader before that leads; who reads then is sent back to join its group once more.
      await ask("create topics", async (admin) => {
        for (const { topic } of missing) await admin.fetchTopicOffsets(topic);
      });
      return { created: missing.map(({ topic }) => topic) };
    },

    async topicOffsets(topic: string): Promise<PartitionOffsets[]> {
      if ((await this.missingOf([topic])).length > 0) throw missingTopics([topic], settings.brokers[0]);
      const offsets = await ask("topic offsets", (admin) => admin.fetchTopicOffsets(topic));
      return offsets
        .map(({ partition, low, high }) => ({ partition, first: BigInt(low), next: BigInt(high) }))
        .sort((a, b) => a.partition - b.partition);
    },

    async groupOffsets(group: string): Promise<{ topic: string; partition: number; offset: bigint }[]> {
      const topics = (await allTopics()).map(({ topic }) => topic);
      if (topics.length === 0) return [];
      const answers = await ask("group offsets", (admin) => admin.fetchOffsets({ groupId: group, topics }));
      return answers
        .flatMap(({ topic, partitions }) =>
          partitions.map(({ partition, offset }) => ({ topic, partition, offset: BigInt(offset) })),
        )
        .filter(({ offset }) => offset >= 0n)
        .sort((a, b) => a.topic.localeCompare(b.topic) || a.partition - b.partition);
    },

    async groups(): Promise<{ group: string; state: string; members: number }[]> {
      return ask("groups", async (admin) => {
        const { groups } = await admin.listGroups();
        const names = groups.filter(({ protocolType }) => protocolType !== "connect").map(({ groupId }) => groupId);
        if (names.length === 0) return [];
        const described = await admin.describeGroups(names);
        return described.groups
          .map(({ groupId, state, members }) => ({ group: groupId, state, members: members.length }))
          .sort((a, b) => a.group.localeCompare(b.group));
      });
    },

    async deleteGroup(group: string): Promise<void> {
      await ask("delete group", (admin) => admin.deleteGroups([group]));
    },
  };
}
