import { systemClock as clock } from "@weft/core";
import { eventService, recurring } from "@weft/service-kit";
import { postgresReservationStore } from "./adapters/postgres/reservation-store.ts";
import { postgresStockStore } from "./adapters/postgres/stock-store.ts";
import { buildApp } from "./app.ts";
import { type InventorySections, inventorySections, milliseconds } from "./config.ts";

const service = eventService<InventorySections, "StockChanged">(process.argv, {
  configFile: new URL("../config/config.yaml", import.meta.url),
  migrations: new URL("../migrations/", import.meta.url),
  sections: inventorySections,
  publishes: ["StockChanged"],
});
const { database, outbox, log, metrics, config } = service;
const { ttl, sweep_interval } = config.own.reservations;

const { sweep, ...app } = buildApp(
  {
    stocks: postgresStockStore({ database, outbox, clock }),
    reservations: postgresReservationStore({ database, outbox, clock }),
    clock,
    log,
    metrics,
  },
  { ttlMs: milliseconds(ttl) },
);
const expiry = recurring(
  { log, work: async (isStopping) => void (await sweep(isStopping)) },
  { name: "reservation-expiry", intervalMs: milliseconds(sweep_interval) },
);

await service.run({ ...app, components: [expiry] });
