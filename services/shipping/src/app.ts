import { shipmentRoutes } from "./adapters/http/routes.ts";
import { type CreateShipmentParts, createShipment } from "./application/create-shipment.ts";
import { manageShipments } from "./application/manage-shipments.ts";

/** Collaborators in, routes out. */
export function buildApp(parts: CreateShipmentParts) {
  const { shipments } = parts;
  return {
    routes: shipmentRoutes({ shipments, create: createShipment(parts), manage: manageShipments(parts) }),
  };
}
