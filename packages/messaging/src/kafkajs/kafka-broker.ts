import { type Logger, type Metrics, noMetrics, retry } from "@weft/core";
import type { Broker, BrokerSubscription } from "../broker.ts";
import { BrokerUnavailable, RecordRefused } from "../errors.ts";
import { missingTopics } from "../missing-topics.ts";
import { kafkaAccess } from "./access.ts";
import { kafkaAdmin } from "./admin.ts";
import { rootOf } from "./failures.ts";
import { type KafkaBrokerOptions, settingsOf } from "./options.ts";
import { serialProducer } from "./producer.ts";
import { kafkaSubscription } from "./subscription.ts";
import { tailKafka } from "./tail.ts";

/**
 * A Kafka cluster through `kafkajs` 2.2.4 (classic protocol versions).
 *
 * Produces with acks=all and an idempotent producer, one request at a time; consumes with commits of its own, beside the
 * fetch. Whatever ends a kafkajs client (a crash, a cluster that stays silent for two session timeouts) is followed by a
 * new one, for ever. Topics are never created by being asked for.
 * @throws OptionsInvalid naming every wrong option
 */
export function kafkaBroker(
  { log, metrics = noMetrics }: { log: Logger; metrics?: Metrics },
  options: KafkaBrokerOptions,
): Broker {
  const settings = settingsOf(options);
  const access = kafkaAccess(settings);
  const admin = kafkaAdmin(log, settings, access);
  const producer = serialProducer(log, settings, access);
  /** For topics that the cluster does not have or does not let this process write: whoever waits for one holds up no other. */
  const asideProducer = serialProducer(log, settings, access);
  const closedTopics = new Set<string>();
  const subscriptions = new Set<BrokerSubscription>();
  const stopping = new AbortController();
  const rebuilt = metrics.counter("weft_consumer_rebuilds_total", "Kafka clients that ended and were built anew", [
    "group",
  ]);

  /** Repeats a question until the cluster answers it, the time is over, or the broker is stopped. */
  async function untilAnswered<T>(operation: string, question: () => Promise<T>, signals: AbortSignal[]): Promise<T> {
    const signal = AbortSignal.any(signals);
    const { brokers, startTimeoutMs } = settings;
    const startedAt = performance.now();
    const policy = {
      firstMs: 200,
      maxMs: 5000,
      floorMs: 50,
      ...(startTimeoutMs > 0 ? { forMs: startTimeoutMs } : {}),
      mayRetry: (error: unknown) => BrokerUnavailable.is(error),
      onRetry({ attempt, error }: { attempt: number; error: unknown }) {
        log.warn(
          { brokers, attempt, waitedMs: Math.round(performance.now() - startedAt), err: error },
          "waiting for Kafka",
        );
      },
    };
    try {
      return await retry(policy, question, signal);
    } catch (error) {
      if (signal.aborted) throw new BrokerUnavailable({ operation, message: "it was stopped" }, { cause: error });
      throw error;
    }
  }

  return {
    name: "kafka",
    health: access.health,

    async start() {
      await untilAnswered("start", () => admin.topics(), [stopping.signal]);
    },

    async stop() {
      stopping.abort();
      await Promise.all([...subscriptions].map((subscription) => subscription.stop()));
      await Promise.all([producer.stop(), asideProducer.stop()]);
    },

    async send(records) {
      const isAside = closedTopics.size > 0 && records.some(({ topic }) => closedTopics.has(topic));
      try {
        await (isAside ? asideProducer : producer).send(records);
        if (isAside) for (const { topic } of records) closedTopics.delete(topic);
      } catch (error) {
        const { type } = rootOf(error);
        const topics = [...new Set(records.map(({ topic }) => topic))];
        if (type === "TOPIC_AUTHORIZATION_FAILED") for (const topic of topics) closedTopics.add(topic);
        if (type !== "UNKNOWN_TOPIC_OR_PARTITION") throw error;
        // The same answer comes while a leader moves; only a topic that really is not there is refused.
        const missing = await admin.missingOf(topics);
        if (missing.length === 0) throw error;
        for (const topic of missing) closedTopics.add(topic);
        const { message } = missingTopics(missing, settings.brokers[0]);
        throw new RecordRefused({ topic: missing.join(", "), reason: "UNKNOWN_TOPIC", message }, { cause: error });
      }
    },

    async subscribe(options, sink) {
      const { topics, signal } = options;
      const signals = signal ? [stopping.signal, signal] : [stopping.signal];
      const missing = await untilAnswered("subscribe", () => admin.missingOf(topics), signals);
      if (missing.length > 0) throw missingTopics(missing, settings.brokers[0]);
      const subscription = kafkaSubscription({ log, access, rebuilt }, settings, options, sink);
      subscriptions.add(subscription);
      return {
        ...subscription,
        async stop() {
          subscriptions.delete(subscription);
          await subscription.stop();
        },
      };
    },

    tail: (options, onRecord) => tailKafka(log, settings, admin, options, onRecord),

    topics: () => admin.topics(),
    createTopics: (topics) => admin.createTopics(topics),
    topicOffsets: (topic) => admin.topicOffsets(topic),
    groupOffsets: (group) => admin.groupOffsets(group),
    deleteGroup: (group) => admin.deleteGroup(group),
    groups: () => admin.groups(),
  };
}
