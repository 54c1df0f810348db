import { maxPriceAgeMs } from "../../application/cached-prices.ts";
import type { PriceCache, Pricing } from "../../application/ports.ts";

export interface PriceCacheOptions {
  /** From the moment that pricing was asked, in milliseconds. @defaultValue 5000 */
  maxAgeMs?: number;
  /** Products that are kept; those that were asked for first go first. @defaultValue 10000 */
  maxProducts?: number;
  /** In milliseconds, for tests. @defaultValue performance.now */
  now?: () => number;
}

/** By warehouse; "" is the general price. */
type PricesOfProduct = Map<string, { pricing: Pricing; askedAt: number }>;

const maxWarehouses = 100;

/** In the memory of this process: an instance that does not read the event shows an old price until it is too old. */
export function priceCacheInMemory(options: PriceCacheOptions = {}): PriceCache {
  const { maxAgeMs = maxPriceAgeMs, maxProducts = 10_000, now = () => performance.now() } = options;
  const products = new Map<string, PricesOfProduct>();

  function pricesOf(productId: string): PricesOfProduct {
    let prices = products.get(productId);
    if (!prices) {
      if (products.size >= maxProducts) products.delete(products.keys().next().value!);
      prices = new Map();
      products.set(productId, prices);
    }
    return prices;
  }

  return {
    async find(productId, warehouseId = "") {
      const askedAt = now();
      const prices = pricesOf(productId);
      const entry = prices.get(warehouseId);
      if (entry && askedAt - entry.askedAt < maxAgeMs) return { pricing: entry.pricing };
      return {
        async keep(pricing) {
          // `forget` takes the product's whole Map out: what is kept in one that is out is never found.
          if (prices.size >= maxWarehouses) prices.clear();
          prices.set(warehouseId, { pricing, askedAt });
        },
      };
    },
    async forget(productId) {
      products.delete(productId);
    },
  };
}
