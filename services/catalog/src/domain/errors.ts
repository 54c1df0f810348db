import { defineError } from "@weft/core";

export const ProductNotFound = defineError<{ productId: string }>({
  code: "PRODUCT_NOT_FOUND",
  kind: "not-found",
  message: ({ productId }) => `product ${productId} does not exist`,
});

export const ProductExists = defineError<{ field: "productId" | "sku" }>({
  code: "PRODUCT_EXISTS",
  kind: "exists",
  // Another product may give its SKU up; an id is never free again.
  isFinal: ({ field }) => field === "productId",
  message: ({ field }) => `another product has this ${field}`,
  details: ({ field }) => ({ field }),
});
