import { randomUUID } from "node:crypto";
import type { SharedMemory } from "@weft/service-kit/redis";
import { maxPriceAgeMs } from "../../application/cached-prices.ts";
import type { PriceCache, Pricing } from "../../application/ports.ts";
import { type PriceCacheOptions, priceCacheInMemory } from "./price-cache-in-memory.ts";

/** Outlives every price that was kept under an older generation, in milliseconds. */
const generationMs = 60_000;

const generationKey = (productId: string) => `weft:price-generation:${productId}`;
const priceKey = (productId: string, warehouseId = "") => `weft:price:${productId}:${warehouseId}`;

/**
 * Shared by all instances through Redis; while Redis is away each has its own.
 *
 * `forget` begins a generation, and a price counts only under the one that was there before pricing was asked: one that was
 * on its way while the price changed is kept under the old one, where nobody finds it. Its name is random: a number would
 * begin anew when it expired, and an old price could count again.
 *
 * A price ends at a time of Redis' own clock, read together with the question. So its age depends neither on our clock nor on
 * when Redis, which may stand still in between, gets to keep it.
 */
export function priceCacheInRedis(memory: SharedMemory, options: PriceCacheOptions = {}): PriceCache {
  const { maxAgeMs = maxPriceAgeMs, now = () => performance.now() } = options;
  const own = priceCacheInMemory(options);
  return {
    async find(productId, warehouseId) {
      const askedAt = now();
      const key = priceKey(productId, warehouseId);
      const asked = await memory.ask(async (redis) => {
        const results = await redis.multi().time().mget(generationKey(productId), key).exec();
        const [[seconds, microseconds], [generation, text]] = results!.map(answerOf) as [
          [string, string],
          [string | null, string | null],
        ];
        return { atMs: Number(seconds) * 1000 + Number(microseconds) / 1000, generation, kept: keptIn(text) };
      });
      if (!asked) return own.find(productId, warehouseId);
      const { atMs, generation, kept } = asked.answer;
      if (kept && kept.generation === generation) return { pricing: kept.pricing };
      return {
        async keep(pricing) {
          if (now() - askedAt >= maxAgeMs) return;
          const value = JSON.stringify({ generation, pricing });
          // Redis 6.0 has no SET with PXAT. PEXPIREAT with a time that is over deletes, and nobody sees what is in between.
          await memory.ask((redis) =>
            redis
              .multi()
              .set(key, value)
              .pexpireat(key, Math.floor(atMs + maxAgeMs))
              .exec(),
          );
        },
      };
    },
    async forget(productId) {
      await own.forget(productId);
      await memory.ask((redis) => redis.set(generationKey(productId), randomUUID(), "PX", generationMs));
    },
  };
}

function answerOf([error, answer]: [error: Error | null, answer: unknown]): unknown {
  if (error) throw error;
  return answer;
}

/** Nothing for what somebody else wrote there. */
function keptIn(text: string | null): { generation: string | null; pricing: Pricing } | undefined {
  if (!text) return undefined;
  try {
    const { generation, pricing } = JSON.parse(text) as { generation?: string | null; pricing?: Pricing };
    return pricing && generation !== undefined ? { generation, pricing } : undefined;
  } catch {
    return undefined;
  }
}
