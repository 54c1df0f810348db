import { on, type Subscription } from "@weft/messaging";
import type { Transaction } from "@weft/outbox";
import type { PriceCache } from "../../application/ports.ts";
import {
  noteModeration,
  notePriceChange,
  notePromotion,
  notePromotionStatus,
  noteReview,
  noteStock,
} from "../postgres/projections.ts";

/**
 * What the product page shows of others. Each effect shares its transaction with the inbox row, and none needs that the
 * product, or an earlier event of another aggregate, has come.
 */
export const subscriptions = ({
  priceCache,
}: {
  priceCache: Pick<PriceCache, "forget">;
}): Subscription<Transaction>[] => [
  on("PromotionCreated", {
    reads: ["promotionId", "name", "type", "rules", "effectiveFrom", "effectiveTo", "status"],
    handle: ({ data }, tx) => notePromotion(tx, data),
  }),
  on("PromotionStatusChanged", {
    reads: ["promotionId", "to"],
    handle: ({ data, place }, tx) => notePromotionStatus(tx, data, place),
  }),
  on("ReviewSubmitted", {
    reads: ["reviewId", "productId", "rating", "status"],
    handle: ({ data }, tx) => noteReview(tx, data),
  }),
  on("ReviewModerated", {
    reads: ["reviewId", "productId", "rating", "to"],
    handle: ({ data, place }, tx) => noteModeration(tx, data, place),
  }),
  on("PriceChanged", {
    reads: ["productId", "warehouseId", "finalPrice", "currency", "changedAt"],
    handle: async ({ data, place }, tx) => {
      // Before the commit: forgetting twice costs a call to pricing, not forgetting shows an old price.
      await priceCache.forget(data.productId);
      await notePriceChange(tx, data, place);
    },
  }),
  on("StockChanged", {
    reads: ["productId", "warehouseId", "available", "changedAt"],
    handle: ({ data, place }, tx) => noteStock(tx, data, place),
  }),
];
