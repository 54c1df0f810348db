import { afterAll, beforeAll, describe } from "@jest/globals";
import { aclScripts } from "./consul-acl.ts";
import { filterScripts } from "./consul-filters.ts";
import { lockScripts } from "./consul-locks.ts";
import { keyValueScripts, queryScripts } from "./consul-queries.ts";
import { checkScripts, serviceScripts } from "./consul-services.ts";
import { type ConsulScripts, ConsulSession } from "./consul-session.ts";
import { transactionScripts } from "./consul-transactions.ts";
import { type Deviations, scriptRunner } from "./scripts.ts";

/** An agent to talk to: one node that is its own server, without ACLs. */
export interface ConsulUnderTest {
  /** `http://host:port`. */
  url: string;
  stop(): Promise<void>;
}

/** The same with ACLs: deny by default, and a token that manages everything. */
export interface ConsulWithAcls extends ConsulUnderTest {
  token: string;
}

/** What a Consul agent answers over HTTP, as scripts that are the same for every implementation. Each has services and keys of its own. */
export function consulConformance(
  name: string,
  start: () => Promise<ConsulUnderTest>,
  deviations: Deviations = {},
): void {
  suite(`Consul HTTP API: ${name}`, start, deviations, {
    services: serviceScripts,
    checks: checkScripts,
    "blocking queries": queryScripts,
    filters: filterScripts,
    "keys and values": keyValueScripts,
    "sessions and locks": lockScripts,
    transactions: transactionScripts,
  });
}

/** Who may do what, on an agent of which nobody else has the managing token. */
export function consulAclConformance(
  name: string,
  start: () => Promise<ConsulWithAcls>,
  deviations: Deviations = {},
): void {
  suite(`Consul ACLs: ${name}`, start, deviations, { "access control": aclScripts });
}

function suite(
  name: string,
  start: () => Promise<ConsulUnderTest & { token?: string }>,
  deviations: Deviations,
  parts: Record<string, ConsulScripts>,
): void {
  describe(name, () => {
    let consul: Awaited<ReturnType<typeof start>> | undefined;

    beforeAll(async () => {
      consul = await start();
    }, 240_000);
    afterAll(async () => {
      await consul?.stop();
    });

    const { run, end } = scriptRunner<ConsulSession>(deviations, async (script) => {
      const session = new ConsulSession(consul?.url ?? "", consul?.token);
      try {
        await script(session);
      } finally {
        await session.close();
      }
    });
    for (const [part, scripts] of Object.entries(parts)) run(part, scripts);
    end();
  });
}
