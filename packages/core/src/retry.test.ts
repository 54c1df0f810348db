import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { Conflict, ServiceUnavailable } from "./errors.ts";
import { pauses, repeat, retry, retryPauseMs } from "./retry.ts";

const quick = { firstMs: 1, maxMs: 1, floorMs: 0, random: () => 0 };
const away = () => new ServiceUnavailable({});

describe("retry", () => {
  it("repeats work that may pass and gives its result, telling of each failure", async () => {
    const told: number[] = [];
    const policy = { ...quick, attempts: 5, onRetry: ({ attempt }: { attempt: number }) => told.push(attempt) };
    const result = await retry(policy, async (attempt) => {
      if (attempt < 3) throw away();
      return attempt;
    });
    expect([result, told]).toEqual([3, [1, 2]]);
  });

  it("gives up after its attempts with the last failure", async () => {
    let asked = 0;
    const failing = retry({ ...quick, attempts: 3 }, async () => {
      asked += 1;
      throw away();
    });
    await expect(failing).rejects.toThrow(ServiceUnavailable);
    expect(asked).toBe(3);
  });

  it("does not repeat what will not pass: a refusal, a bug", async () => {
    for (const error of [new Conflict({ message: "no" }), new TypeError("x is not a function")]) {
      let asked = 0;
      const failing = retry({ ...quick, attempts: 3 }, async () => {
        asked += 1;
        throw error;
      });
      await expect(failing).rejects.toBe(error);
      expect(asked).toBe(1);
    }
  });

  it("begins no pause that would end after its time", async () => {
    const failing = retry({ firstMs: 1, maxMs: 1, floorMs: 1000, forMs: 500 }, async () => {
      throw new ServiceUnavailable({}, { retryAfterSeconds: 60 });
    });
    await expect(failing).rejects.toThrow(ServiceUnavailable);
  });

  it("waits at least as long as the other side asked for", async () => {
    const pausesMs: number[] = [];
    const policy = { ...quick, attempts: 2, onRetry: ({ pauseMs }: { pauseMs: number }) => pausesMs.push(pauseMs) };
    await retry(policy, async (attempt) => {
      if (attempt === 1) throw new ServiceUnavailable({}, { retryAfterSeconds: 0.02 });
    });
    expect(pausesMs).toEqual([20]);
  });

  it("ends at once, with the signal's reason, when the signal is aborted", async () => {
    const stop = new AbortController();
    const failing = retry(
      { firstMs: 60_000, maxMs: 60_000, floorMs: 60_000 },
      async () => {
        stop.abort(new Error("stopped"));
        throw away();
      },
      stop.signal,
    );
    await expect(failing).rejects.toThrow("stopped");
  });

  it("refuses to run without any bound", async () => {
    await expect(retry(quick, async () => 1)).rejects.toThrow("needs a bound");
  });
});

describe("pause between attempts", () => {
  it("stays between the floor and the maximum", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (failures, random) => {
          const pauseMs = retryPauseMs({ firstMs: 100, maxMs: 2000, floorMs: 50, random: () => random }, failures);
          expect(pauseMs).toBeGreaterThanOrEqual(50);
          expect(pauseMs).toBeLessThanOrEqual(2000);
        },
      ),
    );
  });

  it("of something that lives for ever counts failures in a row, and resolves when the signal is aborted", async () => {
    const stop = new AbortController();
    const between = pauses(quick, stop.signal);
    await between.failed();
    await between.failed();
    expect(between.failures).toBe(2);
    between.succeeded();
    expect(between.failures).toBe(0);
    const long = pauses({ firstMs: 60_000, maxMs: 60_000, floorMs: 60_000 }, stop.signal).failed();
    stop.abort();
    await long;
  });
});

describe("repeat", () => {
  it("pauses as the work says, after failures in a row longer and longer, until it is stopped", async () => {
    const stop = new AbortController();
    const pausesMs: number[] = [];
    const told: number[] = [];
    const policy = {
      ...{ firstMs: 100, maxMs: 300, random: () => 1 },
      onRetry: ({ attempt }: { attempt: number }) => told.push(attempt),
      ticker: {
        nowMs: () => 0,
        async pause(ms: number) {
          pausesMs.push(ms);
          if (pausesMs.length === 6) stop.abort();
          throw new Error("a pause that is cut short is no failure of the work");
        },
      },
    };
    const outcomes = [7, away(), away(), away(), 9, away()];
    const work = async () => {
      const outcome = outcomes.shift();
      if (typeof outcome !== "number") throw outcome;
      return outcome;
    };
    await repeat(policy, work, stop.signal);
    expect([pausesMs, told]).toEqual([
      [7, 100, 200, 300, 9, 100],
      [1, 2, 3, 1],
    ]);
  });
});
