import { afterAll, beforeAll, describe, it } from "@jest/globals";
import { keyValueScripts, queryScripts } from "./consul-queries.ts";
import { checkScripts, serviceScripts } from "./consul-services.ts";
import { type ConsulScripts, ConsulSession } from "./consul-session.ts";

/** An agent to talk to: one node that is its own server, without ACLs. */
export interface ConsulUnderTest {
  /** `http://host:port`. */
  url: string;
  stop(): Promise<void>;
}

/** What a Consul agent answers over HTTP, as scripts that are the same for every implementation. Each has services and keys of its own. */
export function consulConformance(name: string, start: () => Promise<ConsulUnderTest>): void {
  describe(`Consul HTTP API: ${name}`, () => {
    let consul: ConsulUnderTest | undefined;

    beforeAll(async () => {
      consul = await start();
    }, 60_000);
    afterAll(async () => {
      await consul?.stop();
    });

    const run = (part: string, scripts: ConsulScripts) =>
      describe(part, () => {
        for (const [sentence, script] of Object.entries(scripts))
          it(sentence, async () => {
            const session = new ConsulSession(consul?.url ?? "");
            try {
              await script(session);
            } finally {
              await session.close();
            }
          });
      });

    run("services", serviceScripts);
    run("checks", checkScripts);
    run("blocking queries", queryScripts);
    run("keys and values", keyValueScripts);
  });
}
