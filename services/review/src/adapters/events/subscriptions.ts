import { on, type Subscription } from "@weft/messaging";
import type { Transaction } from "@weft/outbox";
import { noteAuthor, noteProduct, noteShipment, noteShipmentStatus } from "../postgres/projections.ts";

/**
 * What this service remembers of products, customers and shipments. Each effect shares its transaction with the inbox row,
 * and none needs that an event of another aggregate has come.
 */
export const subscriptions: Subscription<Transaction>[] = [
  on("ProductCreated", {
    reads: ["productId"],
    handle: ({ data }, tx) => noteProduct(tx, data.productId),
  }),
  on("ProductUpdated", {
    reads: ["productId"],
    handle: ({ data }, tx) => noteProduct(tx, data.productId),
  }),
  on("CustomerCreated", {
    reads: ["customerId", "profile.firstName", "profile.lastName"],
    handle: ({ data, place }, tx) => noteAuthor(tx, data.customerId, data.profile, place),
  }),
  on("CustomerUpdated", {
    reads: ["customerId", "changes.profile"],
    async handle({ data, place }, tx) {
      const { profile } = data.changes;
      if (profile !== undefined) await noteAuthor(tx, data.customerId, profile, place);
    },
  }),
  on("ShipmentCreated", {
    reads: ["shipmentId", "customerId", "items.productId"],
    handle: ({ data }, tx) => noteShipment(tx, data),
  }),
  on("ShipmentStatusChanged", {
    reads: ["shipmentId", "customerId", "to"],
    handle: ({ data, place }, tx) => noteShipmentStatus(tx, data, place),
  }),
];
