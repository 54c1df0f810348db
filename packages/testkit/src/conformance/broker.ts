import { afterAll, beforeAll, describe, it } from "@jest/globals";
import { administrationScripts, outageScripts, tailScripts } from "./broker-cluster.ts";
import { compressionScripts } from "./broker-compression.ts";
import { groupScripts } from "./broker-groups.ts";
import { sendingScripts } from "./broker-sending.ts";
import { type BrokerScripts, type BrokerUnderTest, brokerSession } from "./broker-session.ts";

export type { BrokerUnderTest } from "./broker-session.ts";

/**
 * What `messaging` relies on in a `Broker`, as scripts that are the same for every driver and every cluster. Each script has
 * topics and groups of its own, and gives back its members.
 */
export function brokerConformance(name: string, start: () => Promise<BrokerUnderTest>): void {
  describe(`Broker port: ${name}`, () => {
    let underTest: BrokerUnderTest;

    beforeAll(async () => {
      underTest = await start();
    }, 240_000);
    afterAll(async () => {
      await underTest?.stop();
    }, 120_000);

    const run = (part: string, scripts: BrokerScripts) =>
      describe(part, () => {
        for (const [sentence, script] of Object.entries(scripts))
          it(sentence, async () => {
            const session = brokerSession(underTest);
            try {
              await script(session);
            } finally {
              await session.close();
            }
          }, 150_000);
      });

    run("sending", sendingScripts);
    run("compression", compressionScripts);
    run("a consumer group", groupScripts);
    run("tail", tailScripts);
    run("administration", administrationScripts);
    run("a cluster that goes away and comes back", outageScripts);
  });
}
