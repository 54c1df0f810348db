import { describe, expect, it } from "@jest/globals";
import { expectError, expectInvalid, type MeshFixture, unique } from "../http/mesh-fixture.ts";

/** The routes of warehouse-inventory. */
export function inventoryRoutes(mesh: MeshFixture) {
  const path = (productId: string, warehouseId = "wh_1") =>
    `/v1/inventory/products/${productId}/warehouses/${warehouseId}`;
  const put = (productId: string, body: unknown, headers: Record<string, string> = {}) =>
    mesh.api("PUT", path(productId), { body, headers });
  const get = (productId: string, warehouseId?: string) =>
    mesh.api("GET", path(productId, warehouseId), { token: null });

  describe("inventory: PUT /v1/inventory/products/{productId}/warehouses/{warehouseId}", () => {
    it("writes down what is there and publishes StockChanged [200]", async () => {
      const productId = unique("prod");
      const answer = await put(productId, { onHand: 40 });
      expect(answer.status).toBe(200);
      const stock = { productId, warehouseId: "wh_1", onHand: 40, reserved: 0, available: 40 };
      expect(answer.data.stock).toEqual(stock);
      const [event] = await mesh.events(productId);
      expect(event).toMatchObject({ topic: "inventory.events", headers: { "event-sequence": "1" } });
      expect(event!.envelope).toMatchObject({
        eventType: "StockChanged",
        version: "1.0",
        source: "warehouse-inventory-service",
        data: { ...stock, changedAt: expect.stringMatching(/Z$/) },
      });
    });

    it("publishes nothing where the count is so already, also under a key that came before [200] [idempotent]", async () => {
      const productId = unique("prod");
      for (const onHand of [5, 5]) expect((await put(productId, { onHand })).status).toBe(200);
      const key = { "idempotency-key": unique("key") };
      const first = await put(productId, { onHand: 7 }, key);
      await put(productId, { onHand: 5 });
      const again = await put(productId, { onHand: 7 }, key);
      expect(again.data).toEqual(first.data);
      expect(again.headers.get("idempotency-replayed")).toBe("true");
      expect((await get(productId)).data.stock.onHand).toBe(5);
      await put(productId, { onHand: 0 });
      const events = await mesh.events(productId, 4);
      expect(events.map(({ envelope }) => envelope.data.onHand)).toEqual([5, 7, 5, 0]);
    });

    it("takes many counts of one product at the same moment, and tells of every change in order [200]", async () => {
      const productId = unique("prod");
      const counts = Array.from({ length: 10 }, (_, n) => n + 1);
      const answers = await Promise.all(counts.map((onHand) => put(productId, { onHand })));
      expect(answers.map(({ status }) => status)).toEqual(counts.map(() => 200));
      const events = await mesh.events(productId, 10);
      expect(events.map(({ headers }) => Number(headers["event-sequence"]))).toEqual(counts);
      expect((await get(productId)).data.stock.onHand).toBe(events.at(-1)!.envelope.data.onHand);
    });

    it("names what is wrong [VALIDATION_ERROR]", async () => {
      const productId = unique("prod");
      expectInvalid(await put(productId, {}), "onHand");
      for (const onHand of [-1, 0.5, "5", null, 1_000_000_001])
        expectInvalid(await put(productId, { onHand }), "onHand");
      expectInvalid(await put(productId, { onHand: 1, reserved: 1 }), "reserved");
      expectInvalid(await mesh.api("PUT", path("a%20b", "w%20h"), { body: { onHand: 1 } }), "productId", "warehouseId");
      expectError(await get(productId), 404, "STOCK_NOT_FOUND");
    });

    it("is for admins [anonymous] [other] [admin]", async () => {
      const body = { onHand: 1 };
      const productId = unique("prod");
      expectError(await mesh.api("PUT", path(productId), { body, token: null }), 401, "UNAUTHORIZED");
      const token = mesh.token("cust_other", "customer");
      expectError(await mesh.api("PUT", path(productId), { body, token }), 403, "FORBIDDEN");
      // Past the gateway, as the gateway would say who it is.
      const headers = { "x-user-id": "cust_other", "x-user-role": "customer" };
      const direct = await mesh.direct("warehouse-inventory-service", "PUT", path(productId), { body, headers });
      expectError(direct, 403, "FORBIDDEN");
      expect((await mesh.api("PUT", path(productId), { body })).status).toBe(200);
    });
  });

  describe("inventory: GET /v1/inventory/products/{productId}/warehouses/{warehouseId}", () => {
    it("gives each warehouse its own stock, to anyone [200] [anonymous]", async () => {
      const productId = unique("prod");
      await put(productId, { onHand: 3 });
      await mesh.api("PUT", path(productId, "wh_2"), { body: { onHand: 0 } });
      const anonymous = await get(productId);
      expect([anonymous.status, anonymous.data.stock]).toEqual([
        200,
        { productId, warehouseId: "wh_1", onHand: 3, reserved: 0, available: 3 },
      ]);
      expect((await get(productId, "wh_2")).data.stock).toMatchObject({ warehouseId: "wh_2", onHand: 0, available: 0 });
    });

    it("says where nothing was ever counted [STOCK_NOT_FOUND]", async () => {
      const productId = unique("prod");
      await put(productId, { onHand: 3 });
      const details = { warehouse_id: "wh_2", product_ids: [productId] };
      expectError(await get(productId, "wh_2"), 404, "STOCK_NOT_FOUND", details);
      expectError(await get(unique("prod")), 404, "STOCK_NOT_FOUND");
    });
  });
}
