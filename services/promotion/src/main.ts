import { systemClock as clock } from "@weft/core";
import { eventService } from "@weft/service-kit";
import { customerClient } from "./adapters/customer-client.ts";
import { postgresApplicationStore } from "./adapters/postgres/application-store.ts";
import { knownTiers } from "./adapters/postgres/projections.ts";
import { postgresPromotionStore } from "./adapters/postgres/promotion-store.ts";
import { buildApp } from "./app.ts";
import { expirySweep } from "./application/expiry-sweep.ts";

const service = eventService(process.argv, {
  configFile: new URL("../config/config.yaml", import.meta.url),
  migrations: new URL("../migrations/", import.meta.url),
  publishes: ["PromotionCreated", "PromotionStatusChanged", "PromotionApplied"],
});
const { database, log } = service;

const promotions = postgresPromotionStore(service);
const app = buildApp({
  promotions,
  applications: postgresApplicationStore(service),
  knownTiers: knownTiers(database),
  customers: customerClient(service.httpClient("customer-service")),
  clock,
});

await service.run({ ...app, components: [expirySweep({ promotions, clock, log })] });
