import type { Database, Outbox } from "@weft/outbox";
import { aggregateStore } from "@weft/service-kit";
import type { ProductStore } from "../../application/ports.ts";
import { ProductExists, ProductNotFound } from "../../domain/errors.ts";
import type { Attributes, Product } from "../../domain/product.ts";

export interface ProductStoreParts {
  database: Database;
  outbox: Outbox<"ProductCreated" | "ProductUpdated">;
}

export function postgresProductStore(parts: ProductStoreParts): ProductStore {
  const products = aggregateStore(parts, {
    topic: "catalog.events",
    table: "products",
    id: "product_id",
    toRow: (product: Product) => ({
      product_id: product.productId,
      sku: product.sku,
      name: product.name,
      category_id: product.categoryId,
      description: product.description ?? null,
      attributes: JSON.stringify(product.attributes),
      created_at: product.createdAt,
      updated_at: product.updatedAt,
    }),
    fromRow: (row: ProductRow): Product => ({
      productId: row.product_id,
      sku: row.sku,
      name: row.name,
      categoryId: row.category_id,
      ...(row.description === null ? {} : { description: row.description }),
      attributes: row.attributes,
      createdAt: row.created_at,
      updatedAt: row.updated_at,
    }),
  });

  return {
    async create(product) {
      const { updatedAt: _, createdAt, ...told } = product;
      const data = { ...told, createdAt: createdAt.toISOString() };
      const created = await products.create(product, [{ type: "ProductCreated", data }]);
      // Two rows may collide in two ways: by their id, or by their SKU.
      if (!created.isNew) throw new ProductExists({ field: created.existing ? "productId" : "sku" });
    },

    find: (productId) => products.find(productId),

    list: ({ categoryId, q }, limit, before) =>
      products.list(
        { category_id: categoryId },
        limit,
        before,
        q === undefined
          ? undefined
          : { sql: "name ilike $1 or sku ilike $1 or description ilike $1", values: [`%${escapeLike(q)}%`] },
      ),

    async change(productId, decide) {
      const change = products.change(productId, (before) => {
        const { product, changes } = decide(before);
        if (Object.keys(changes).length === 0) return undefined;
        const data = { productId, changes, updatedAt: product.updatedAt.toISOString() };
        return { thing: product, events: [{ type: "ProductUpdated", data }] };
      });
      const changed = await change.catch((error) => {
        throw isTakenSku(error) ? new ProductExists({ field: "sku" }, { cause: error }) : error;
      });
      if (changed === undefined) throw new ProductNotFound({ productId });
      return changed;
    },
  };
}

/** What a person types is looked for as it is: `%` and `_` stand for themselves. */
const escapeLike = (text: string) => text.replace(/[\\%_]/g, "\\$&");

function isTakenSku(error: { code?: unknown; constraint?: unknown }): boolean {
  return error.code === "23505" && error.constraint === "products_sku_key";
}

type ProductRow = {
  product_id: string;
  sku: string;
  name: string;
  category_id: string;
  description: string | null;
  attributes: Attributes;
  created_at: Date;
  updated_at: Date;
};
