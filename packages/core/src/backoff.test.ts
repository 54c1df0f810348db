import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { backoffMs, sleep } from "./backoff.ts";

describe("backoff", () => {
  it("doubles its bound up to the maximum and never leaves it", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2000 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (attempt, random) => {
          const pause = backoffMs(attempt, { baseMs: 100, maxMs: 2000, random: () => random });
          expect(pause).toBeGreaterThanOrEqual(0);
          expect(pause).toBeLessThanOrEqual(Math.min(2000, 100 * 2 ** (attempt - 1)));
        },
      ),
    );
    expect(backoffMs(3, { baseMs: 100, maxMs: 2000, random: () => 0.999 })).toBe(399);
  });

  it("wakes a sleeper as soon as its signal is aborted", async () => {
    const controller = new AbortController();
    const asleep = sleep(60_000, controller.signal);
    controller.abort(new Error("stop"));
    await expect(asleep).rejects.toThrow("stop");
    await expect(sleep(60_000, controller.signal)).rejects.toThrow("stop");
  });
});
