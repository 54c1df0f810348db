import { inventoryV1 } from "@weft/contracts/grpc";
import { systemClock as clock } from "@weft/core";
import { eventService } from "@weft/service-kit";
import { inventoryClient } from "./adapters/clients/inventory-client.ts";
import { pricingClient } from "./adapters/clients/pricing-client.ts";
import { postgresProductNews } from "./adapters/postgres/product-news.ts";
import { postgresProductStore } from "./adapters/postgres/product-store.ts";
import { buildApp } from "./app.ts";

const service = eventService(process.argv, {
  configFile: new URL("../config/config.yaml", import.meta.url),
  migrations: new URL("../migrations/", import.meta.url),
  publishes: ["ProductCreated", "ProductUpdated"],
});

const app = buildApp({
  products: postgresProductStore(service),
  news: postgresProductNews(service.database),
  prices: pricingClient(service.httpClient("pricing-service", { timeoutMs: 800 })),
  inventory: inventoryClient({
    grpc: service.grpcClient("warehouse-inventory-service", inventoryV1.InventoryServiceDefinition, { timeoutMs: 800 }),
    watch: service.registry.watch("warehouse-inventory-service"),
  }),
  clock,
  log: service.log,
});

await service.run(app);
