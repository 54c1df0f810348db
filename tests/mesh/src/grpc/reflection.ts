import { Client, credentials, status } from "@grpc/grpc-js";
import { describe, expect, it } from "@jest/globals";
import { type MeshFixture, unique } from "../http/mesh-fixture.ts";
import { things } from "../http/things.ts";
import { wire } from "./raw-call.ts";
import { reflectionClient } from "./reflection-client.ts";

/** What `grpcurl` does with an address and nothing else: lists, describes, calls. */
export function reflectionTests(mesh: MeshFixture) {
  const { stock } = things(mesh);
  const addressOf = (service: string) => mesh.mesh.runtime().services.find(({ name }) => name === service)!.grpc!;

  describe.each(["v1", "v1alpha"] as const)("without generated code, through reflection %s", (version) => {
    it.each([
      ["catalog-service", "catalog.v1.Catalog"],
      ["warehouse-inventory-service", "inventory.v1.InventoryService"],
    ])("%s says what it serves, and nothing that others serve", async (service, serves) => {
      const services = await reflectionClient(addressOf(service), version).services();
      expect(services.filter((name) => !name.startsWith("grpc."))).toEqual([serves]);
    });

    it("every method can be called with what is told of it", async () => {
      const productId = unique("prod");
      const catalog = reflectionClient(addressOf("catalog-service"), version);
      const inventory = reflectionClient(addressOf("warehouse-inventory-service"), version);
      const created = { product_id: productId, sku: unique("SKU"), name: "Runner", category_id: "shoes" };
      expect(await catalog.call("catalog.v1.Catalog", "CreateProduct", created)).toMatchObject({
        status: "OK",
        response: { product: created },
      });
      expect(await catalog.call("catalog.v1.Catalog", "GetProduct", { product_id: productId })).toMatchObject({
        status: "OK",
        response: { product: created, promotions: expect.any(Array) },
      });
      await stock(productId, "wh_1", 5);
      const call = (method: string, request: object) =>
        inventory.call("inventory.v1.InventoryService", method, request);
      const reservation = { reservation_id: unique("shp") };
      const items = [{ product_id: productId, quantity: 2 }];
      const reserve = { ...reservation, order_id: unique("order"), warehouse_id: "wh_1", items };
      expect(await call("ReserveStock", reserve)).toEqual({ status: "OK", response: reservation });
      const asked = { product_id: productId, warehouse_id: "wh_1", quantity: 4 };
      expect(await call("CheckStock", asked)).toMatchObject({
        status: "OK",
        response: { available: 3, reserved: 2, in_stock: false },
      });
      expect(await call("ReleaseStock", reservation)).toEqual({ status: "OK", response: reservation });
      expect(await call("CheckStock", asked)).toMatchObject({ response: { available: 5, in_stock: true } });
    });

    it("what a service does not have is not found", async () => {
      const client = reflectionClient(addressOf("catalog-service"), version);
      expect(await client.call("catalog.v1.Nothing", "Any", {})).toEqual({ status: "NOT_FOUND" });
    });
  });

  describe("health of each service", () => {
    it.each([
      ["catalog-service", "catalog.v1.Catalog"],
      ["warehouse-inventory-service", "inventory.v1.InventoryService"],
    ])("%s", async (service, serves) => {
      for (const name of ["", serves]) expect(await healthOf(addressOf(service), name)).toBe("SERVING");
      expect(await healthOf(addressOf(service), "no.such.Service")).toBe("NOT_FOUND");
    });
  });
}

/** `grpc.health.v1.Health/Check` for one service, or for all with the empty name: what it says, or why it does not. */
function healthOf(address: string, service: string): Promise<string> {
  const client = new Client(address, credentials.createInsecure());
  const same = (bytes: Buffer) => bytes;
  const request = wire.bytes(1, service);
  return new Promise<string>((resolve) => {
    const options = { deadline: Date.now() + 10_000 };
    client.makeUnaryRequest("/grpc.health.v1.Health/Check", same, same, request, options, (error, answer) => {
      const isServing = answer?.equals(wire.varint(1, 1));
      resolve(error ? status[error.code]! : isServing ? "SERVING" : "NOT_SERVING");
    });
  }).finally(() => client.close());
}
