import type { Reservation } from "../domain/reservation.ts";
import type { Move, Stock } from "../domain/stock.ts";

export interface StockStore {
  find(productId: string, warehouseId: string): Promise<Stock | undefined>;
  /**
   * Writes down what is there and publishes `StockChanged` in one transaction; a count that is so already changes nothing.
   * What reservations claim of it is claimed from the first count on.
   */
  count(productId: string, warehouseId: string, onHand: number): Promise<Stock>;
}

export interface ReservationStore {
  /**
   * Loads a reservation, decides, saves, moves the stocks that were ever counted, and publishes `StockChanged` for each that
   * became different: all in one transaction, one change of a reservation and of a product at a time.
   * @param decide   may be called twice; gives the same object (or nothing) where nothing changes
   * @param allow    looks at what would come out before anything is saved, and throws where it must not be
   */
  change(
    reservationId: string,
    decide: (reservation: Reservation | undefined) => Reservation | undefined,
    allow?: (change: ReservationChange) => void,
  ): Promise<ReservationChange>;
  /** Ids of those that are held longer than they may be, the oldest first. */
  overdue(now: Date, limit: number): Promise<string[]>;
}

interface ReservationChange {
  before: Reservation | undefined;
  after: Reservation | undefined;
  /** What it meant for stocks, each as it is after it; the products in the order of their ids. */
  moves: Move[];
}
