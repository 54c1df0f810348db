import { describe, expect, it } from "@jest/globals";
import { latencyWindow } from "./latency-window.ts";

describe("latency window", () => {
  it("gives the nearest rank", () => {
    const window = latencyWindow({ clock: { nowMs: () => 0 } });
    for (let ms = 100; ms >= 1; ms--) window.add(ms);
    expect([0, 0.5, 0.99, 1].map((share) => window.percentile(share))).toEqual([1, 50, 99, 100]);
  });

  it("knows nothing of an empty one", () => {
    expect(latencyWindow({ clock: { nowMs: () => 0 } }).percentile(0.5)).toBeUndefined();
  });

  it("forgets what is older than the window", () => {
    let now = 0;
    const window = latencyWindow({ clock: { nowMs: () => now } }, { windowMs: 1_000 });
    window.add(500);
    now = 600;
    window.add(3);
    expect(window.percentile(1)).toBe(500);
    now = 1_000;
    expect(window.percentile(1)).toBe(3);
    now = 1_600;
    expect(window.percentile(1)).toBeUndefined();
  });

  it("keeps the newest where there are too many", () => {
    const window = latencyWindow({ clock: { nowMs: () => 1 } }, { maxKept: 10 });
    for (let ms = 1; ms <= 1_000; ms++) window.add(ms);
    expect([window.percentile(0), window.percentile(1)]).toEqual([991, 1000]);
  });
});
