import type { inventoryV1 } from "@weft/contracts/grpc";
import { Conflict, DependencyFailed, option, takeOptions, WeftError } from "@weft/core";
import { isNotSent } from "@weft/transport";
import type { GrpcClient } from "@weft/transport/grpc";
import type { Reservation, Stock } from "../application/ports.ts";
import { InsufficientStock } from "../domain/errors.ts";

type InventoryClient = GrpcClient<typeof inventoryV1.InventoryServiceDefinition>;

export interface InventoryClientOptions {
  /** Bound of asking for a reservation, attempts included, in milliseconds: a fraction of the request's own. @defaultValue 3000 */
  reserveTimeoutMs?: number;
  /** Bound of giving one back, which nobody needs to wait for long, in milliseconds. @defaultValue 800 */
  releaseTimeoutMs?: number;
}

const rules = { reserveTimeoutMs: option.milliseconds(3_000), releaseTimeoutMs: option.milliseconds(800) };

/** Refusals that say to our caller what they say to us. */
const passing = [DependencyFailed, InsufficientStock, Conflict].map(({ code }) => code);

/** Both calls find the same under the same id again, so they may be tried more than once. */
export function inventoryClient(inventory: InventoryClient, options: InventoryClientOptions = {}): Stock {
  const { reserveTimeoutMs, releaseTimeoutMs } = takeOptions("inventoryClient", rules, options);
  return {
    async reserve(reservation) {
      try {
        await inventory.call("reserveStock", reservation, { timeoutMs: reserveTimeoutMs, isRepeatable: true });
      } catch (error) {
        throw refused(error, reservation);
      }
    },

    async release(reservationId) {
      await inventory.call("releaseStock", { reservationId }, { timeoutMs: releaseTimeoutMs, isRepeatable: true });
    },
  };

  function refused(error: unknown, { warehouseId, items }: Reservation): unknown {
    if (!(error instanceof WeftError) || passing.includes(error.code) || isNotSent(error)) return error;
    if (error.code === "STOCK_NOT_FOUND") {
      const unknown = error.details?.product_ids;
      const short = items
        .filter(({ productId }) => !Array.isArray(unknown) || unknown.includes(productId))
        .map((item) => ({ ...item, available: 0 }));
      return new InsufficientStock({ warehouseId, short }, { cause: error });
    }
    // Its other refusals (a field that it does not take, say) are no answer to our caller's request.
    return new DependencyFailed(
      { service: inventory.service, operation: "ReserveStock", cause: "bad_answer" },
      { cause: error },
    );
  }
}
