import type { JsonObject } from "@weft/core";
import { InvalidTransition } from "./errors.ts";

/**
 * A shipment goes one way, a step at a time:
 *
 * - `created`: its items are promised; where a warehouse sends them, they are reserved there. Somebody picks them, or it is
 *   cancelled.
 * - `picked`: the items lie packed. It is handed to the carrier, or cancelled.
 * - `shipped`: the carrier has it, so it cannot be cancelled any more, and the stock is gone. It arrives.
 * - `delivered` and `cancelled` are final.
 *
 *     created ──▶ picked ──▶ shipped ──▶ delivered
 *        └───────────┴──▶ cancelled
 *
 * Told the status that it has, it stays as it is, and nobody hears of it: a request may come twice.
 */
export type ShipmentStatus = "created" | "picked" | "shipped" | "delivered" | "cancelled";

const next: Record<ShipmentStatus, readonly ShipmentStatus[]> = {
  created: ["picked", "cancelled"],
  picked: ["shipped", "cancelled"],
  shipped: ["delivered"],
  delivered: [],
  cancelled: [],
};

/** Whether any number of steps leads there. */
const leadsTo = (from: ShipmentStatus, to: ShipmentStatus): boolean =>
  next[from].some((status) => status === to || leadsTo(status, to));

/** Who sends the goods. Only a warehouse has stock that is counted here. */
export interface FulfillmentEntity {
  type: "warehouse" | "store" | "dropship" | "3pl";
  id: string;
  name?: string;
  /** As the sender has it; never looked into. */
  address?: JsonObject;
}

export interface ShipmentItem {
  productId: string;
  sku: string;
  quantity: number;
}

export interface Carrier {
  name?: string;
  service?: string;
  trackingNumber?: string;
}

export interface Shipment {
  shipmentId: string;
  orderId: string;
  customerId: string;
  fulfillmentEntity: FulfillmentEntity;
  /** The same product may be in several of them. */
  items: ShipmentItem[];
  carrier?: Carrier;
  estimatedDelivery?: Date;
  status: ShipmentStatus;
  createdAt: Date;
  updatedAt: Date;
}

export type NewShipment = Omit<Shipment, "status" | "createdAt" | "updatedAt">;

export interface StatusChange {
  shipmentId: string;
  orderId: string;
  customerId: string;
  from: ShipmentStatus;
  to: ShipmentStatus;
  changedAt: Date;
}

export function createShipment(input: NewShipment, now: Date): Shipment {
  return { ...input, status: "created", createdAt: now, updatedAt: now };
}

/** @returns nothing where it has that status already   @throws InvalidTransition */
export function changeStatus(shipment: Shipment, to: ShipmentStatus, now: Date): StatusChange | undefined {
  const { shipmentId, orderId, customerId, status: from } = shipment;
  if (from === to) return undefined;
  if (!next[from].includes(to)) throw new InvalidTransition({ shipmentId, from, to, isReachable: leadsTo(from, to) });
  return { shipmentId, orderId, customerId, from, to, changedAt: now };
}
