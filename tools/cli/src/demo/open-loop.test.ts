import { describe, expect, it } from "@jest/globals";
import type { Ticker } from "@weft/core";
import { openLoop } from "./open-loop.ts";

/** Time passes only in pauses, each of them later by `lateMs` than asked. */
function fakeTicker({ lateMs = 0, stopAtMs }: { lateMs?: number; stopAtMs: number }) {
  const stop = new AbortController();
  let now = 5_000;
  const begun = now;
  const ticker: Ticker = {
    nowMs: () => now,
    async pause(ms) {
      now += ms + lateMs;
      if (now - begun >= stopAtMs) stop.abort();
    },
  };
  return { ticker, signal: stop.signal, sinceStart: () => now - begun };
}

describe("open loop", () => {
  it("begins each action when it is due, however long the others take", async () => {
    const { ticker, signal, sinceStart } = fakeTicker({ stopAtMs: 1_000 });
    const begunAt: number[] = [];
    const ends: (() => void)[] = [];
    const running = openLoop(
      {
        ticker,
        act: () => {
          begunAt.push(sinceStart());
          return new Promise((end) => ends.push(end));
        },
        onSkip: () => expect(true).toBe(false),
      },
      { perSecond: 4, maxInFlight: 10, signal },
    );
    await new Promise((resolve) => setImmediate(resolve));
    for (const end of ends) end();
    await running;
    expect(begunAt).toEqual([0, 250, 500, 750]);
  });

  it("holds its rate although each pause ends late", async () => {
    const { ticker, signal } = fakeTicker({ lateMs: 15, stopAtMs: 10_000 });
    let begun = 0;
    await openLoop(
      { ticker, act: async () => void begun++, onSkip: () => {} },
      { perSecond: 50, maxInFlight: 1_000, signal },
    );
    expect(begun).toBeGreaterThanOrEqual(499);
    expect(begun).toBeLessThanOrEqual(501);
  });

  it("skips what is due beyond the bound, and counts it", async () => {
    const { ticker, signal } = fakeTicker({ stopAtMs: 1_000 });
    let skipped = 0;
    const ends: (() => void)[] = [];
    const running = openLoop(
      { ticker, act: () => new Promise((end) => ends.push(end)), onSkip: () => void skipped++ },
      { perSecond: 10, maxInFlight: 3, signal },
    );
    await new Promise((resolve) => setImmediate(resolve));
    expect([ends.length, skipped]).toEqual([3, 7]);
    for (const end of ends) end();
    await running;
  });

  it("ends when the last of its actions has ended", async () => {
    const { ticker, signal } = fakeTicker({ stopAtMs: 100 });
    let end = () => {};
    let isOver = false;
    const running = openLoop(
      { ticker, act: () => new Promise<void>((resolve) => (end = resolve)), onSkip: () => {} },
      { perSecond: 10, maxInFlight: 1, signal },
    ).then(() => {
      isOver = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect({ stopped: signal.aborted, isOver }).toEqual({ stopped: true, isOver: false });
    end();
    await running;
  });
});
