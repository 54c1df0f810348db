import { inventoryV1 } from "@weft/contracts/grpc";
import { systemClock as clock } from "@weft/core";
import { eventService } from "@weft/service-kit";
import { inventoryClient } from "./adapters/inventory-client.ts";
import { postgresShipmentStore } from "./adapters/postgres/shipment-store.ts";
import { buildApp } from "./app.ts";

const service = eventService(process.argv, {
  configFile: new URL("../config/config.yaml", import.meta.url),
  migrations: new URL("../migrations/", import.meta.url),
  publishes: ["ShipmentCreated", "ShipmentStatusChanged"],
});
const { log } = service;

const app = buildApp({
  shipments: postgresShipmentStore(service),
  stock: inventoryClient(service.grpcClient("warehouse-inventory-service", inventoryV1.InventoryServiceDefinition)),
  clock,
  log,
});

await service.run(app);
