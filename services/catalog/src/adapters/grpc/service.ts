import { catalogV1 } from "@weft/contracts/grpc";
import { newId } from "@weft/core";
import { assertAdmin, closed, field } from "@weft/transport";
import { type GrpcService, grpcService } from "@weft/transport/grpc";
import type { productPage } from "../../application/product-page.ts";
import type { manageProducts } from "../../application/products.ts";
import type { Product } from "../../domain/product.ts";
import { creationTimeoutMs, newProduct, pageOptions } from "../schemas.ts";

export interface CatalogServiceParts {
  manage: ReturnType<typeof manageProducts>;
  productPage: ReturnType<typeof productPage>;
}

/** `catalog.v1.Catalog`: the same use cases and the same rules as over HTTP. */
export function catalogService({ manage, productPage }: CatalogServiceParts): GrpcService {
  return grpcService(catalogV1.CatalogDefinition, {
    getProduct: {
      request: closed({ productId: field.id, ...pageOptions }, ["productId"]),
      errors: ["PRODUCT_NOT_FOUND"],
      async handle({ request: { productId, warehouseId, quantity = 1 } }) {
        const page = await productPage({ productId, warehouseId, quantity });
        return {
          product: productMessage(page.product),
          pricing: page.pricing ? { ...page.pricing, warehouseId: page.pricing.warehouseId ?? undefined } : undefined,
          stock: page.stock ?? undefined,
          promotions: page.promotions.map((promotion) => ({
            ...promotion,
            rules: promotion.rules as Record<string, unknown>,
            effectiveFrom: promotion.effectiveFrom.toISOString(),
            effectiveTo: promotion.effectiveTo.toISOString(),
          })),
          rating: page.rating,
          degraded: page.degraded,
        };
      },
    },

    createProduct: {
      request: newProduct,
      errors: ["PRODUCT_EXISTS", "TIMEOUT"],
      timeoutMs: creationTimeoutMs,
      async handle({ request, context }) {
        assertAdmin(context);
        const product = await manage.create({ ...request, productId: request.productId ?? newId("prod") });
        return { product: productMessage(product) };
      },
    },
  });
}

function productMessage({ createdAt, updatedAt, ...product }: Product): catalogV1.Product {
  return {
    ...product,
    description: product.description,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}
