import { on, type Subscription } from "@weft/messaging";
import type { Transaction } from "@weft/outbox";
import { noteCategory, noteTier } from "../postgres/projections.ts";

/** What this service remembers of customers and products. Each effect shares its transaction with the inbox row. */
export const subscriptions: Subscription<Transaction>[] = [
  on("CustomerCreated", {
    reads: ["customerId", "tier"],
    async handle({ data, place }, tx) {
      await noteTier(tx, data.customerId, data.tier, place);
    },
  }),
  on("CustomerUpdated", {
    reads: ["customerId", "changes.tier"],
    async handle({ data, place }, tx) {
      if (data.changes.tier !== undefined) await noteTier(tx, data.customerId, data.changes.tier, place);
    },
  }),
  on("ProductCreated", {
    reads: ["productId", "categoryId"],
    async handle({ data, place }, tx) {
      await noteCategory(tx, data.productId, data.categoryId, place);
    },
  }),
  on("ProductUpdated", {
    reads: ["productId", "changes.categoryId"],
    async handle({ data, place }, tx) {
      const { categoryId } = data.changes;
      if (categoryId !== undefined) await noteCategory(tx, data.productId, categoryId, place);
    },
  }),
];
