import { subscriptions } from "./adapters/events/subscriptions.ts";
import { catalogService } from "./adapters/grpc/service.ts";
import { catalogRoutes } from "./adapters/http/routes.ts";
import { type ProductPageParts, productPage } from "./application/product-page.ts";
import { manageProducts } from "./application/products.ts";

/** Collaborators in; routes, methods and handlers out. */
export function buildApp(parts: ProductPageParts) {
  const useCases = { manage: manageProducts(parts), productPage: productPage(parts) };
  return {
    routes: catalogRoutes({ ...useCases, products: parts.products }),
    grpcServices: [catalogService(useCases)],
    subscriptions,
  };
}
