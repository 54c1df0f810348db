import {
  type Clock,
  DependencyFailed,
  type Logger,
  option,
  remainingMs,
  takeOptions,
  WeftError,
  within,
} from "@weft/core";
import { ProductNotFound } from "../domain/errors.ts";
import type { Product } from "../domain/product.ts";
import type {
  Availability,
  Inventory,
  Prices,
  Pricing,
  ProductNews,
  ProductStore,
  Rating,
  ShownPromotion,
  Stock,
} from "./ports.ts";

export interface ProductPageParts {
  products: ProductStore;
  news: ProductNews;
  prices: Prices;
  inventory: Inventory;
  clock: Clock;
  log: Logger;
}

export interface ProductPageOptions {
  /** What one dependency may take, in milliseconds. @defaultValue 800 */
  dependencyTimeoutMs?: number;
  /** What is kept of the caller's deadline to answer in, in milliseconds. @defaultValue 50 */
  reserveMs?: number;
}

const rules = { dependencyTimeoutMs: option.milliseconds(800), reserveMs: option.milliseconds(50, { from: 0 }) };

export interface ProductPage {
  product: Product;
  pricing: Pricing | null;
  stock: Stock | null;
  promotions: ShownPromotion[];
  rating: Rating;
  availability: Availability[];
  /** Services that failed or took too long: what they would have told is null. */
  degraded: string[];
}

/**
 * A product with what others know of it. Prices and stock are asked side by side, each with its own bound, and one that does
 * not answer costs its part of the page and nothing more; promotions, rating and availability come from our own database.
 *
 * A price may be as old as the cache in front of pricing lets it become (`cached-prices.ts`): five seconds.
 * @throws ProductNotFound
 */
export const productPage = (
  { products, news, prices, inventory, clock, log }: ProductPageParts,
  options: ProductPageOptions = {},
) => {
  const { dependencyTimeoutMs, reserveMs } = takeOptions("productPage", rules, options);

  return async (request: { productId: string; warehouseId?: string; quantity: number }): Promise<ProductPage> => {
    const { productId, warehouseId, quantity } = request;
    const product = await products.find(productId);
    if (product === undefined) throw new ProductNotFound({ productId });

    const degraded: string[] = [];
    const ask = async <T>(service: string, question: (timeoutMs: number) => Promise<T | undefined>) => {
      const timeoutMs = Math.floor(Math.min(dependencyTimeoutMs, (remainingMs() ?? Infinity) - reserveMs));
      try {
        if (timeoutMs <= 0) throw new DependencyFailed({ service, operation: "(not asked)", cause: "timeout" });
        // The client has the same bound; this one holds also where it answers late.
        const answer = await within(timeoutMs, question(timeoutMs), () => {
          throw new DependencyFailed({ service, operation: "product page", cause: "timeout" });
        });
        return answer ?? null;
      } catch (error) {
        if (!(error instanceof WeftError)) throw error;
        log.info({ service, code: error.code, details: error.details }, "page without a dependency");
        degraded.push(service);
        return null;
      }
    };

    const [pricing, stock, promotions, rating, availability] = await Promise.all([
      ask(prices.service, (timeoutMs) => prices.priceOf({ productId, warehouseId, timeoutMs })),
      warehouseId === undefined
        ? null
        : ask(inventory.service, (timeoutMs) => inventory.checkStock({ productId, warehouseId, quantity, timeoutMs })),
      news.promotionsOf(product, clock.now()),
      news.ratingOf(productId),
      news.availabilityOf(productId),
    ]);
    return { product, pricing, stock, promotions, rating, availability, degraded: degraded.sort() };
  };
};
