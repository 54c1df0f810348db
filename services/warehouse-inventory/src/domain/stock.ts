import { InsufficientStock, type Shortage, StockNotFound } from "./errors.ts";
import { claims, type Goods, type Reservation } from "./reservation.ts";

/** Units of one product in one warehouse. */
export interface Stock {
  productId: string;
  warehouseId: string;
  /** Units that are there, as counted, less what was shipped since. Never below 0. */
  onHand: number;
  /** Units claimed by reservations that are held or confirmed. */
  reserved: number;
}

/** Below 0 where more was promised than there is: a count found less, or a shipment came that nothing was held for any more. */
export const available = ({ onHand, reserved }: Stock) => onHand - reserved;

/** What a change of a reservation means for one product in one warehouse. */
export interface Movement {
  productId: string;
  warehouseId: string;
  /** Added to `reserved`. */
  claimed: number;
  /** Taken out of `onHand`. */
  taken: number;
}

/** The difference between two states of a reservation, product by product; those without one are left out. */
export function movements(before: Reservation | undefined, after: Reservation | undefined): Movement[] {
  const byPlace = new Map<string, Movement>();
  const add = (goods: Goods | undefined, of: "claimed" | "taken", sign: 1 | -1) => {
    for (const { productId, quantity } of goods?.items ?? []) {
      const { warehouseId } = goods as Goods;
      const place = JSON.stringify([productId, warehouseId]);
      const movement = byPlace.get(place) ?? { productId, warehouseId, claimed: 0, taken: 0 };
      movement[of] += sign * quantity;
      byPlace.set(place, movement);
    }
  };
  for (const [reservation, sign] of [
    [before, -1],
    [after, 1],
  ] as const) {
    if (reservation && claims(reservation)) add(reservation.goods, "claimed", sign);
    if (reservation?.status === "shipped") add(reservation.goods, "taken", sign);
  }
  return [...byPlace.values()].filter(({ claimed, taken }) => claimed !== 0 || taken !== 0);
}

/** A movement, and the stock after it; none where nothing was ever counted. */
export interface Move extends Movement {
  stock: Stock | undefined;
}

export const moved = (stock: Stock, { claimed, taken }: Movement): Stock => ({
  ...stock,
  onHand: Math.max(0, stock.onHand - taken),
  reserved: stock.reserved + claimed,
});

/**
 * All of the goods or nothing.
 * @param moves what claiming them would come to; goods that move nothing are claimed already
 * @throws StockNotFound   @throws InsufficientStock with each product that is short
 */
export function assertCovered({ warehouseId, items }: Goods, moves: readonly Move[]): void {
  const unknown: string[] = [];
  const short: Shortage[] = [];
  for (const { productId, quantity } of items) {
    const move = moves.find((one) => one.productId === productId && one.warehouseId === warehouseId);
    if (move === undefined || move.claimed <= 0) continue;
    if (move.stock === undefined) unknown.push(productId);
    else if (available(move.stock) < 0)
      short.push({ productId, quantity, available: available(move.stock) + quantity });
  }
  if (unknown.length > 0) throw new StockNotFound({ warehouseId, productIds: unknown });
  if (short.length > 0) throw new InsufficientStock({ warehouseId, short });
}
