import { defineError } from "@weft/core";

export const StockNotFound = defineError<{ warehouseId: string; productIds: string[] }>({
  code: "STOCK_NOT_FOUND",
  kind: "not-found",
  message: ({ warehouseId, productIds }) => `nothing was ever counted of ${productIds.join(", ")} in ${warehouseId}`,
  details: ({ warehouseId, productIds }) => ({ warehouse_id: warehouseId, product_ids: productIds }),
});

/** One product that is short: how many were wanted, and how many there are. */
export interface Shortage {
  productId: string;
  quantity: number;
  available: number;
}

export const InsufficientStock = defineError<{ warehouseId: string; short: Shortage[] }>({
  code: "INSUFFICIENT_STOCK",
  kind: "conflict",
  message: ({ warehouseId, short }) =>
    `${warehouseId} has too little: ${short
      .map(({ productId, quantity, available }) => `${quantity} of ${productId} wanted, ${available} available`)
      .join("; ")}`,
  details: ({ warehouseId, short }) => ({
    warehouse_id: warehouseId,
    items: short.map(({ productId, quantity, available }) => ({ product_id: productId, quantity, available })),
  }),
});
