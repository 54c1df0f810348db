import { describe, expect, it } from "@jest/globals";
import { type MeshFixture, unique } from "../http/mesh-fixture.ts";
import { things } from "../http/things.ts";

/** What customer reads: applied promotions make spend and tier; shipments and reviews make activity. */
export function customerSubscriptions(mesh: MeshFixture) {
  const { customer } = things(mesh);
  const get = async (customerId: string) => (await mesh.api("GET", `/v1/customers/${customerId}`)).data.customer;
  const activity = async (customerId: string) =>
    (await mesh.api("GET", `/v1/customers/${customerId}/activity`)).data.activity;
  const now = () => new Date().toISOString();
  const applied = (customerId: string, amounts: object) =>
    mesh.publish(
      "PromotionApplied",
      { promotionId: "promo_1", orderId: unique("order"), customerId, discountAmount: 10, ...amounts },
      "customer",
    );
  const shipment = (customerId?: string) => ({
    shipmentId: unique("shp"),
    orderId: unique("order"),
    fulfillmentEntity: { type: "warehouse" as const, id: "wh_1" },
    items: [{ productId: "prod_1", sku: "SKU-1", quantity: 1 }],
    ...(customerId === undefined ? {} : { customerId }),
  });

  describe("promotion.events → customer-service", () => {
    it("spend: finalAmount, or originalAmount less discountAmount, or nothing [PromotionApplied]", async () => {
      const customerId = await customer();
      await applied(customerId, { originalAmount: 110, finalAmount: 90.1 });
      expect(await get(customerId)).toMatchObject({ lifetimeSpend: 90.1, tier: "bronze" });
      await applied(customerId, { originalAmount: 110.2 });
      expect((await get(customerId)).lifetimeSpend).toBe(190.3);
      await applied(customerId, {});
      expect((await get(customerId)).lifetimeSpend).toBe(190.3);
      await applied(customerId, { finalAmount: 809.7 });
      expect(await get(customerId)).toMatchObject({ lifetimeSpend: 1000, tier: "silver" });
    });

    it("PromotionApplied, and publishes CustomerUpdated when the tier rises, caused by it, and only then [PromotionApplied]", async () => {
      const customerId = await customer();
      await applied(customerId, { finalAmount: 1 });
      const cause = await applied(customerId, { finalAmount: 5000 });
      const events = await mesh.events(customerId, 2);
      expect(events.map(({ envelope }) => envelope.eventType)).toEqual(["CustomerCreated", "CustomerUpdated"]);
      expect(events[1]!.envelope.data).toMatchObject({ customerId, changes: { tier: "gold" } });
      expect(events[1]!.headers["causation-id"]).toBe(cause.eventId);
    });

    it("PromotionApplied of a customer who is only created later [PromotionApplied]", async () => {
      const customerId = unique("cust");
      await applied(customerId, { finalAmount: 1500 });
      await customer({ customerId });
      expect(await get(customerId)).toMatchObject({ lifetimeSpend: 1500, tier: "silver" });
    });
  });

  describe("shipping.events → customer-service", () => {
    it("1.1 with its customer, and 1.0, which has none and is in nobody's activity [ShipmentCreated] [ShipmentCreated 1.0]", async () => {
      const customerId = await customer();
      const data = shipment(customerId);
      await mesh.publish("ShipmentCreated", data, "customer");
      const old = {
        eventId: unique("event"),
        eventType: "ShipmentCreated" as const,
        version: "1.0",
        timestamp: now(),
        source: "shipping-service",
        data: shipment(),
      };
      await mesh.publisher.publishEnvelope(old);
      await mesh.effect("customer", old.eventId);
      expect(await activity(customerId)).toEqual([
        expect.objectContaining({
          type: "ShipmentCreated",
          occurredAt: expect.any(String),
          details: expect.objectContaining({ shipmentId: data.shipmentId, orderId: data.orderId }),
        }),
      ]);
    });

    it("every step of a shipment that names its customer [ShipmentStatusChanged]", async () => {
      const customerId = await customer();
      const { shipmentId, orderId } = shipment();
      const change = { shipmentId, orderId, from: "picked", to: "shipped", changedAt: now() } as const;
      await mesh.publish("ShipmentStatusChanged", { ...change, customerId }, "customer");
      await mesh.publish("ShipmentStatusChanged", change, "customer");
      expect(await activity(customerId)).toEqual([
        expect.objectContaining({
          type: "ShipmentStatusChanged",
          occurredAt: change.changedAt,
          details: expect.objectContaining({ shipmentId, from: "picked", to: "shipped" }),
        }),
      ]);
    });
  });

  describe("review.events → customer-service", () => {
    it("a review and its moderation, newest first [ReviewSubmitted] [ReviewModerated]", async () => {
      const customerId = await customer();
      const data = { reviewId: unique("rev"), productId: "prod_1", customerId, rating: 4 };
      await mesh.publish(
        "ReviewSubmitted",
        { ...data, title: "Light", status: "pending", submittedAt: now() },
        "customer",
      );
      const moderatedAt = now();
      await mesh.publish("ReviewModerated", { ...data, from: "pending", to: "approved", moderatedAt }, "customer");
      const shown = await activity(customerId);
      expect(shown.map(({ type }: { type: string }) => type)).toEqual(["ReviewModerated", "ReviewSubmitted"]);
      for (const { details } of shown) expect(details).toMatchObject({ reviewId: data.reviewId, rating: 4 });
    });
  });
}
