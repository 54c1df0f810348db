import { defineError } from "@weft/core";

export const PromotionNotFound = defineError<{ promotionId: string }>({
  code: "PROMOTION_NOT_FOUND",
  kind: "not-found",
  message: ({ promotionId }) => `promotion ${promotionId} does not exist`,
});

export const PromotionExists = defineError<{ promotionId: string }>({
  code: "PROMOTION_EXISTS",
  kind: "exists",
  isFinal: true,
  message: ({ promotionId }) => `promotion ${promotionId} exists already`,
});

export const PromotionNotActive = defineError<{ promotionId: string; because: "status" | "not_begun" | "over" }>({
  code: "PROMOTION_NOT_ACTIVE",
  kind: "conflict",
  message: ({ promotionId, because }) =>
    `promotion ${promotionId} ${{ status: "is switched off", not_begun: "has not begun", over: "is over" }[because]}`,
  details: ({ because }) => ({ reason: because }),
});

/**
 * The first condition, in the order in which they are checked, that the order does not meet. Not final for any reason: once
 * the order has an application, with other items, that is the answer.
 */
export type NotApplicableReason = "min_order_amount" | "products" | "categories" | "warehouse" | "customer_tier";

export const PromotionNotApplicable = defineError<{ promotionId: string; reason: NotApplicableReason }>({
  code: "PROMOTION_NOT_APPLICABLE",
  kind: "conflict",
  message: ({ promotionId, reason }) => `promotion ${promotionId} does not apply: ${reason}`,
  details: ({ reason }) => ({ reason }),
});

export const CustomerNotFound = defineError<{ customerId: string }>({
  code: "CUSTOMER_NOT_FOUND",
  kind: "not-found",
  message: ({ customerId }) => `customer ${customerId} does not exist`,
});
