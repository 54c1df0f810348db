import { inventoryV1 } from "@weft/contracts/grpc";
import { ValidationFailed } from "@weft/core";
import { closed, field } from "@weft/transport";
import { type GrpcService, grpcService } from "@weft/transport/grpc";
import type { Reservations } from "../../application/reservations.ts";
import type { manageStock } from "../../application/stock.ts";
import { type Item, mergedItems } from "../../domain/reservation.ts";
import { available } from "../../domain/stock.ts";

export interface InventoryServiceParts {
  manage: ReturnType<typeof manageStock>;
  reservations: Reservations;
}

const maxItems = 100;
/** Of one product in one reservation. */
const maxQuantity = 1_000_000;

const item = closed({ productId: field.id, quantity: { type: "integer", minimum: 1, maximum: maxQuantity } }, [
  "productId",
  "quantity",
]);
const onlyReservationId = closed({ reservationId: field.id }, ["reservationId"]);

export function inventoryService({ manage, reservations }: InventoryServiceParts): GrpcService {
  return grpcService(inventoryV1.InventoryServiceDefinition, {
    checkStock: {
      request: closed(
        {
          productId: field.id,
          warehouseId: field.id,
          quantity: { type: "integer", minimum: 0 },
        },
        ["productId", "warehouseId"],
      ),
      errors: ["STOCK_NOT_FOUND"],
      async handle({ request: { productId, warehouseId, quantity } }) {
        const stock = await manage.get(productId, warehouseId);
        return {
          productId,
          warehouseId,
          available: int32(available(stock)),
          reserved: int32(stock.reserved),
          // proto3 cannot tell 0 from absent
          inStock: available(stock) >= (quantity || 1),
        };
      },
    },

    reserveStock: {
      request: closed(
        {
          reservationId: field.id,
          orderId: field.id,
          warehouseId: field.id,
          items: { type: "array", items: item, minItems: 1, maxItems },
        },
        ["reservationId", "orderId", "warehouseId", "items"],
      ),
      errors: ["STOCK_NOT_FOUND", "INSUFFICIENT_STOCK", "CONFLICT"],
      async handle({ request: { reservationId, orderId, warehouseId, items } }) {
        assertNamedOnce(items);
        await reservations.reserve(reservationId, { orderId, warehouseId, items: mergedItems(items) });
        return { reservationId };
      },
    },

    releaseStock: {
      request: onlyReservationId,
      async handle({ request: { reservationId } }) {
        await reservations.release(reservationId);
        return { reservationId };
      },
    },
  });
}

/** @throws ValidationFailed: whether the quantities of a product that is named twice add up is not ours to guess */
function assertNamedOnce(items: readonly Item[]): void {
  const seen = new Set<string>();
  const fieldErrors: Record<string, string> = {};
  for (const [index, { productId }] of items.entries()) {
    if (seen.has(productId)) fieldErrors[`items.${index}.product_id`] = "is named before";
    seen.add(productId);
  }
  if (Object.keys(fieldErrors).length > 0) throw new ValidationFailed({ fieldErrors });
}

/** What promises of other producers add up to may be more than the message can say. */
const int32 = (units: number) => Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, units));
