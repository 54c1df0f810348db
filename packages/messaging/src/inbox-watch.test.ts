import { describe, expect, it } from "@jest/globals";
import { noMetrics, ServiceUnavailable, silentLogger } from "@weft/core";
import type { InboxTrouble } from "./inbox.ts";
import { inboxWatch } from "./inbox-watch.ts";

const skipped: InboxTrouble = { trouble: "skipped", topic: "price.events", events: 3 };

describe("watch of the inbox", () => {
  it("keeps what it knew where a look fails, and logs what failed unless the database is away", async () => {
    const bug = new TypeError("x is not a function");
    const answers = [[skipped], bug, new ServiceUnavailable({})];
    const inbox = {
      async troubles() {
        const answer = answers.shift();
        if (answer instanceof Error) throw answer;
        return answer ?? [];
      },
    };
    const logged: unknown[] = [];
    const log = { ...silentLogger, error: ({ err }: Record<string, unknown>) => void logged.push(err) };
    const watch = inboxWatch({ inbox, metrics: noMetrics, log }, "pricing-service");
    for (let look = 1; look <= 3; look += 1) {
      await watch.now();
      expect(watch.known()).toEqual([skipped]);
    }
    expect(logged).toEqual([bug]);
  });
});
