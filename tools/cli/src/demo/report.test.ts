import { describe, expect, it } from "@jest/globals";
import { clockOf, liveLine, summary } from "./report.ts";
import { tally } from "./tally.ts";

function busyMinute() {
  let now = 0;
  const counts = tally({ clock: { nowMs: () => now } });
  for (let n = 0; n < 300; n++) {
    counts.actionBegun();
    if (n < 298) counts.actionEnded(n % 3 === 0 ? "apply" : "browse", n % 10 === 0 ? "refused" : "ok");
    counts.called({ ms: n, outcome: n % 10 === 0 ? "refused" : "ok", codes: n % 10 === 0 ? ["X"] : [], attempts: 1 });
  }
  counts.called({ ms: 40_000, outcome: "failed", codes: ["timeout", "connect"], attempts: 2 });
  counts.acknowledge({ type: "PromotionApplied", key: "order_1", data: { finalAmount: 10.1 } });
  counts.acknowledge({ type: "PromotionApplied", key: "order_2", data: { finalAmount: 0.2 } });
  counts.skipped();
  now = 60_000;
  return counts;
}

describe("what the demo tells", () => {
  it("has rate, latencies and counts in one line, cut to the terminal", () => {
    const figures = { ...busyMinute().figures(), p50Ms: 8.25, p99Ms: 120 };
    const line = liveLine(figures);
    expect(line).toBe(
      "00:01:00  5.0/s  p50 8.3 ms p99 120 ms  ok 270 refused 30 failed 1  under way 2  skipped 1  browse 198, apply 100",
    );
    expect(liveLine(figures, 40)).toHaveLength(39);
  });

  it("forgets latencies of more than ten seconds ago", () => {
    expect(busyMinute().figures()).toMatchObject({ p50Ms: undefined, p99Ms: undefined });
  });

  it("says at the end what was done, skipped, not answered and acknowledged", () => {
    const text = summary(busyMinute().figures(), { perSecond: 5 });
    expect(text).toContain("browse                 178      20       0");
    expect(text).toContain("300 actions in 60.0 s: 5.0 a second of the 5 asked for; 1 skipped");
    expect(text).toContain("301 requests: 270 ok, 30 refused, 1 failed; 1 repetitions");
    expect(text).toContain("2 actions were left under way");
    expect(text).toContain("not ok: X 30, timeout 1, connect 1");
    expect(text).toContain("acknowledged: PromotionApplied 2; 10.30 EUR spent");
  });

  it("remembers the newest writes, and counts all", () => {
    const counts = tally({ clock: { nowMs: () => 0 } }, { maxRemembered: 3 });
    for (let n = 0; n < 100; n++) counts.acknowledge({ type: "PriceChanged", key: `p${n}`, data: {} });
    expect(counts.acknowledged().map(({ key }) => key)).toEqual(["p97", "p98", "p99"]);
    expect(counts.figures().acknowledged).toEqual({ PriceChanged: 100 });
  });

  it("writes times as clocks do", () => {
    expect([0, 61_000, 36_000_000].map(clockOf)).toEqual(["00:00:00", "00:01:01", "10:00:00"]);
  });
});
