import { on, type Subscription } from "@weft/messaging";
import type { Transaction } from "@weft/outbox";
import { noteProduct } from "./store.ts";

/** The products that there are. Either event tells of one, so that a lost or late `ProductCreated` does no harm. */
export const subscriptions: Subscription<Transaction>[] = (["ProductCreated", "ProductUpdated"] as const).map((type) =>
  on(type, { reads: ["productId"], handle: ({ data }, tx) => noteProduct(tx, data.productId) }),
);
