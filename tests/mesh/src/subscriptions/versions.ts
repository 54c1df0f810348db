import { describe, expect, it } from "@jest/globals";
import type { Envelope, EventData } from "@weft/contracts";
import { eventually } from "@weft/testkit";
import { always, type MeshFixture, unique } from "../http/mesh-fixture.ts";
import { things } from "../http/things.ts";

/** Two event types are in their second minor: what is written now is 1.1, and whoever reads them reads 1.0 as well. */
export function versionTests(mesh: MeshFixture) {
  const { product, customer, promotion } = things(mesh);

  /**
   * As a producer that was not deployed again: the older version in envelope and header, no field that is newer, under the
   * id of the subject. Comes back when every one of the databases has its effect.
   */
  async function publishOld<T extends "PromotionCreated" | "ShipmentCreated">(
    type: T,
    data: EventData<T>,
    ...databases: string[]
  ) {
    const old: Envelope<T> = {
      eventId: unique("event"),
      eventType: type,
      version: "1.0",
      timestamp: new Date().toISOString(),
      source: "weft-cli",
      data,
    };
    await mesh.publisher.publishEnvelope(old);
    for (const database of databases) await mesh.effect(database, old.eventId);
    // The tests' own reader may be behind the service's.
    const record = await eventually("the record on its topic", () =>
      mesh.records(({ headers }) => headers["event-id"] === old.eventId).at(0),
    );
    expect(record).toMatchObject({ headers: { "event-version": "1.0" }, envelope: { version: "1.0" } });
  }

  const promotionOn = (productId: string) => ({
    promotionId: unique("promo"),
    name: "Since before",
    type: "percentage" as const,
    rules: { conditions: { productIds: [productId] }, actions: { discountValue: 5 } },
    ...always,
  });
  const shipmentOf = (productId: string, warehouseId: string, quantity = 1) => ({
    shipmentId: unique("shp"),
    orderId: unique("order"),
    fulfillmentEntity: { type: "warehouse" as const, id: warehouseId },
    items: [{ productId, sku: `SKU-${productId}`, quantity }],
  });

  describe("promotion: POST /v1/promotions", () => {
    it("publishes PromotionCreated 1.1, under the id that 1.0 has too [201]", async () => {
      const productId = await product();
      const body = promotionOn(productId);
      const answer = await mesh.api("POST", "/v1/promotions", {
        body: {
          ...body,
          type: "buy_x_get_y",
          rules: { ...body.rules, actions: { buyQuantity: 2, getQuantity: 1 } },
        },
      });
      expect(answer.status).toBe(201);
      const [written] = await mesh.events(body.promotionId);
      expect(written).toMatchObject({
        headers: { "event-version": "1.1" },
        envelope: { version: "1.1", data: { rules: { actions: { buyQuantity: 2, getQuantity: 1 } } } },
      });
      const old = promotionOn(productId);
      await publishOld("PromotionCreated", old, "catalog");
      const [older] = await mesh.events(old.promotionId);
      expect(older!.value!.readUInt32BE(1)).toBe(written!.value!.readUInt32BE(1));
    });
  });

  describe("shipping: POST /v1/shipments", () => {
    it("publishes ShipmentCreated 1.1, which says whose it is [201]", async () => {
      const customerId = await customer();
      const shipment = {
        ...shipmentOf(await product(), unique("store")),
        customerId,
        fulfillmentEntity: { type: "store", id: unique("store") },
      };
      const answer = await mesh.api("POST", "/v1/shipments", { body: shipment });
      expect(answer.status).toBe(201);
      const [written] = await mesh.events(shipment.shipmentId);
      expect(written).toMatchObject({
        headers: { "event-type": "ShipmentCreated", "event-version": "1.1" },
        envelope: { version: "1.1", data: { shipmentId: shipment.shipmentId, customerId } },
      });
    });
  });

  describe("promotion.events → catalog-service", () => {
    it("a promotion of 1.0 is shown on its product, beside one of 1.1 [PromotionCreated 1.0]", async () => {
      const productId = await product();
      const old = promotionOn(productId);
      await publishOld("PromotionCreated", old, "catalog");
      const promotionId = await promotion({ rules: promotionOn(productId).rules });
      const [created] = await mesh.events(promotionId);
      await mesh.effect("catalog", created!.envelope.eventId);
      const { data } = await mesh.api("GET", `/v1/catalog/products/${productId}`);
      const shown = data.promotions.map((one: { promotionId: string }) => one.promotionId);
      // Beside those of other tests that are for every product.
      expect(shown).toEqual(expect.arrayContaining([old.promotionId, promotionId]));
    });
  });

  describe("shipping.events → customer-service", () => {
    it("a shipment of 1.0 is nobody's: in no activity, in no dead letter, and in nobody's way [ShipmentCreated 1.0]", async () => {
      const customerId = await customer();
      const old = shipmentOf("prod_1", "wh_1");
      await publishOld("ShipmentCreated", old, "customer");
      const next = { ...shipmentOf("prod_1", "wh_1"), customerId };
      await mesh.publish("ShipmentCreated", next, "customer");
      const { data } = await mesh.api("GET", `/v1/customers/${customerId}/activity`);
      expect(data.activity.map((one: { details: { shipmentId: string } }) => one.details.shipmentId)).toEqual([
        next.shipmentId,
      ]);
      expect(mesh.records(({ topic, key }) => topic.endsWith(".dlq") && key === old.shipmentId)).toEqual([]);
    });
  });

  describe("shipping.events → review-service", () => {
    it("a shipment of 1.0 verifies nobody's purchase, one of 1.1 that of its customer [ShipmentCreated 1.0]", async () => {
      const [productId, customerId] = [await product(), await customer()];
      await publishOld("ShipmentCreated", shipmentOf(productId, "wh_1"), "review");
      const reviewId = unique("rev");
      const body = { reviewId, productId, customerId, rating: 5 };
      expect(await mesh.api("POST", "/v1/reviews", { body })).toMatchObject({ status: 201 });
      const verified = async () => (await mesh.api("GET", `/v1/reviews/${reviewId}`)).data.review.verifiedPurchase;
      expect(await verified()).toBe(false);
      await mesh.publish("ShipmentCreated", { ...shipmentOf(productId, "wh_1"), customerId }, "review");
      expect(await verified()).toBe(true);
    });
  });

  describe("shipping.events → warehouse-inventory-service", () => {
    it("a shipment of 1.0 takes its stock as one of 1.1 does [ShipmentCreated 1.0]", async () => {
      const [productId, warehouseId] = [await product(), unique("wh")];
      const path = `/v1/inventory/products/${productId}/warehouses/${warehouseId}`;
      expect(await mesh.api("PUT", path, { body: { onHand: 10 } })).toMatchObject({ status: 200 });
      await publishOld("ShipmentCreated", shipmentOf(productId, warehouseId, 3), "warehouse_inventory");
      const stock = async () => (await mesh.api("GET", path)).data.stock;
      expect(await stock()).toMatchObject({ onHand: 10, reserved: 3, available: 7 });
      const next = { ...shipmentOf(productId, warehouseId, 2), customerId: unique("cust") };
      await mesh.publish("ShipmentCreated", next, "warehouse_inventory");
      expect(await stock()).toMatchObject({ onHand: 10, reserved: 5, available: 5 });
    });
  });
}
