const unitMs: Record<string, number> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** Go counts nanoseconds in 63 bits, about 292 years. */
const maxMs = 2 ** 63 / 1e6;

/**
 * A duration as Go writes them: `10s`, `1m30s`, `1.5h`. A bare number counts nanoseconds, as Consul's JSON does.
 * Source: Go's `time.ParseDuration`.
 * @returns milliseconds, or nothing when the text is no duration
 */
export function parseDurationMs(value: unknown): number | undefined {
  if (typeof value === "number") return Math.abs(value / 1e6) < maxMs ? value / 1e6 : undefined;
  if (typeof value !== "string") return undefined;
  if (value === "0") return 0;
  const text = value.trim();
  const sign = text.startsWith("-") ? -1 : 1;
  const body = text.replace(/^[+-]/, "");
  if (!/^((\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h))+$/.test(body)) return undefined;
  let total = 0;
  for (const [, amount, unit] of body.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h)/g))
    total += Number(amount) * (unitMs[unit ?? ""] ?? Number.NaN);
  return total < maxMs ? sign * total : undefined;
}

/** The longest that a timer of Node waits, about 25 days: it fires one with more at once. */
const maxTimerMs = 2 ** 31 - 1;

/** A duration as timers take it: whole milliseconds, none too few, and not more than they can wait. */
export const timerMs = (ms: number): number => Math.min(Math.ceil(ms), maxTimerMs);

/** The same way back, for answers: 90000 → `1m30s`. */
export function formatDuration(ms: number): string {
  if (ms === 0) return "0s";
  if (ms < 1000) return `${ms}ms`;
  const hours = Math.floor(ms / 3_600_000);
  const minutes = Math.floor((ms % 3_600_000) / 60_000);
  const seconds = (ms % 60_000) / 1000;
  return `${hours ? `${hours}h` : ""}${hours || minutes ? `${minutes}m` : ""}${seconds}s`;
}
