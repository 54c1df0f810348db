import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { beyondScripts } from "./kafka-beyond.ts";
import { cleanupScripts } from "./kafka-cleanup.ts";
import { configScripts } from "./kafka-configs.ts";
import { embeddedKafkaDeviations } from "./kafka-deviations.ts";
import { groupScripts } from "./kafka-groups.ts";
import { recordScripts } from "./kafka-records.ts";
import { requestScripts } from "./kafka-requests.ts";
import { type KafkaScripts, KafkaSession } from "./kafka-session.ts";
import { staticMemberScripts } from "./kafka-static-members.ts";
import { topicScripts } from "./kafka-topics.ts";
import { transactionScripts } from "./kafka-transactions.ts";

/**
 * A broker to talk to: one node, nothing in it that matters, group.min.session.timeout.ms at most 6000. It looks at retention,
 * compaction and transaction timeouts within a second or so (log.retention.check.interval.ms, log.cleaner.backoff.ms,
 * log.initial.task.delay.ms, transaction.abort.timed.out.transaction.cleanup.interval.ms).
 */
export interface KafkaUnderTest {
  brokers: string[];
  stop(): Promise<void>;
}

export interface KafkaConformanceOptions {
  /** Whose list of deviations holds: each script in it must fail, so that the list stays true. @defaultValue none: all must pass */
  deviations?: "embedded";
}

/**
 * What a Kafka broker does, as scripts that are the same for every implementation: through kafkajs, and through plain bytes
 * where kafkajs does not let one. Each script has topics and groups of its own.
 */
export function kafkaConformance(
  name: string,
  start: () => Promise<KafkaUnderTest>,
  { deviations }: KafkaConformanceOptions = {},
): void {
  const deviating: Readonly<Record<string, string>> = deviations === "embedded" ? embeddedKafkaDeviations : {};
  describe(`Kafka protocol: ${name}`, () => {
    let broker: KafkaUnderTest | undefined;

    beforeAll(async () => {
      broker = await start();
    }, 120_000);
    afterAll(async () => {
      await broker?.stop();
    });

    const run = (part: string, scripts: KafkaScripts) =>
      describe(part, () => {
        for (const [sentence, script] of Object.entries(scripts))
          it(deviating[sentence] ? `deviates: ${sentence}` : sentence, async () => {
            const session = await KafkaSession.open(broker?.brokers ?? []);
            try {
              if (deviating[sentence]) await expect(script(session)).rejects.toThrow();
              else await script(session);
            } finally {
              await session.close();
            }
          });
      });

    run("topics", topicScripts);
    run("records", recordScripts);
    run("requests", requestScripts);
    run("groups", groupScripts);
    run("transactions", transactionScripts);
    run("static members", staticMemberScripts);
    run("configs", configScripts);
    run("retention and compaction", cleanupScripts);
    run("beyond", beyondScripts);

    it("deviates only in scripts that exist", () => {
      const all = [topicScripts, recordScripts, requestScripts, groupScripts, transactionScripts, staticMemberScripts];
      const sentences = new Set([...all, configScripts, cleanupScripts, beyondScripts].flatMap(Object.keys));
      expect(Object.keys(deviating).filter((sentence) => !sentences.has(sentence))).toEqual([]);
    });
  });
}
