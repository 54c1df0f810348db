import { describe, expect, it } from "@jest/globals";
import { currentContext, silentLogger } from "@weft/core";
import { recurring } from "./recurring.ts";

describe("recurring work", () => {
  it("goes on after a failure, is degraded until a run succeeds, and has a context of its own each time", async () => {
    const requestIds = new Set<string>();
    const seen = Promise.withResolvers<void>();
    let runs = 0;
    const states: unknown[] = [];
    const log = { ...silentLogger, warn: () => states.push(sweep.health!()) };
    const work = async () => {
      requestIds.add(currentContext()!.requestId);
      runs += 1;
      if (runs === 1) throw new Error("away");
      if (runs === 3) seen.resolve();
    };
    const sweep = recurring({ log, work }, { name: "sweep", intervalMs: 1 });
    await sweep.start();
    await seen.promise;
    await sweep.stop();
    expect(states).toEqual([{ status: "degraded", message: "Error" }]);
    expect(sweep.health!()).toEqual({ status: "healthy" });
    expect(requestIds.size).toBe(runs);
  });

  it("is told that it is to stop, is waited for, and does not begin again", async () => {
    const begun = Promise.withResolvers<() => boolean>();
    const goOn = Promise.withResolvers<void>();
    let runs = 0;
    let hasStopped = false;
    const work = async (isStopping: () => boolean) => {
      runs += 1;
      begun.resolve(isStopping);
      await goOn.promise;
      expect(hasStopped).toBe(false);
    };
    const sweep = recurring({ log: silentLogger, work }, { name: "sweep", intervalMs: 1 });
    await sweep.start();
    const isStopping = await begun.promise;
    expect(isStopping()).toBe(false);
    const stopped = Promise.resolve(sweep.stop()).then(() => {
      hasStopped = true;
    });
    expect(isStopping()).toBe(true);
    goOn.resolve();
    await stopped;
    expect([runs, sweep.health!()]).toEqual([1, { status: "healthy" }]);
  });
});
