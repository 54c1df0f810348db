import type { ReservationStore, StockStore } from "../application/ports.ts";
import { claims, type Reservation } from "../domain/reservation.ts";
import { moved, movements, type Stock } from "../domain/stock.ts";

/** The stores' promises, in memory: one change after the other, and what would be published. */
export function storesInMemory() {
  const stocks = new Map<string, Stock>();
  const reservations = new Map<string, Reservation>();
  const published: Stock[] = [];
  const place = (productId: string, warehouseId: string) => `${productId} in ${warehouseId}`;
  const save = (stock: Stock) => {
    stocks.set(place(stock.productId, stock.warehouseId), stock);
    published.push(stock);
  };

  const stockStore: StockStore = {
    find: async (productId, warehouseId) => stocks.get(place(productId, warehouseId)),
    async count(productId, warehouseId, onHand) {
      const before = stocks.get(place(productId, warehouseId));
      if (before?.onHand === onHand) return before;
      const claimed = [...reservations.values()]
        .filter((reservation) => claims(reservation) && reservation.goods?.warehouseId === warehouseId)
        .flatMap((reservation) => reservation.goods?.items ?? [])
        .filter((item) => item.productId === productId)
        .reduce((sum, { quantity }) => sum + quantity, 0);
      const stock = { productId, warehouseId, onHand, reserved: before?.reserved ?? claimed };
      save(stock);
      return stock;
    },
  };

  const reservationStore: ReservationStore = {
    async change(reservationId, decide, allow) {
      const before = reservations.get(reservationId);
      const after = decide(before);
      if (after === undefined || before === after) return { before, after, moves: [] };
      const moves = movements(before, after).map((movement) => {
        const stock = stocks.get(place(movement.productId, movement.warehouseId));
        return { ...movement, stock: stock && moved(stock, movement) };
      });
      const change = { before, after, moves };
      allow?.(change);
      reservations.set(reservationId, after);
      for (const { stock } of moves) if (stock) save(stock);
      return change;
    },
    overdue: async (now, limit) =>
      [...reservations.values()]
        .filter(({ expiresAt }) => expiresAt !== undefined && expiresAt <= now)
        .slice(0, limit)
        .map(({ reservationId }) => reservationId),
  };

  return { stocks: stockStore, reservations: reservationStore, published };
}
