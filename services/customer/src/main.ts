import { systemClock as clock } from "@weft/core";
import { eventService } from "@weft/service-kit";
import { eventEffects, postgresActivityStore } from "./adapters/postgres/activity-store.ts";
import { postgresCustomerStore } from "./adapters/postgres/customer-store.ts";
import { buildApp } from "./app.ts";

const service = eventService(process.argv, {
  configFile: new URL("../config/config.yaml", import.meta.url),
  migrations: new URL("../migrations/", import.meta.url),
  publishes: ["CustomerCreated", "CustomerUpdated"],
});

const app = buildApp({
  customers: postgresCustomerStore(service),
  activity: postgresActivityStore(service.database),
  effectsIn: eventEffects(service, { service: service.identity.name }),
  clock,
});

await service.run(app);
