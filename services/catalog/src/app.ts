import { subscriptions } from "./adapters/events/subscriptions.ts";
import { catalogService } from "./adapters/grpc/service.ts";
import { catalogRoutes } from "./adapters/http/routes.ts";
import { cachedPrices } from "./application/cached-prices.ts";
import type { PriceCache } from "./application/ports.ts";
import { type ProductPageParts, productPage } from "./application/product-page.ts";
import { manageProducts } from "./application/products.ts";

/** Collaborators in; routes, methods and handlers out. */
export function buildApp({ priceCache, ...parts }: ProductPageParts & { priceCache: PriceCache }) {
  const prices = cachedPrices({ prices: parts.prices, cache: priceCache });
  const useCases = { manage: manageProducts(parts), productPage: productPage({ ...parts, prices }) };
  return {
    routes: catalogRoutes({ ...useCases, products: parts.products }),
    grpcServices: [catalogService(useCases)],
    subscriptions: subscriptions({ priceCache }),
  };
}
