import type { Database, Queryable } from "@weft/outbox";
import type { ReservationStore } from "../../application/ports.ts";
import { type Goods, mergedItems, type Reservation } from "../../domain/reservation.ts";
import { type Move, type Movement, moved, movements } from "../../domain/stock.ts";
import { productLock, type StocksParts, saveStocks, stocksOf } from "./stock-store.ts";

/**
 * Locks are taken in one order: the reservation, then its products in the order of `outbox.lock`. Whoever counts stock locks
 * one product and nothing before it, so that nobody waits crosswise. Inside a transaction (a handler's, which it shares with
 * the inbox) a change joins it.
 */
export function postgresReservationStore({
  database,
  ...parts
}: StocksParts & { database: Database }): ReservationStore {
  return {
    change: (reservationId, decide, allow) =>
      database.transaction(async (tx) => {
        let before = await lockedReservation(tx, reservationId);
        let after = decide(before);
        if (before === undefined && after !== undefined && !(await claimId(tx, after))) {
          // Another transaction made it while this one looked; it is over now, and its row can be locked.
          before = await lockedReservation(tx, reservationId);
          after = decide(before);
        }
        if (after === undefined || before === after) return { before, after, moves: [] };

        const pending = movements(before, after);
        await parts.outbox.lock(
          tx,
          pending.map(({ productId }) => productLock(productId)),
        );
        const moves = await movesOf(tx, pending);
        const change = { before, after, moves };
        allow?.(change);
        await save(tx, after, { hasOtherGoods: after.goods !== before?.goods });
        await saveStocks(
          tx,
          parts,
          moves.flatMap(({ stock }) => stock ?? []),
        );
        return change;
      }),

    async overdue(now, limit) {
      const { rows } = await database.query<{ reservation_id: string }>(
        "select reservation_id from reservations where status = 'held' and expires_at <= $1 order by expires_at limit $2",
        [now, limit],
      );
      return rows.map((row) => row.reservation_id);
    },
  };
}

/** The stocks as the movements leave them. To be called with the products locked. */
async function movesOf(tx: Queryable, pending: Movement[]): Promise<Move[]> {
  const moves: Move[] = [];
  // One warehouse, but for a shipment that is created elsewhere than it was held.
  for (const [warehouseId, group] of Map.groupBy(pending, (movement) => movement.warehouseId)) {
    const stocks = await stocksOf(
      tx,
      warehouseId,
      group.map(({ productId }) => productId),
    );
    for (const movement of group) {
      const stock = stocks.find(({ productId }) => productId === movement.productId);
      moves.push({ ...movement, stock: stock && moved(stock, movement) });
    }
  }
  return moves;
}

type ReservationRow = {
  status: Reservation["status"];
  is_cancelled: boolean;
  order_id: string | null;
  warehouse_id: string | null;
  expires_at: Date | null;
};

async function lockedReservation(tx: Queryable, reservationId: string): Promise<Reservation | undefined> {
  const { rows } = await tx.query<ReservationRow>("select * from reservations where reservation_id = $1 for update", [
    reservationId,
  ]);
  const [row] = rows;
  if (row === undefined) return undefined;
  return {
    reservationId,
    status: row.status,
    isCancelled: row.is_cancelled,
    ...(row.warehouse_id === null ? {} : { goods: await goodsOf(tx, reservationId, row) }),
    ...(row.expires_at === null ? {} : { expiresAt: row.expires_at }),
  };
}

async function goodsOf(
  tx: Queryable,
  reservationId: string,
  { order_id, warehouse_id }: ReservationRow,
): Promise<Goods> {
  const { rows } = await tx.query<{ product_id: string; quantity: number }>(
    "select product_id, quantity from reservation_items where reservation_id = $1",
    [reservationId],
  );
  const items = mergedItems(rows.map((row) => ({ productId: row.product_id, quantity: row.quantity })));
  return { orderId: order_id!, warehouseId: warehouse_id!, items };
}

/** @returns whether the id was free; waits for a transaction that is about to take it */
async function claimId(tx: Queryable, { reservationId }: Reservation): Promise<boolean> {
  const { rowCount } = await tx.query(
    "insert into reservations (reservation_id, status, is_cancelled) values ($1, 'released', false) on conflict do nothing",
    [reservationId],
  );
  return rowCount === 1;
}

async function save(
  tx: Queryable,
  { reservationId, status, isCancelled, goods, expiresAt }: Reservation,
  { hasOtherGoods }: { hasOtherGoods: boolean },
): Promise<void> {
  await tx.query(
    `update reservations set status = $2, is_cancelled = $3, order_id = $4, warehouse_id = $5, expires_at = $6
      where reservation_id = $1`,
    [reservationId, status, isCancelled, goods?.orderId ?? null, goods?.warehouseId ?? null, expiresAt ?? null],
  );
  if (!hasOtherGoods) return;
  const items = goods?.items ?? [];
  await tx.query("delete from reservation_items where reservation_id = $1", [reservationId]);
  await tx.query(
    `insert into reservation_items (reservation_id, product_id, quantity)
     select $1, * from unnest($2::text[], $3::bigint[])`,
    [reservationId, items.map(({ productId }) => productId), items.map(({ quantity }) => quantity)],
  );
}
