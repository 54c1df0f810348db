import { type Clock, type Logger, WeftError } from "@weft/core";
import { ShipmentExists } from "../domain/errors.ts";
import { createShipment as created, type NewShipment, type Shipment } from "../domain/shipment.ts";
import type { ShipmentStore, Stock } from "./ports.ts";

export interface CreateShipmentParts {
  shipments: ShipmentStore;
  stock: Stock;
  clock: Clock;
  log: Logger;
}

export interface CreateShipmentOptions {
  /** Whether another request may come with this id, at the same time or later: the client's own id, or that of a repetition. */
  isIdShared: boolean;
}

/**
 * Two services must agree, and there is no transaction over both. So the stock is held first, under the id of the shipment,
 * and then the shipment is written down with `ShipmentCreated` in one transaction; the event confirms what is held. A hold
 * that no event confirms expires in inventory by itself, a minute after it was made. That expiry, and not anything done
 * here, is what makes this safe: a process can die at any point, and only ever leaves behind a hold that expires, or a
 * shipment whose event confirms (or takes again) what it needs.
 *
 * | it dies, or fails               | inventory has      | here is      | the same request again                             |
 * |---------------------------------|--------------------|--------------|----------------------------------------------------|
 * | before or during the reservation| nothing, or a hold | nothing      | holds, or finds the hold under the same id         |
 * | before or in the transaction    | a hold             | nothing      | finds the hold, writes the shipment                |
 * | after the commit, unanswered    | a hold             | the shipment | with its Idempotency-Key: the answer that was      |
 * |                                 |                    |              | stored in that commit; without: SHIPMENT_EXISTS    |
 * | before the event is sent        | a hold, or nothing | the shipment | as above; the relay sends it when the process is   |
 * |                                 | once it expired    |              | back, and inventory confirms, or takes it again    |
 *
 * The same request must therefore come with the same id: the client's own, or one that is made from the Idempotency-Key
 * (`repeatable-id.ts`). With a fresh id each time it would compete for stock with what its own first attempt still holds.
 *
 * A hold is given back early in one case only: the id is fresh, so that nobody else can be using it, and the transaction
 * certainly did not commit. Where the commit is unknown, or another request may be under way with this id (it found the
 * same hold, and its shipment needs it), giving it back could leave a shipment without stock; a minute of waiting cannot.
 * That an id is taken is looked up before anything is reserved, so that a shipment which was cancelled long ago does not
 * hold stock again because somebody repeats its creation.
 *
 * No transaction is open while inventory is asked.
 */
export const createShipment =
  ({ shipments, stock, clock, log }: CreateShipmentParts) =>
  async (input: NewShipment, { isIdShared }: CreateShipmentOptions): Promise<Shipment> => {
    const { shipmentId, orderId, fulfillmentEntity, items } = input;
    const shipment = created(input, clock.now());
    if (await shipments.find(shipmentId)) throw new ShipmentExists({ shipmentId });

    const isReserved = fulfillmentEntity.type === "warehouse";
    if (isReserved) {
      const reservation = { reservationId: shipmentId, orderId, warehouseId: fulfillmentEntity.id, items };
      await stock.reserve({ ...reservation, items: quantities(items) });
    }
    try {
      await shipments.create(shipment);
    } catch (error) {
      if (isReserved && !isIdShared && didNotCommit(error)) await giveBack(shipmentId);
      throw error;
    }
    return shipment;

    /** Best effort: what stays behind expires. */
    async function giveBack(reservationId: string): Promise<void> {
      try {
        await stock.release(reservationId);
      } catch (err) {
        log.warn({ err, reservationId }, "a reservation was not given back; it expires");
      }
    }
  };

/** Inventory counts products, whatever the items are called. */
function quantities(items: NewShipment["items"]): { productId: string; quantity: number }[] {
  const byProduct = new Map<string, number>();
  for (const { productId, quantity } of items) byProduct.set(productId, (byProduct.get(productId) ?? 0) + quantity);
  return [...byProduct].map(([productId, quantity]) => ({ productId, quantity }));
}

const didNotCommit = (error: unknown) => !(error instanceof WeftError && error.code === "COMMIT_UNKNOWN");
