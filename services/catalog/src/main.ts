import { inventoryV1 } from "@weft/contracts/grpc";
import { systemClock as clock } from "@weft/core";
import { eventService } from "@weft/service-kit";
import { redisMemory } from "@weft/service-kit/redis";
import { priceCacheInMemory } from "./adapters/caches/price-cache-in-memory.ts";
import { priceCacheInRedis } from "./adapters/caches/price-cache-in-redis.ts";
import { inventoryClient } from "./adapters/clients/inventory-client.ts";
import { pricingClient } from "./adapters/clients/pricing-client.ts";
import { postgresProductNews } from "./adapters/postgres/product-news.ts";
import { postgresProductStore } from "./adapters/postgres/product-store.ts";
import { buildApp } from "./app.ts";
import { type CatalogSections, catalogSections, priceMaxAgeMs } from "./config.ts";

const service = eventService<CatalogSections, "ProductCreated" | "ProductUpdated">(process.argv, {
  configFile: new URL("../config/config.yaml", import.meta.url),
  migrations: new URL("../migrations/", import.meta.url),
  sections: catalogSections,
  publishes: ["ProductCreated", "ProductUpdated"],
});

const { redis, own } = service.config;
const memory = redis && redisMemory(service, redis);
const priceAge = { maxAgeMs: priceMaxAgeMs(own, memory !== undefined) };

const app = buildApp({
  products: postgresProductStore(service),
  news: postgresProductNews(service.database),
  prices: pricingClient(service.httpClient("pricing-service", { timeoutMs: 800 })),
  inventory: inventoryClient({
    grpc: service.grpcClient("warehouse-inventory-service", inventoryV1.InventoryServiceDefinition, { timeoutMs: 800 }),
    watch: service.registry.watch("warehouse-inventory-service"),
  }),
  priceCache: memory ? priceCacheInRedis(memory, priceAge) : priceCacheInMemory(priceAge),
  clock,
  log: service.log,
});

await service.run({ ...app, ...(memory ? { components: [memory] } : {}) });
