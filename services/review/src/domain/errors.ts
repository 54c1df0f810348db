import { defineError } from "@weft/core";

export const ReviewNotFound = defineError<{ reviewId: string }>({
  code: "REVIEW_NOT_FOUND",
  kind: "not-found",
  message: ({ reviewId }) => `review ${reviewId} does not exist`,
});

/** `field` is what was there before: another review with this id, or the customer's review of this product. */
export const ReviewExists = defineError<{ field: "reviewId" | "productId" }>({
  code: "REVIEW_EXISTS",
  kind: "exists",
  // Nothing deletes a review.
  isFinal: true,
  message: ({ field }) =>
    field === "reviewId" ? "another review has this reviewId" : "this customer has reviewed this product before",
  details: ({ field }) => ({ field }),
});

export const ProductNotFound = defineError<{ productId: string }>({
  code: "PRODUCT_NOT_FOUND",
  kind: "not-found",
  message: ({ productId }) => `product ${productId} does not exist`,
});
