import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { formatDuration, parseDurationMs, timerMs } from "./duration.ts";

describe("durations", () => {
  it.each([
    ["10s", 10_000],
    ["5m", 300_000],
    ["1m30s", 90_000],
    ["1.5h", 5_400_000],
    ["250ms", 250],
    ["1us", 0.001],
    ["-2s", -2000],
    ["0", 0],
    [".5s", 500],
    [10_000_000_000, 10_000],
  ])("reads %p", (given, ms) => expect(parseDurationMs(given)).toBeCloseTo(ms, 6));

  it.each(["", "s", "10", "10 s", "1d", "1s1", "often", null, {}, Number.NaN, "2562048h", 1e19])(
    "does not read %p",
    (given) => expect(parseDurationMs(given)).toBeUndefined(),
  );

  it("give timers whole milliseconds, none too few, and no more than they can wait", () => {
    expect([0, 0.2, 1000.9999999999999, 2 ** 31 - 1, 2 ** 31, 2 ** 33].map(timerMs)).toEqual([
      0, 1, 1001, 2147483647, 2147483647, 2147483647,
    ]);
  });

  it("writes what it reads", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 9 }), (ms) => {
        expect(parseDurationMs(formatDuration(ms))).toBeCloseTo(ms, 3);
      }),
    );
  });
});
