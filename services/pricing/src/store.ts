import type { Database, Outbox, Queryable } from "@weft/outbox";

/** Amounts in units of the currency, with at most two decimals. */
export interface Price {
  productId: string;
  /** null: the general price. */
  warehouseId: string | null;
  basePrice: number;
  finalPrice: number;
  /** ISO 4217. */
  currency: string;
  updatedAt: Date;
}

export interface PriceStore {
  /** The warehouse's own price, else the general one. */
  find(productId: string, warehouseId?: string): Promise<Price | undefined>;
  /** Saves it and publishes `PriceChanged` in one transaction; a price that is so already is left alone. */
  set(price: Price): Promise<Price>;
  isKnownProduct(productId: string): Promise<boolean>;
}

export interface PriceStoreParts {
  database: Database;
  outbox: Outbox<"PriceChanged">;
}

export function postgresPriceStore({ database, outbox }: PriceStoreParts): PriceStore {
  return {
    async find(productId, warehouseId) {
      const { rows } = await database.query<PriceRow>(
        `select * from prices where product_id = $1 and (warehouse_id = $2 or warehouse_id is null)
          order by warehouse_id nulls last limit 1`,
        [productId, warehouseId ?? null],
      );
      return rows[0] && priceOf(rows[0]);
    },

    set: (price) =>
      database.transaction(async (tx) => {
        const { productId, warehouseId, basePrice, finalPrice, currency, updatedAt } = price;
        // The outbox before the row: events are numbered in the order of the changes.
        await outbox.lock(tx, [{ topic: "pricing.events", aggregateId: productId }]);
        const { rows } = await tx.query<PriceRow>(
          "select * from prices where product_id = $1 and warehouse_id is not distinct from $2 for update",
          [productId, warehouseId],
        );
        const before = rows[0] && priceOf(rows[0]);
        const isSame =
          before?.basePrice === basePrice && before.finalPrice === finalPrice && before.currency === currency;
        if (before && isSame) return before;
        await tx.query(
          `insert into prices (product_id, warehouse_id, base_price, final_price, currency, updated_at)
           values ($1, $2, $3, $4, $5, $6)
           on conflict (product_id, warehouse_id) do update
             set base_price = excluded.base_price, final_price = excluded.final_price,
                 currency = excluded.currency, updated_at = excluded.updated_at`,
          [productId, warehouseId, basePrice, finalPrice, currency, updatedAt],
        );
        await outbox.append(tx, "PriceChanged", {
          productId,
          ...(warehouseId === null ? {} : { warehouseId }),
          basePrice,
          finalPrice,
          currency,
          changedAt: updatedAt.toISOString(),
        });
        return price;
      }),

    async isKnownProduct(productId) {
      const { rowCount } = await database.query("select from known_products where product_id = $1", [productId]);
      return rowCount === 1;
    },
  };
}

export async function noteProduct(tx: Queryable, productId: string): Promise<void> {
  await tx.query("insert into known_products (product_id) values ($1) on conflict do nothing", [productId]);
}

type PriceRow = {
  product_id: string;
  warehouse_id: string | null;
  base_price: string;
  final_price: string;
  currency: string;
  updated_at: Date;
};

function priceOf(row: PriceRow): Price {
  return {
    productId: row.product_id,
    warehouseId: row.warehouse_id,
    basePrice: Number(row.base_price),
    finalPrice: Number(row.final_price),
    currency: row.currency,
    updatedAt: row.updated_at,
  };
}
