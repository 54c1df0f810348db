import { subscriptions } from "./adapters/events/subscriptions.ts";
import { catalogRoutes } from "./adapters/http/routes.ts";
import { type ProductPageParts, productPage } from "./application/product-page.ts";
import { manageProducts } from "./application/products.ts";

/** Collaborators in, routes and handlers out. */
export function buildApp(parts: ProductPageParts) {
  const { products } = parts;
  return {
    routes: catalogRoutes({ products, manage: manageProducts(parts), productPage: productPage(parts) }),
    subscriptions,
  };
}
