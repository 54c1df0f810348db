import { newId } from "@weft/core";
import { type PageQuery, pageOf, pageQuery } from "@weft/service-kit/plain";
import { assertAdmin, field, type Route } from "@weft/transport";
import type { ProductFilter, ProductStore } from "../../application/ports.ts";
import type { productPage } from "../../application/product-page.ts";
import type { manageProducts } from "../../application/products.ts";
import type { NewProduct, Product, ProductPatch } from "../../domain/product.ts";
import { creationTimeoutMs, newProduct, pageData, pageOptions, productData, productPatch } from "../schemas.ts";

export interface CatalogRoutesParts {
  manage: ReturnType<typeof manageProducts>;
  productPage: ReturnType<typeof productPage>;
  products: ProductStore;
}

export function catalogRoutes({ manage, productPage, products }: CatalogRoutesParts): Route[] {
  const one = { type: "object", properties: { product: productData } };

  const create: Route<Omit<NewProduct, "productId"> & { productId?: string }> = {
    method: "POST",
    path: "/v1/catalog/products",
    summary: "Creates a product",
    body: newProduct,
    response: one,
    errors: ["PRODUCT_EXISTS", "TIMEOUT"],
    timeoutMs: creationTimeoutMs,
    async handle({ body, context }) {
      assertAdmin(context);
      const product = await manage.create({ ...body, productId: body.productId ?? newId("prod") });
      return { status: 201, data: { product: shownProduct(product) } };
    },
  };

  const patch: Route<ProductPatch> = {
    method: "PATCH",
    path: "/v1/catalog/products/{productId}",
    summary: "Changes a product; attributes one by one (null takes one away)",
    body: productPatch,
    response: one,
    errors: ["PRODUCT_NOT_FOUND", "PRODUCT_EXISTS"],
    async handle({ params, body, context }) {
      assertAdmin(context);
      return { data: { product: shownProduct(await manage.patch(params.productId!, body)) } };
    },
  };

  const list: Route<undefined, PageQuery & ProductFilter> = {
    method: "GET",
    path: "/v1/catalog/products",
    summary: "Lists products, newest first; `q` is part of the name, the SKU or the description",
    query: {
      type: "object",
      properties: { ...pageQuery, categoryId: field.id, q: field.search(100) },
    },
    response: { type: "object", properties: { products: { type: "array", items: productData } } },
    async handle({ query }) {
      const { limit, cursor, ...filter } = query;
      const { items, meta } = await pageOf({ limit, cursor }, { list: "products", filter }, (count, before) =>
        products.list(filter, count, before),
      );
      return { data: { products: items.map(shownProduct) }, meta };
    },
  };

  const get: Route<undefined, { warehouseId?: string; quantity: number }> = {
    method: "GET",
    path: "/v1/catalog/products/{productId}",
    summary: "Gives one product with price, stock (where a warehouse is given), promotions, rating and availability",
    query: { type: "object", properties: pageOptions },
    response: pageData,
    errors: ["PRODUCT_NOT_FOUND"],
    async handle({ params, query: { warehouseId, quantity } }) {
      const { product, promotions, availability, degraded, ...rest } = await productPage({
        productId: params.productId!,
        warehouseId,
        quantity,
      });
      return {
        data: {
          ...rest,
          product: shownProduct(product),
          promotions: promotions.map((promotion) => ({
            ...promotion,
            effectiveFrom: promotion.effectiveFrom.toISOString(),
            effectiveTo: promotion.effectiveTo.toISOString(),
          })),
          availability: availability.map((one) => ({ ...one, changedAt: one.changedAt.toISOString() })),
        },
        ...(degraded.length > 0 ? { meta: { degraded } } : {}),
      };
    },
  };

  return [create, patch, list, get];
}

function shownProduct(product: Product & { position?: number }) {
  const { position: _, createdAt, updatedAt, ...rest } = product;
  return { ...rest, createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString() };
}
