import type { EventData } from "@weft/contracts";
import { on, Poison, type Subscription } from "@weft/messaging";
import type { Transaction } from "@weft/outbox";
import type { Reservations } from "../../application/reservations.ts";
import { type Item, mergedItems } from "../../domain/reservation.ts";

/** The most units of a product that one line of a shipment has; sums of them stay exact. */
const maxQuantity = 1_000_000_000;

/**
 * What shipping tells of reservations, which have the shipments' ids. The stores join the transaction that the handler shares
 * with the inbox, so that an event has its effect once.
 */
export function subscriptions({ reservations }: { reservations: Reservations }): Subscription<Transaction>[] {
  return [
    on("ShipmentCreated", {
      reads: ["shipmentId", "orderId", "fulfillmentEntity.type", "fulfillmentEntity.id", "items"],
      async handle({ data: { shipmentId, orderId, fulfillmentEntity, items } }) {
        // What a store, a dropshipper or a 3PL sends is not in our warehouses.
        if (fulfillmentEntity.type !== "warehouse" || fulfillmentEntity.id === undefined) return;
        const goods = { orderId, warehouseId: fulfillmentEntity.id, items: itemsOf(items) };
        await reservations.confirm(shipmentId, goods);
      },
    }),
    on("ShipmentStatusChanged", {
      reads: ["shipmentId", "to"],
      async handle({ data: { shipmentId, to } }) {
        if (to === "cancelled") await reservations.cancel(shipmentId);
        // Delivered goods were shipped, also where that event is missing.
        if (to === "shipped" || to === "delivered") await reservations.ship(shipmentId);
      },
    }),
  ];
}

/**
 * The lines that say what is taken; the contract lets a line leave that out.
 * @throws Poison for a quantity that no shipment has
 */
function itemsOf(lines: EventData<"ShipmentCreated">["items"]): Item[] {
  const items = lines.flatMap(({ productId, quantity }) =>
    productId === undefined || quantity === undefined ? [] : [{ productId, quantity }],
  );
  const wrong = items.find(({ quantity }) => quantity < 1 || quantity > maxQuantity);
  if (wrong) throw new Poison({ message: `a shipment has no ${wrong.quantity} units of ${wrong.productId}` });
  return mergedItems(items);
}
