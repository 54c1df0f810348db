import type { Clock } from "@weft/core";
import { ShipmentNotFound } from "../domain/errors.ts";
import { changeStatus, type Shipment, type ShipmentStatus } from "../domain/shipment.ts";
import type { ShipmentStore } from "./ports.ts";

/**
 * What happens to a shipment once it is there. Inventory is not asked: it hears `ShipmentStatusChanged`, which commits with
 * the status, and gives back what was cancelled and takes out what was shipped. So a cancellation that was acknowledged
 * reaches the stock whatever dies in between, and one that comes twice finds the status it wants and tells nobody.
 */
export const manageShipments = ({ shipments, clock }: { shipments: ShipmentStore; clock: Clock }) => ({
  async get(shipmentId: string): Promise<Shipment> {
    const shipment = await shipments.find(shipmentId);
    if (shipment === undefined) throw new ShipmentNotFound({ shipmentId });
    return shipment;
  },

  changeStatus(shipmentId: string, to: ShipmentStatus): Promise<Shipment> {
    return shipments.change(shipmentId, (shipment) => changeStatus(shipment, to, clock.now()));
  },
});
