import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "@jest/globals";
import { prometheusMetrics } from "./metrics.ts";

it("shows how late the event loop is, not how often it is looked at", async () => {
  const metrics = prometheusMetrics();
  const read = (text: string, part: string) =>
    Number(new RegExp(`^nodejs_eventloop_lag_${part}_seconds (.+)$`, "m").exec(text)?.[1]);
  /** The longest since the last answer, which starts anew: there is no mean before the loop was then seen twice. */
  const longest = async () => {
    for (;;) {
      await sleep(300);
      const text = await metrics.text();
      if (Number.isFinite(read(text, "mean"))) return read(text, "max");
    }
  };

  expect(await longest()).toBeLessThan(0.1);
  // The first look after an answer is only where measuring begins.
  await sleep(200);
  const until = performance.now() + 700;
  while (performance.now() < until) {}
  const late = await longest();
  expect(late).toBeGreaterThan(0.4);
  expect(late).toBeLessThan(0.8);
});
