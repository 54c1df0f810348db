import { type Clock, type Logger, type Metrics, noMetrics, option, takeOptions } from "@weft/core";
import { cancel, confirm, expire, type Goods, hold, type Reservation, release, ship } from "../domain/reservation.ts";
import { assertCovered, available } from "../domain/stock.ts";
import type { ReservationStore } from "./ports.ts";

export interface ReservationsParts {
  reservations: ReservationStore;
  clock: Clock;
  log: Logger;
  metrics?: Metrics;
}

export interface ReservationsOptions {
  /** How long goods are held for a shipment that is not there yet, in milliseconds. @defaultValue 60000 */
  ttlMs?: number;
  /** Expired reservations that one query gives; the sweep goes on until there are none. @defaultValue 100 */
  batchSize?: number;
}

const rules = { ttlMs: option.count(60_000), batchSize: option.count(100) };

export type Reservations = ReturnType<typeof manageReservations>;

export function manageReservations(
  { reservations, clock, log, metrics = noMetrics }: ReservationsParts,
  options: ReservationsOptions = {},
) {
  const { ttlMs, batchSize } = takeOptions("manageReservations", rules, options);
  const oversold = metrics.counter("weft_inventory_oversold_total", "Shipments that left less than nothing available");

  /** A shipment is a fact: what it needs is taken, and where that is more than there is, somebody has to know. */
  async function follow(
    reservationId: string,
    decide: (reservation: Reservation | undefined) => Reservation | undefined,
  ): Promise<void> {
    const { after, moves } = await reservations.change(reservationId, decide);
    for (const { stock, claimed, taken } of moves) {
      if (stock === undefined || claimed + taken <= 0 || available(stock) >= 0) continue;
      oversold.add();
      log.warn({ reservationId, status: after?.status, stock }, "more is promised than there is");
    }
  }

  return {
    /**
     * Holds all of the goods or nothing. The same id with the same goods again finds what is there.
     * @throws Conflict   @throws StockNotFound   @throws InsufficientStock
     */
    async reserve(reservationId: string, goods: Goods): Promise<void> {
      await reservations.change(
        reservationId,
        (reservation) => {
          const now = clock.now();
          return hold(reservation, { reservationId, goods, now, expiresAt: new Date(now.getTime() + ttlMs) });
        },
        ({ moves }) => assertCovered(goods, moves),
      );
    },

    async release(reservationId: string): Promise<void> {
      await reservations.change(reservationId, release);
    },

    /** ShipmentCreated */
    confirm: (reservationId: string, goods: Goods) =>
      follow(reservationId, (reservation) => confirm(reservation, { reservationId, goods })),

    /** ShipmentStatusChanged to cancelled */
    cancel: (reservationId: string) => follow(reservationId, (reservation) => cancel(reservation, { reservationId })),

    /** ShipmentStatusChanged to shipped */
    ship: (reservationId: string) => follow(reservationId, (reservation) => ship(reservation, { reservationId })),

    /**
     * Releases what was held too long. Every instance sweeps: each is decided anew on the locked reservation, so that what was
     * confirmed, released or held anew in the meantime stays as it is.
     * @returns how many were released here
     */
    async sweep(isStopping: () => boolean = () => false): Promise<number> {
      // One moment for the whole, so that it ends even where the clock is set back meanwhile.
      const now = clock.now();
      let expired = 0;
      for (;;) {
        const overdue = await reservations.overdue(now, batchSize);
        for (const reservationId of overdue) {
          if (isStopping()) return expired;
          const { before, after } = await reservations.change(reservationId, (one) => expire(one, now));
          if (before !== after) expired += 1;
        }
        if (overdue.length < batchSize) return expired;
      }
    },
  };
}
