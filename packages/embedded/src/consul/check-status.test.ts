import { describe, expect, it } from "@jest/globals";
import { deregisterAfterMs, statusMachine } from "./check-status.ts";
import type { CheckStatus } from "./definitions.ts";

const run = (thresholds: Partial<Parameters<typeof statusMachine>[0]>, results: CheckStatus[]) => {
  const next = statusMachine({
    successBeforePassing: 0,
    failuresBeforeWarning: 0,
    failuresBeforeCritical: 0,
    ...thresholds,
  });
  return results.map(next);
};

describe("check status", () => {
  it("is that of the last result where no threshold is set", () => {
    expect(run({}, ["passing", "critical", "warning", "passing"])).toEqual([
      "passing",
      "critical",
      "warning",
      "passing",
    ]);
  });
  it("passes only after enough successes in a row", () => {
    expect(run({ successBeforePassing: 2 }, ["passing", "critical", "passing", "passing"])).toEqual([
      "unchanged",
      "critical",
      "unchanged",
      "passing",
    ]);
  });
  it("warns first, and is critical after enough failures in a row", () => {
    expect(
      run({ failuresBeforeWarning: 2, failuresBeforeCritical: 3 }, [
        "critical",
        "critical",
        "critical",
        "passing",
        "critical",
      ]),
    ).toEqual(["unchanged", "warning", "critical", "passing", "unchanged"]);
  });
});

describe("removal of a critical service", () => {
  it("waits at least a minute, whatever was asked", () => {
    expect([deregisterAfterMs(30_000, 60_000), deregisterAfterMs(90_000, 60_000)]).toEqual([60_000, 90_000]);
  });
  it("never happens where nothing was asked", () => {
    expect(deregisterAfterMs(0, 60_000)).toBe(0);
  });
});
