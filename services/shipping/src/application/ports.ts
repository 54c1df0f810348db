import type { Shipment, ShipmentItem, StatusChange } from "../domain/shipment.ts";

interface ShipmentFilter {
  orderId?: string;
  customerId?: string;
}

/** A place in the list of shipments, newest first. */
type Position = number;
type Listed<Item> = Item & { position: Position };

export interface ShipmentStore {
  /** Saves it and publishes `ShipmentCreated` in one transaction.   @throws ShipmentExists */
  create(shipment: Shipment): Promise<void>;
  find(shipmentId: string): Promise<Shipment | undefined>;
  /** @param limit at most so many, all of them before `before` */
  list(filter: ShipmentFilter, limit: number, before?: Position): Promise<Listed<Shipment>[]>;
  /**
   * Loads, decides, saves and publishes `ShipmentStatusChanged` in one transaction, one change of a shipment at a time.
   * Nothing decided, nothing saved.   @throws ShipmentNotFound
   */
  change(shipmentId: string, decide: (shipment: Shipment) => StatusChange | undefined): Promise<Shipment>;
}

export interface Reservation {
  /** The shipment's id, so that a shipment has one reservation at most. */
  reservationId: string;
  orderId: string;
  warehouseId: string;
  items: Pick<ShipmentItem, "productId" | "quantity">[];
}

/**
 * The stock of warehouses, which another service owns. What is reserved is held there for a minute; `ShipmentCreated` under
 * the same id confirms it, otherwise it is given back.
 */
export interface Stock {
  /**
   * All of it or nothing. What is held under the id already, for the same items, is found again and not taken twice.
   * @throws InsufficientStock   @throws Conflict where the id holds other items
   * @throws DependencyFailed: then nobody knows whether it is held
   */
  reserve(reservation: Reservation): Promise<void>;
  /** Nothing under the id is no error.   @throws DependencyFailed */
  release(reservationId: string): Promise<void>;
}
