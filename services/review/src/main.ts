import { systemClock as clock } from "@weft/core";
import { eventService } from "@weft/service-kit";
import { catalogClient } from "./adapters/catalog-client.ts";
import { knownAuthors, knownProducts } from "./adapters/postgres/projections.ts";
import { postgresReviewStore } from "./adapters/postgres/review-store.ts";
import { buildApp } from "./app.ts";

const service = eventService(process.argv, {
  configFile: new URL("../config/config.yaml", import.meta.url),
  migrations: new URL("../migrations/", import.meta.url),
  publishes: ["ReviewSubmitted", "ReviewModerated"],
});

const app = buildApp({
  reviews: postgresReviewStore(service),
  authors: knownAuthors(service.database),
  knownProducts: knownProducts(service.database),
  // Catalog itself waits up to 800 ms for what its page shows; the second attempt goes to another instance.
  catalog: catalogClient(service.httpClient("catalog-service", { timeoutMs: 2500, attemptTimeoutMs: 1200 })),
  clock,
});

await service.run(app);
