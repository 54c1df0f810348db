import { afterAll, beforeAll, describe, it } from "@jest/globals";
import { groupScripts } from "./kafka-groups.ts";
import { recordScripts } from "./kafka-records.ts";
import { requestScripts } from "./kafka-requests.ts";
import { type KafkaScripts, KafkaSession } from "./kafka-session.ts";
import { topicScripts } from "./kafka-topics.ts";

/** A broker to talk to: one node, nothing in it that matters, group.min.session.timeout.ms at most 6000. */
export interface KafkaUnderTest {
  brokers: string[];
  stop(): Promise<void>;
}

/**
 * What a Kafka broker does, as scripts that are the same for every implementation: through kafkajs, and through plain bytes
 * where kafkajs does not let one. Each script has topics and groups of its own.
 */
export function kafkaConformance(name: string, start: () => Promise<KafkaUnderTest>): void {
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
          it(sentence, async () => {
            const session = await KafkaSession.open(broker?.brokers ?? []);
            try {
              await script(session);
            } finally {
              await session.close();
            }
          });
      });

    run("topics", topicScripts);
    run("records", recordScripts);
    run("requests", requestScripts);
    run("groups", groupScripts);
  });
}
