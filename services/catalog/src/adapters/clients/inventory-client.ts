import { DependencyFailed, WeftError } from "@weft/core";
import type { ServiceWatch } from "@weft/discovery";
import type { HttpClient } from "@weft/transport";
import type { Inventory } from "../../application/ports.ts";

/** Asks warehouse-inventory-service. Where none is registered there is nobody to wait for, and the page is not kept waiting. */
export function inventoryClient({ http, watch }: { http: HttpClient; watch: ServiceWatch }): Inventory {
  const failed = (cause: "no_instance" | "bad_answer") =>
    new DependencyFailed({ service: http.service, operation: "CheckStock", cause });
  return {
    service: http.service,
    async checkStock({ productId, warehouseId, quantity, timeoutMs }) {
      await watch.ready(timeoutMs);
      if (watch.current().instances.length === 0) throw failed("no_instance");
      const path = `/v1/inventory/products/${encodeURIComponent(productId)}/warehouses/${encodeURIComponent(warehouseId)}`;
      try {
        const { data } = await http.request<{ stock?: { available: number; reserved: number } }>({
          method: "GET",
          path,
          timeoutMs,
        });
        if (data.stock) {
          const { available, reserved } = data.stock;
          return { productId, warehouseId, available, reserved, inStock: available >= quantity };
        }
      } catch (error) {
        if (error instanceof WeftError && error.code === "STOCK_NOT_FOUND") return undefined;
        throw error;
      }
      throw failed("bad_answer");
    },
  };
}
