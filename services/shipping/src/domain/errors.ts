import { defineError } from "@weft/core";
import type { ShipmentStatus } from "./shipment.ts";

export const ShipmentNotFound = defineError<{ shipmentId: string }>({
  code: "SHIPMENT_NOT_FOUND",
  kind: "not-found",
  message: ({ shipmentId }) => `shipment ${shipmentId} does not exist`,
});

export const ShipmentExists = defineError<{ shipmentId: string }>({
  code: "SHIPMENT_EXISTS",
  kind: "exists",
  isFinal: true,
  message: ({ shipmentId }) => `shipment ${shipmentId} exists already`,
});

/** What a warehouse has of a product, and how much was wanted. */
export interface Shortage {
  productId: string;
  quantity: number;
  available: number;
}

/** In the words of inventory, whose refusal usually passes through as it came. */
export const InsufficientStock = defineError<{ warehouseId: string; short: Shortage[] }>({
  code: "INSUFFICIENT_STOCK",
  kind: "conflict",
  message: ({ warehouseId, short }) =>
    `${warehouseId} has too little of ${short.map(({ productId }) => productId).join(", ")}`,
  details: ({ warehouseId, short }) => ({
    warehouse_id: warehouseId,
    items: short.map(({ productId, quantity, available }) => ({ product_id: productId, quantity, available })),
  }),
});

export const InvalidTransition = defineError<{
  shipmentId: string;
  from: ShipmentStatus;
  to: ShipmentStatus;
  /** Whether other steps could lead there. */
  isReachable: boolean;
}>({
  code: "INVALID_TRANSITION",
  kind: "conflict",
  isFinal: ({ isReachable }) => !isReachable,
  message: ({ shipmentId, from, to }) => `shipment ${shipmentId} is ${from} and cannot become ${to}`,
  details: ({ from, to }) => ({ from, to }),
});
