import { describe, expect, it } from "@jest/globals";
import { DependencyFailed, defineError } from "@weft/core";
import { type InventoryClientParts, inventoryClient } from "./inventory-client.ts";

const StockNotFound = defineError({ code: "STOCK_NOT_FOUND", kind: "not-found", message: () => "nothing was counted" });
const request = { productId: "prod_1", warehouseId: "wh_1", quantity: 3, timeoutMs: 250 };

function clientWith(answer: () => object, instances: object[] = [{}]) {
  const calls: unknown[][] = [];
  const client = inventoryClient({
    grpc: {
      service: "warehouse-inventory-service",
      async call(...call: unknown[]) {
        calls.push(call);
        return answer();
      },
    },
    watch: { ready: async () => {}, current: () => ({ instances }) },
  } as unknown as InventoryClientParts);
  return { client, calls };
}
const refusedWith = (error: unknown) => () => {
  throw error;
};

describe("inventory client", () => {
  it("asks CheckStock within the bound that it is given", async () => {
    const stock = { productId: "prod_1", warehouseId: "wh_1", available: 2, reserved: 1, inStock: false };
    const { client, calls } = clientWith(() => stock);
    expect(await client.checkStock(request)).toEqual(stock);
    const { timeoutMs, ...asked } = request;
    expect(calls).toEqual([["checkStock", asked, { timeoutMs, isRepeatable: true }]]);
  });

  it("knows nothing of what was never counted, which is no failure", async () => {
    const { client } = clientWith(refusedWith(new StockNotFound()));
    expect(await client.checkStock(request)).toBeUndefined();
  });

  it("hands on that no answer could be had", async () => {
    const service = "warehouse-inventory-service";
    const { client } = clientWith(
      refusedWith(new DependencyFailed({ service, operation: "CheckStock", cause: "timeout" })),
    );
    await expect(client.checkStock(request)).rejects.toMatchObject({ code: "DEPENDENCY_FAILED" });
  });

  it("waits for nobody where no instance is registered", async () => {
    const { client, calls } = clientWith(() => ({}), []);
    await expect(client.checkStock(request)).rejects.toMatchObject({ details: { cause: "no_instance" } });
    expect(calls).toEqual([]);
  });
});
