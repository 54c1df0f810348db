import type { inventoryV1 } from "@weft/contracts/grpc";
import { DependencyFailed, WeftError } from "@weft/core";
import type { ServiceWatch } from "@weft/discovery";
import type { GrpcClient } from "@weft/transport/grpc";
import type { Inventory } from "../../application/ports.ts";

export interface InventoryClientParts {
  grpc: GrpcClient<typeof inventoryV1.InventoryServiceDefinition>;
  watch: ServiceWatch;
}

/** Asks warehouse-inventory-service. Where none is registered there is nobody to wait for, and the page is not kept waiting. */
export function inventoryClient({ grpc, watch }: InventoryClientParts): Inventory {
  const { service } = grpc;
  return {
    service,
    async checkStock({ productId, warehouseId, quantity, timeoutMs }) {
      await watch.ready(timeoutMs);
      if (watch.current().instances.length === 0) {
        throw new DependencyFailed({ service, operation: "CheckStock", cause: "no_instance" });
      }
      try {
        const { available, reserved, inStock } = await grpc.call(
          "checkStock",
          { productId, warehouseId, quantity },
          { timeoutMs, isRepeatable: true },
        );
        return { productId, warehouseId, available, reserved, inStock };
      } catch (error) {
        if (error instanceof WeftError && error.code === "STOCK_NOT_FOUND") return undefined;
        throw error;
      }
    },
  };
}
