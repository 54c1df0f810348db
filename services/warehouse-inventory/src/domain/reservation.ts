import { Conflict } from "@weft/core";

export interface Item {
  productId: string;
  /** Units, at least 1. */
  quantity: number;
}

/** What a reservation is about. Each product is named once, in the order of the ids. */
export interface Goods {
  orderId: string;
  warehouseId: string;
  items: Item[];
}

/**
 * A claim on stock, under the id of the shipment that it is for. Two of its states claim units (`held` and `confirmed`: they
 * are in `reserved`), one has taken them (`shipped`: they are gone from `onHand`).
 *
 * - `held`: somebody asked for the goods and is about to create the shipment. ReserveStock moves nothing or `released` here,
 *   where every item is available. Left by ShipmentCreated → `confirmed`; by ReleaseStock, cancellation, or when `expiresAt`
 *   has passed → `released`.
 * - `confirmed`: the shipment exists. It is a fact, so ShipmentCreated moves nothing, `held` and `released` here, with the
 *   goods that it names and however little is available. Left by shipping → `shipped`; by cancellation or ReleaseStock → `released`.
 * - `released`: claims nothing, and may be held again or confirmed, unless its shipment was cancelled: no ShipmentCreated that
 *   comes late (a replayed dead letter) confirms what nothing would release again.
 * - `shipped`: the goods have left the warehouse, whatever was known of them before. Final.
 *
 * Events can come before the ones that they follow, so `shipped` and a cancellation are also noted of a shipment that nobody
 * here has heard of. Its `goods` are then not known; they are taken out as soon as ShipmentCreated names them.
 */
export interface Reservation {
  reservationId: string;
  status: "held" | "confirmed" | "released" | "shipped";
  isCancelled: boolean;
  goods?: Goods;
  /** Of a `held` one. */
  expiresAt?: Date;
}

/**
 * Every function gives the reservation after, the very same object where nothing changes, and undefined where there is none.
 */
type Maybe = Reservation | undefined;

/**
 * Asks for the goods until `expiresAt`. Whether there are enough of them is not decided here. Asking again holds them longer:
 * whoever repeats begins anew, and what was left of the first time may not last until its commit.
 * @throws Conflict where the id stands for other goods
 */
export function hold(
  reservation: Maybe,
  { reservationId, goods, now, expiresAt }: { reservationId: string; goods: Goods; now: Date; expiresAt: Date },
): Reservation {
  const current = reservation && (expire(reservation, now) as Reservation);
  if (current === undefined || current.status === "released") {
    return { reservationId, status: "held", isCancelled: current?.isCancelled ?? false, goods, expiresAt };
  }
  if (current.goods && areSame(current.goods, goods)) {
    return current.status === "held" ? { ...current, expiresAt } : current;
  }
  throw new Conflict({ message: `reservation ${reservationId} is for other goods` });
}

/** The shipment was created. */
export function confirm(reservation: Maybe, { reservationId, goods }: { reservationId: string; goods: Goods }): Maybe {
  if (reservation?.isCancelled || reservation?.status === "confirmed") return reservation;
  if (reservation?.status === "shipped") return reservation.goods ? reservation : { ...reservation, goods };
  return { reservationId, status: "confirmed", isCancelled: false, goods };
}

/** The shipment will not happen. */
export function cancel(reservation: Maybe, { reservationId }: { reservationId: string }): Maybe {
  if (reservation?.status === "shipped") return reservation;
  if (reservation?.status === "released" && reservation.isCancelled) return reservation;
  return { reservationId, status: "released", isCancelled: true, goods: reservation?.goods };
}

/** The goods have left the warehouse. */
export function ship(reservation: Maybe, { reservationId }: { reservationId: string }): Maybe {
  if (reservation?.status === "shipped" || reservation?.isCancelled) return reservation;
  return { reservationId, status: "shipped", isCancelled: false, goods: reservation?.goods };
}

/** Whoever asked for the goods does not want them any more. */
export function release(reservation: Maybe): Maybe {
  return reservation && claims(reservation) ? released(reservation) : reservation;
}

/** Time is over for what nobody confirmed. */
export function expire(reservation: Maybe, now: Date): Maybe {
  const isOver = reservation?.status === "held" && reservation.expiresAt !== undefined && reservation.expiresAt <= now;
  return isOver ? released(reservation) : reservation;
}

/** Whether the goods are in `reserved`. */
export const claims = ({ status }: Reservation) => status === "held" || status === "confirmed";

/** One line for each product, however often it was named. */
export function mergedItems(items: readonly Item[]): Item[] {
  const quantities = new Map<string, number>();
  for (const { productId, quantity } of items) quantities.set(productId, (quantities.get(productId) ?? 0) + quantity);
  return [...quantities]
    .map(([productId, quantity]) => ({ productId, quantity }))
    .sort((a, b) => (a.productId < b.productId ? -1 : 1));
}

const released = ({ expiresAt: _, ...reservation }: Reservation): Reservation => ({
  ...reservation,
  status: "released",
});

const areSame = (a: Goods, b: Goods) =>
  a.warehouseId === b.warehouseId &&
  a.items.length === b.items.length &&
  a.items.every(
    ({ productId, quantity }, n) => b.items[n]!.productId === productId && b.items[n]!.quantity === quantity,
  );
