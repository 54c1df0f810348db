import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "@jest/globals";
import { prometheusMetrics } from "./metrics.ts";

/** Until the loop was looked at often enough since the last answer, by a watch of its own: each answer starts anew. */
async function looked(): Promise<void> {
  const looks = monitorEventLoopDelay({ resolution: 100 });
  looks.enable();
  // The first look is only where measuring begins.
  while (looks.count < 2) await sleep(10);
  looks.disable();
}

it("shows how late the event loop is, not how often it is looked at", async () => {
  const metrics = prometheusMetrics();
  const lag = async (part: string) => {
    await looked();
    return Number(new RegExp(`^nodejs_eventloop_lag_${part}_seconds (.+)$`, "m").exec(await metrics.text())?.[1]);
  };

  expect(await lag("mean")).toBeLessThan(0.1);
  expect(await lag("max")).toBeLessThan(0.1);
  await looked();
  const until = performance.now() + 700;
  while (performance.now() < until) {}
  const late = await lag("max");
  expect(late).toBeGreaterThan(0.4);
  expect(late).toBeLessThan(0.8);
});
