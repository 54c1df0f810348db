import type { PriceCache, Prices } from "./ports.ts";

/** A kept price is never older than this, in milliseconds, whatever was missed: an event, a Redis, a clock. */
export const maxPriceAgeMs = 5000;

/**
 * Prices with a cache in front. `PriceChanged` makes it forget at once; what that misses (the event is on its way, another
 * process read it) lasts `maxPriceAgeMs`. That there is no price is not kept: a new product gets its price soon.
 */
export function cachedPrices({ prices, cache }: { prices: Prices; cache: PriceCache }): Prices {
  return {
    service: prices.service,
    async priceOf(request) {
      const found = await cache.find(request.productId, request.warehouseId);
      if ("pricing" in found) return found.pricing;
      const pricing = await prices.priceOf(request);
      if (pricing) await found.keep(pricing);
      return pricing;
    },
  };
}
