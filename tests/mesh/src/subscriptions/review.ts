import { describe, expect, it } from "@jest/globals";
import type { EventType } from "@weft/contracts";
import { envelope, expectError, type MeshFixture, unique } from "../http/mesh-fixture.ts";
import { things } from "../http/things.ts";

/** What review reads: products that can be reviewed, names of authors, and purchases. */
export function reviewSubscriptions(mesh: MeshFixture) {
  const { product } = things(mesh);
  const now = () => new Date().toISOString();
  const write = (body: { productId: string; customerId?: string }) =>
    mesh.api("POST", "/v1/reviews", { body: { customerId: unique("cust"), rating: 4, ...body } });
  const written = async (body: { productId: string; customerId: string }): Promise<string> =>
    (await write(body)).data.review.reviewId;
  const review = async (reviewId: string) => (await mesh.api("GET", `/v1/reviews/${reviewId}`)).data.review;

  /** As a producer with an order of its own would send it; comes back when review has dealt with it. */
  async function tell(type: EventType, data: object, { sequence, version }: { sequence?: number; version?: string }) {
    const told = envelope(type, data as never, version === undefined ? {} : { version });
    await mesh.send(told, sequence === undefined ? {} : { sequence });
    await mesh.effect("review", told.eventId);
  }

  describe("catalog.events → review-service", () => {
    it("a product that catalog does not have can be reviewed [ProductCreated] [ProductUpdated]", async () => {
      const [created, updated] = [unique("prod"), unique("prod")];
      for (const productId of [created, updated]) expectError(await write({ productId }), 404, "PRODUCT_NOT_FOUND");
      await mesh.publish(
        "ProductCreated",
        { productId: created, sku: unique("SKU"), name: "N", categoryId: "c", createdAt: now() },
        "review",
      );
      await mesh.publish("ProductUpdated", { productId: updated, changes: { name: "N" }, updatedAt: now() }, "review");
      for (const productId of [created, updated]) expect((await write({ productId })).status).toBe(201);
    });
  });

  describe("customer.events → review-service", () => {
    const created = (customerId: string, profile: { firstName: string; lastName: string; phone?: string }) => ({
      customerId,
      profile,
      tier: "bronze" as const,
      createdAt: now(),
    });

    it("the author's name, also in reviews that were written before, and as it is now [CustomerCreated] [CustomerUpdated]", async () => {
      const customerId = unique("cust");
      const reviewId = await written({ productId: await product(), customerId });
      expect(await review(reviewId)).not.toHaveProperty("authorName");
      await mesh.publish(
        "CustomerCreated",
        created(customerId, { firstName: "Ada", lastName: "Byron", phone: "1" }),
        "review",
      );
      expect((await review(reviewId)).authorName).toBe("Ada Byron");
      const update = (changes: object) => mesh.publish("CustomerUpdated", { customerId, changes }, "review");
      await update({ profile: { firstName: "Ada", lastName: "Lovelace" } });
      expect((await review(reviewId)).authorName).toBe("Ada Lovelace");
      await update({ tier: "gold" });
      expect((await review(reviewId)).authorName).toBe("Ada Lovelace");
      await update({ profile: { firstName: "Ada" } });
      expect((await review(reviewId)).authorName).toBe("Ada");
      await update({ profile: { firstName: 7, phone: "1" } });
      expect(await review(reviewId)).not.toHaveProperty("authorName");
    });

    it("a name that comes late does not undo a newer one [CustomerCreated] [CustomerUpdated]", async () => {
      const customerId = unique("cust");
      const reviewId = await written({ productId: await product(), customerId });
      const named = (lastName: string) => ({ customerId, changes: { profile: { firstName: "Ada", lastName } } });
      await mesh.openPlaces("CustomerUpdated", customerId, 2);
      await tell("CustomerUpdated", named("Lovelace"), { sequence: 3 });
      await tell("CustomerUpdated", named("King"), { sequence: 2 });
      await tell("CustomerCreated", created(customerId, { firstName: "Ada", lastName: "Byron" }), { sequence: 1 });
      expect((await review(reviewId)).authorName).toBe("Ada Lovelace");
    });
  });

  describe("shipping.events → review-service", () => {
    const shipment = (customerId: string | undefined, ...productIds: string[]) => ({
      shipmentId: unique("shp"),
      orderId: unique("order"),
      fulfillmentEntity: { type: "warehouse" as const, id: "wh_1" },
      items: [
        { sku: "SKU-1", quantity: 1 },
        ...productIds.map((productId) => ({ productId, sku: "SKU-2", quantity: 1 })),
      ],
      ...(customerId === undefined ? {} : { customerId }),
    });
    type Shipment = ReturnType<typeof shipment>;
    const change = ({ shipmentId, orderId }: Shipment, to: "shipped" | "cancelled", customerId?: string) => ({
      shipmentId,
      orderId,
      from: "picked" as const,
      to,
      changedAt: now(),
      ...(customerId === undefined ? {} : { customerId }),
    });

    it("verifies the purchase of this customer and product, before the review and after it [ShipmentCreated]", async () => {
      const productId = await product();
      const [buyer, later, stranger] = [unique("cust"), unique("cust"), unique("cust")];
      await mesh.publish("ShipmentCreated", shipment(buyer, "prod_other", productId), "review");
      const verified = async (customerId: string) => (await write({ productId, customerId })).data.review;
      expect((await verified(buyer)).verifiedPurchase).toBe(true);
      expect((await verified(stranger)).verifiedPurchase).toBe(false);
      const { reviewId, verifiedPurchase } = await verified(later);
      expect(verifiedPurchase).toBe(false);
      await mesh.publish("ShipmentCreated", shipment(later, "prod_other"), "review");
      expect((await review(reviewId)).verifiedPurchase).toBe(false);
      await mesh.publish("ShipmentCreated", shipment(later, productId), "review");
      expect((await review(reviewId)).verifiedPurchase).toBe(true);
    });

    it("does not while every shipment is cancelled [ShipmentCreated] [ShipmentStatusChanged]", async () => {
      const productId = await product();
      const customerId = unique("cust");
      const [one, two] = [shipment(customerId, productId), shipment(customerId, productId)];
      const reviewId = await written({ productId, customerId });
      for (const made of [one, two]) await mesh.publish("ShipmentCreated", made, "review");
      await mesh.publish("ShipmentStatusChanged", change(one, "cancelled", customerId), "review");
      expect((await review(reviewId)).verifiedPurchase).toBe(true);
      await mesh.publish("ShipmentStatusChanged", change(two, "cancelled", customerId), "review");
      expect((await review(reviewId)).verifiedPurchase).toBe(false);
    });

    it("knows a shipment whose events come in the wrong order [ShipmentCreated] [ShipmentStatusChanged]", async () => {
      const productId = await product();
      const customerId = unique("cust");
      const reviewId = await written({ productId, customerId });
      const cancelled = shipment(customerId, productId);
      await mesh.openPlaces("ShipmentCreated", cancelled.shipmentId, 2);
      await tell("ShipmentStatusChanged", change(cancelled, "cancelled", customerId), { sequence: 3 });
      await tell("ShipmentStatusChanged", change(cancelled, "shipped", customerId), { sequence: 2 });
      await tell("ShipmentCreated", cancelled, { sequence: 1 });
      expect((await review(reviewId)).verifiedPurchase).toBe(false);
      const shipped = shipment(customerId, productId);
      await mesh.openPlaces("ShipmentCreated", shipped.shipmentId, 1);
      await tell("ShipmentStatusChanged", change(shipped, "shipped"), { sequence: 2 });
      await tell("ShipmentCreated", shipped, { sequence: 1 });
      expect((await review(reviewId)).verifiedPurchase).toBe(true);
    });

    it("takes 1.0, which says nobody's, and verifies nothing until a later event says whose [ShipmentCreated 1.0] [ShipmentStatusChanged]", async () => {
      const productId = await product();
      const customerId = unique("cust");
      const reviewId = await written({ productId, customerId });
      const old = shipment(undefined, productId);
      await tell("ShipmentCreated", old, { version: "1.0" });
      expect((await review(reviewId)).verifiedPurchase).toBe(false);
      await mesh.publish("ShipmentStatusChanged", change(old, "shipped"), "review");
      expect((await review(reviewId)).verifiedPurchase).toBe(false);
      await mesh.publish("ShipmentStatusChanged", change(old, "shipped", customerId), "review");
      expect((await review(reviewId)).verifiedPurchase).toBe(true);
    });
  });
}
