import { subscriptions } from "./adapters/events/subscriptions.ts";
import { inventoryService } from "./adapters/grpc/inventory-service.ts";
import { inventoryRoutes } from "./adapters/http/routes.ts";
import type { StockStore } from "./application/ports.ts";
import { manageReservations, type ReservationsOptions, type ReservationsParts } from "./application/reservations.ts";
import { manageStock } from "./application/stock.ts";

export interface AppParts extends ReservationsParts {
  stocks: StockStore;
}

/** Collaborators in; routes, gRPC services, handlers and the work of the sweep out. */
export function buildApp(parts: AppParts, options: ReservationsOptions = {}) {
  const manage = manageStock(parts);
  const reservations = manageReservations(parts, options);
  return {
    routes: inventoryRoutes({ manage }),
    grpcServices: [inventoryService({ manage, reservations })],
    subscriptions: subscriptions({ reservations }),
    sweep: reservations.sweep,
  };
}
