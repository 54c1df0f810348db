import { systemClock as clock } from "@weft/core";
import { eventService } from "@weft/service-kit";
import { pricingRoutes } from "./routes.ts";
import { postgresPriceStore } from "./store.ts";
import { subscriptions } from "./subscriptions.ts";

const service = eventService(process.argv, {
  configFile: new URL("../config/config.yaml", import.meta.url),
  migrations: new URL("../migrations/", import.meta.url),
  publishes: ["PriceChanged"],
});

await service.run({ routes: pricingRoutes({ prices: postgresPriceStore(service), clock }), subscriptions });
