// A service for `describe.test.ts`: it says all that a service can say of itself, and nothing that it needs is there.
import { inventoryV1 } from "@weft/contracts/grpc";
import { on } from "@weft/messaging";
import type { Transaction } from "@weft/outbox";
import { grpcService } from "@weft/transport/grpc";
import { eventService, pageQuery } from "../index.ts";

const service = eventService(process.argv, {
  configFile: new URL("./none.yaml", import.meta.url),
  publishes: ["PriceChanged"],
});
const unused = () => {
  throw new Error("nobody asks");
};
const method = { request: {}, handle: unused };

service.httpClient("catalog-service", { timeoutMs: 800 });
service.httpClient("catalog-service");
service.grpcClient("catalog-service", inventoryV1.InventoryServiceDefinition);

await service.run({
  routes: [
    {
      method: "GET",
      path: "/v1/prices",
      summary: "Lists prices",
      query: { type: "object", properties: pageQuery },
      handle: unused,
    },
    {
      method: "POST",
      path: "/v1/prices/{priceId}/notes",
      summary: "Notes something",
      body: { type: "object" },
      errors: ["PRICE_NOT_FOUND"],
      handle: unused,
    },
  ],
  grpcServices: [
    grpcService(inventoryV1.InventoryServiceDefinition, {
      checkStock: { ...method, errors: ["STOCK_NOT_FOUND"] },
      reserveStock: method,
      releaseStock: method,
    }),
  ],
  subscriptions: [
    on<Transaction, "ProductCreated">("ProductCreated", { reads: ["productId"], handle: unused }),
    on<Transaction, "StockChanged">("StockChanged", {
      reads: ["productId", "available"],
      handle: unused,
    }),
  ],
  components: [{ name: "never", start: unused, stop: unused }],
});
