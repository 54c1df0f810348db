import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { formatDuration, parseDurationMs } from "./duration.ts";

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

  it.each(["", "s", "10", "10 s", "1d", "1s1", "often", null, {}, Number.NaN])("does not read %p", (given) =>
    expect(parseDurationMs(given)).toBeUndefined(),
  );

  it("writes what it reads", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 9 }), (ms) => {
        expect(parseDurationMs(formatDuration(ms))).toBeCloseTo(ms, 3);
      }),
    );
  });
});
