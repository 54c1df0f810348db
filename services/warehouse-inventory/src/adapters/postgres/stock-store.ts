import type { Clock } from "@weft/core";
import type { Database, Outbox, Queryable } from "@weft/outbox";
import type { StockStore } from "../../application/ports.ts";
import { available, type Stock } from "../../domain/stock.ts";

/** Whoever holds it changes the stocks of a product, in all warehouses, alone. */
export const productLock = (productId: string) => ({ topic: "inventory.events", aggregateId: productId });

export function postgresStockStore({ database, outbox, clock }: StocksParts & { database: Database }): StockStore {
  return {
    async find(productId, warehouseId) {
      const [stock] = await stocksOf(database, warehouseId, [productId]);
      return stock;
    },

    count: (productId, warehouseId, onHand) =>
      database.transaction(async (tx) => {
        await outbox.lock(tx, [productLock(productId)]);
        const [before] = await stocksOf(tx, warehouseId, [productId]);
        if (before?.onHand === onHand) return before;
        const reserved = before?.reserved ?? (await claimedBefore(tx, productId, warehouseId));
        const stock = { productId, warehouseId, onHand, reserved };
        await saveStocks(tx, { outbox, clock }, [stock]);
        return stock;
      }),
  };
}

export interface StocksParts {
  outbox: Outbox<"StockChanged">;
  clock: Clock;
}

/** Saves what has become different and tells it. To be called with the products locked. */
export async function saveStocks(tx: Queryable, { outbox, clock }: StocksParts, stocks: readonly Stock[]) {
  if (stocks.length === 0) return;
  const column = <Name extends keyof Stock>(name: Name) => stocks.map((stock) => stock[name]);
  await tx.query(
    `insert into stocks (product_id, warehouse_id, on_hand, reserved)
     select * from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[])
     on conflict (product_id, warehouse_id) do update
       set on_hand = excluded.on_hand, reserved = excluded.reserved`,
    [column("productId"), column("warehouseId"), column("onHand"), column("reserved")],
  );
  const changedAt = clock.now().toISOString();
  for (const stock of stocks) {
    await outbox.append(tx, "StockChanged", { ...stock, available: available(stock), changedAt });
  }
}

/** Those of the products that were ever counted in this warehouse. */
export async function stocksOf(queryable: Queryable, warehouseId: string, productIds: string[]): Promise<Stock[]> {
  const { rows } = await queryable.query<{ product_id: string; on_hand: number; reserved: number }>(
    "select product_id, on_hand, reserved from stocks where warehouse_id = $1 and product_id = any ($2)",
    [warehouseId, productIds],
  );
  return rows.map((row) => ({
    productId: row.product_id,
    warehouseId,
    onHand: row.on_hand,
    reserved: row.reserved,
  }));
}

/** A shipment may be created before anything was counted: it has a claim on the first units that are. */
async function claimedBefore(tx: Queryable, productId: string, warehouseId: string): Promise<number> {
  const { rows } = await tx.query<{ claimed: number }>(
    `select coalesce(sum(quantity), 0)::bigint as claimed from reservation_items join reservations using (reservation_id)
      where product_id = $1 and warehouse_id = $2 and status in ('held', 'confirmed')`,
    [productId, warehouseId],
  );
  return rows[0]!.claimed;
}
