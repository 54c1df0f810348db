import { option, takeOptions } from "@weft/core";

export interface LatencyWindowOptions {
  /** How far back it looks, in milliseconds. @defaultValue 10000 */
  windowMs?: number;
  /** Latencies kept at most, the newest. @defaultValue 20000 */
  maxKept?: number;
}

const rules = { windowMs: option.milliseconds(10_000), maxKept: option.count(20_000) };

/** Latencies of the last seconds. */
export interface LatencyWindow {
  add(ms: number): void;
  /** The smallest latency that `share` (0 to 1) of those in the window do not exceed; absent where there are none. */
  percentile(share: number): number | undefined;
}

/** @param clock milliseconds of a clock that does not jump */
export function latencyWindow(
  { clock }: { clock: { nowMs(): number } },
  options: LatencyWindowOptions = {},
): LatencyWindow {
  const { windowMs, maxKept } = takeOptions("options of the latency window", rules, options);
  let kept: { at: number; ms: number }[] = [];
  const forget = () => {
    const since = clock.nowMs() - windowMs;
    const first = kept.findIndex(({ at }) => at > since);
    kept = first === -1 ? [] : kept.slice(Math.max(first, kept.length - maxKept));
  };
  return {
    add(ms) {
      kept.push({ at: clock.nowMs(), ms });
      if (kept.length > 2 * maxKept) forget();
    },
    percentile(share) {
      forget();
      const sorted = kept.map(({ ms }) => ms).sort((a, b) => a - b);
      return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
    },
  };
}
