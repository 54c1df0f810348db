import type { Database, Outbox, Queryable } from "@weft/outbox";
import type { ProductStore } from "../../application/ports.ts";
import { ProductExists, ProductNotFound } from "../../domain/errors.ts";
import type { Attributes, Product } from "../../domain/product.ts";

const topic = "catalog.events";

/** The outbox is locked before the row, everywhere, so that events are numbered in the order of the changes. */
export function postgresProductStore({ database, outbox }: { database: Database; outbox: Outbox }): ProductStore {
  return {
    create: (product) =>
      database.transaction(async (tx) => {
        const { productId, sku, name, categoryId, description, attributes, createdAt } = product;
        await outbox.lock(tx, [{ topic, aggregateId: productId }]);
        const { rowCount } = await tx.query(
          `insert into products (product_id, sku, name, category_id, description, attributes, created_at, updated_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing`,
          [productId, sku, name, categoryId, description ?? null, JSON.stringify(attributes), createdAt, createdAt],
        );
        if (rowCount === 0) throw new ProductExists({ field: (await findIn(tx, productId)) ? "productId" : "sku" });
        await outbox.append(tx, "ProductCreated", {
          productId,
          sku,
          name,
          categoryId,
          ...(description === undefined ? {} : { description }),
          attributes,
          createdAt: createdAt.toISOString(),
        });
      }),

    find: (productId) => findIn(database, productId),

    async list({ categoryId, q }, limit, before) {
      const { rows } = await database.query<ProductRow>(
        `select * from products
          where ($1::text is null or category_id = $1)
            and ($2::text is null or name ilike $2 or sku ilike $2 or description ilike $2)
            and ($3::bigint is null or seq < $3)
          order by seq desc limit $4`,
        [categoryId ?? null, q === undefined ? null : `%${escapeLike(q)}%`, before ?? null, limit],
      );
      return rows.map((row) => ({ ...productOf(row), position: Number(row.seq) }));
    },

    change: (productId, decide) =>
      database.transaction(async (tx) => {
        await outbox.lock(tx, [{ topic, aggregateId: productId }]);
        const before = await findIn(tx, productId, "for update");
        if (before === undefined) throw new ProductNotFound({ productId });
        const { product, changes } = decide(before);
        if (Object.keys(changes).length === 0) return before;
        await tx
          .query(
            `update products set sku = $2, name = $3, category_id = $4, description = $5, attributes = $6, updated_at = $7
              where product_id = $1`,
            [
              productId,
              product.sku,
              product.name,
              product.categoryId,
              product.description ?? null,
              JSON.stringify(product.attributes),
              product.updatedAt,
            ],
          )
          .catch((error) => {
            throw isTakenSku(error) ? new ProductExists({ field: "sku" }, { cause: error }) : error;
          });
        await outbox.append(tx, "ProductUpdated", { productId, changes, updatedAt: product.updatedAt.toISOString() });
        return product;
      }),
  };
}

/** What a person types is looked for as it is: `%` and `_` stand for themselves. */
const escapeLike = (text: string) => text.replace(/[\\%_]/g, "\\$&");

function isTakenSku(error: { code?: unknown; constraint?: unknown }): boolean {
  return error.code === "23505" && error.constraint === "products_sku_key";
}

type ProductRow = {
  product_id: string;
  seq: string;
  sku: string;
  name: string;
  category_id: string;
  description: string | null;
  attributes: Attributes;
  created_at: Date;
  updated_at: Date;
};

async function findIn(queryable: Queryable, productId: string, lock = ""): Promise<Product | undefined> {
  const { rows } = await queryable.query<ProductRow>(`select * from products where product_id = $1 ${lock}`, [
    productId,
  ]);
  return rows[0] && productOf(rows[0]);
}

function productOf(row: ProductRow): Product {
  return {
    productId: row.product_id,
    sku: row.sku,
    name: row.name,
    categoryId: row.category_id,
    ...(row.description === null ? {} : { description: row.description }),
    attributes: row.attributes,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
