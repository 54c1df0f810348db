import { type Metrics, noMetrics, type OptionRule, option, RateLimited, takeOptions } from "@weft/core";

export interface RateLimitOptions {
  /** Requests a second, for each subject or address; "off" for no limit. @defaultValue 100 */
  perSecond?: number | "off";
  /** Requests at once after a pause. @defaultValue twice perSecond */
  burst?: number;
  /** Subjects and addresses that are remembered; those that were quiet longest go first. @defaultValue 50000 */
  maxKeys?: number;
  /** In milliseconds, for tests. @defaultValue performance.now */
  now?: () => number;
}

const rate: OptionRule<number | "off"> = {
  default: 100,
  problem: (value) =>
    value === "off" || (typeof value === "number" && value > 0) ? undefined : 'must be a number above 0, or "off"',
};
const rules = { perSecond: rate, maxKeys: option.count(50_000) };

/**
 * A token bucket for each key, in the memory of this process: two gateways are twice the rate, and a restart begins anew
 * (`sharedRateLimit` is the one over several).
 * @returns a function that takes one request of a key's @throws RateLimited (429) with the seconds until the next one
 */
export function rateLimit(
  { metrics = noMetrics }: { metrics?: Metrics },
  options: RateLimitOptions = {},
): (key: string) => void {
  const { perSecond, maxKeys, now = () => performance.now() } = takeOptions("rateLimit", rules, options);
  if (perSecond === "off") return () => {};
  const burst = options.burst ?? Math.max(1, perSecond * 2);
  const refused = metrics.counter("weft_gateway_rate_limited_total", "Requests refused with 429");
  // Two generations: what was not seen during a whole one is forgotten with it. (One Map in order of use would be exact, but
  // finding its first key is slow after many deletions, which is when it matters.)
  let young = new Map<string, { tokens: number; at: number }>();
  let old = young;

  return (key) => {
    const at = now();
    const known = young.get(key) ?? old.get(key);
    const tokens = known ? Math.min(burst, known.tokens + ((at - known.at) / 1000) * perSecond) : burst;
    const isAllowed = tokens >= 1;
    if (young.size >= maxKeys / 2 && !young.has(key)) {
      old = young;
      young = new Map();
    }
    young.set(key, { tokens: isAllowed ? tokens - 1 : tokens, at });
    if (!isAllowed) {
      refused.add();
      throw new RateLimited(undefined, { retryAfterSeconds: Math.max(1, Math.ceil((1 - tokens) / perSecond)) });
    }
  };
}
