import { hash } from "node:crypto";
import { type Metrics, noMetrics, RateLimited } from "@weft/core";
import type { SharedMemory } from "@weft/service-kit/redis";
import { type RateLimitOptions, rateLimit } from "./rate-limit.ts";

/**
 * One script, so that two gateways never take the same token; Redis' own clock, so that theirs need not agree. An allowed
 * request gives -1, a refused one the milliseconds until the next token.
 */
const takeToken = `
local now = redis.call("TIME")
local at = now[1] * 1000 + now[2] / 1000
local perSecond, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local known = redis.call("HMGET", KEYS[1], "tokens", "at")
local tokens = burst
if known[1] then
  tokens = math.min(burst, tonumber(known[1]) + math.max(0, at - tonumber(known[2])) / 1000 * perSecond)
end
local allowed = tokens >= 1
if allowed then tokens = tokens - 1 end
redis.call("HSET", KEYS[1], "tokens", string.format("%.6f", tokens), "at", string.format("%.3f", at))
redis.call("PEXPIRE", KEYS[1], math.ceil(burst / perSecond * 1000) + 1000)
if allowed then return -1 end
return math.ceil((1 - tokens) / perSecond * 1000)
`;

/**
 * The same limit over all gateways that share a Redis. The limit of this process comes first: what it refuses alone, all of
 * them together refuse too, so a flood costs Redis nothing; and while Redis is away it is the limit, without a jump.
 */
export function sharedRateLimit(
  { memory, metrics = noMetrics }: { memory: SharedMemory; metrics?: Metrics },
  options: RateLimitOptions = {},
): (key: string) => Promise<void> {
  const { perSecond = 100 } = options;
  const own = rateLimit({ metrics }, options);
  if (perSecond === "off") return async () => {};
  const burst = options.burst ?? Math.max(1, perSecond * 2);
  const refused = metrics.counter("weft_gateway_rate_limited_total", "Requests refused with 429");

  return async (key) => {
    own(key);
    // Whose requests they are is nobody's to read in Redis.
    const name = `weft:rate:${hash("sha256", key, "base64url")}`;
    const found = await memory.ask((redis) => redis.eval(takeToken, 1, name, perSecond, burst));
    const waitMs = Number(found?.answer ?? -1);
    if (waitMs < 0) return;
    refused.add();
    throw new RateLimited(undefined, { retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)) });
  };
}
