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
 * `forget` counts a generation up, and a price counts only under the generation that was there before pricing was asked: one
 * that was on its way while the price changed is kept under the old one, where nobody finds it. Redis lets prices expire by
 * its own clock, so the age does not depend on ours.
 */
export function priceCacheInRedis(memory: SharedMemory, options: PriceCacheOptions = {}): PriceCache {
  const { maxAgeMs = maxPriceAgeMs, now = () => performance.now() } = options;
  const own = priceCacheInMemory(options);
  return {
    async find(productId, warehouseId) {
      const askedAt = now();
      const asked = await memory.ask((redis) => redis.mget(generationKey(productId), priceKey(productId, warehouseId)));
      if (!asked) return own.find(productId, warehouseId);
      const [generation = null, text] = asked.answer;
      const kept = keptIn(text);
      if (kept && kept.generation === generation) return { pricing: kept.pricing };
      return {
        async keep(pricing) {
          const leftMs = Math.floor(maxAgeMs - (now() - askedAt));
          if (leftMs <= 0) return;
          const value = JSON.stringify({ generation, pricing });
          await memory.ask((redis) => redis.set(priceKey(productId, warehouseId), value, "PX", leftMs));
        },
      };
    },
    async forget(productId) {
      await own.forget(productId);
      const key = generationKey(productId);
      await memory.ask((redis) => redis.multi().incr(key).pexpire(key, generationMs).exec());
    },
  };
}

/** Nothing for what somebody else wrote there. */
function keptIn(text: string | null | undefined): { generation: string | null; pricing: Pricing } | undefined {
  if (!text) return undefined;
  try {
    const { generation, pricing } = JSON.parse(text) as { generation?: string | null; pricing?: Pricing };
    return pricing && generation !== undefined ? { generation, pricing } : undefined;
  } catch {
    return undefined;
  }
}
