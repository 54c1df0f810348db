import { describe, expect, it } from "@jest/globals";
import { eventually } from "@weft/testkit";
import { always, type MeshFixture, soon, unique } from "../http/mesh-fixture.ts";
import { things } from "../http/things.ts";

/** What catalog reads: promotions, reviews, prices and stock. */
export function catalogSubscriptions(mesh: MeshFixture) {
  const { product, promotion } = things(mesh);
  const page = async (productId: string) => (await mesh.api("GET", `/v1/catalog/products/${productId}`)).data;
  const promotionsOn = async (productId: string): Promise<string[]> =>
    (await page(productId)).promotions.map(({ promotionId }: { promotionId: string }) => promotionId);

  describe("promotion.events → catalog-service", () => {
    it("PromotionCreated 1.1 and 1.0, and PromotionStatusChanged, of a producer that is not ours [PromotionCreated] [PromotionCreated 1.0] [PromotionStatusChanged]", async () => {
      const productId = await product();
      for (const version of ["1.1", "1.0"]) {
        const promotionId = unique("promo");
        const created = {
          eventId: unique("event"),
          eventType: "PromotionCreated" as const,
          version,
          timestamp: new Date().toISOString(),
          source: "weft-cli",
          data: {
            promotionId,
            name: "Foreign",
            type: "percentage" as const,
            rules: { conditions: { productIds: [productId] }, actions: { discountValue: 5 } },
            ...always,
          },
        };
        await mesh.publisher.publishEnvelope(created);
        await mesh.effect("catalog", created.eventId);
        // A status that is absent is that of a promotion that was just created.
        expect(await promotionsOn(productId)).toContain(promotionId);
        const change = (from: "active" | "inactive", to: "active" | "inactive") =>
          mesh.publish(
            "PromotionStatusChanged",
            { promotionId, from, to, changedAt: new Date().toISOString() },
            "catalog",
          );
        await change("active", "inactive");
        expect(await promotionsOn(productId)).not.toContain(promotionId);
        await change("inactive", "active");
        expect(await promotionsOn(productId)).toContain(promotionId);
      }
    });

    it("PromotionStatusChanged to expired [PromotionStatusChanged]", async () => {
      const productId = await product();
      const promotionId = await promotion({
        rules: { conditions: { productIds: [productId] }, actions: { discountValue: 1 } },
      });
      await eventually("it is shown", async () => (await promotionsOn(productId)).includes(promotionId));
      const changedAt = new Date().toISOString();
      await mesh.publish(
        "PromotionStatusChanged",
        { promotionId, from: "active", to: "expired", changedAt },
        "catalog",
      );
      expect(await promotionsOn(productId)).not.toContain(promotionId);
    });
  });

  describe("review.events → catalog-service", () => {
    it("the rating counts pending and approved reviews [ReviewSubmitted] [ReviewModerated]", async () => {
      const productId = await product();
      const customerId = unique("cust");
      const review = async (rating: number, status?: "pending" | "approved" | "rejected") => {
        const reviewId = unique("rev");
        const data = { reviewId, productId, customerId, rating, ...(status ? { status } : {}) };
        await mesh.publish("ReviewSubmitted", data, "catalog");
        return reviewId;
      };
      const moderate = (reviewId: string, rating: number, from: "pending" | "approved", to: "approved" | "rejected") =>
        mesh.publish(
          "ReviewModerated",
          { reviewId, productId, customerId, rating, from, to, moderatedAt: new Date().toISOString() },
          "catalog",
        );
      const rating = async () => (await page(productId)).rating;

      const first = await review(5, "pending");
      expect(await rating()).toEqual({ average: 5, count: 1 });
      const second = await review(2);
      expect(await rating()).toEqual({ average: 3.5, count: 2 });
      await review(1, "rejected");
      expect(await rating()).toEqual({ average: 3.5, count: 2 });
      await moderate(first, 5, "pending", "approved");
      expect(await rating()).toEqual({ average: 3.5, count: 2 });
      await moderate(second, 2, "pending", "rejected");
      expect(await rating()).toEqual({ average: 5, count: 1 });
      await moderate(first, 5, "approved", "rejected");
      expect(await rating()).toEqual({ average: 0, count: 0 });
    });

    it("a review's events in either order: moderation that comes first is not undone [ReviewSubmitted] [ReviewModerated]", async () => {
      const productId = await product();
      const [reviewId, customerId] = [unique("rev"), unique("cust")];
      const moderatedAt = new Date().toISOString();
      const data = { reviewId, productId, customerId, rating: 1 };
      await mesh.publish("ReviewModerated", { ...data, from: "pending", to: "rejected", moderatedAt }, "catalog");
      await mesh.publish("ReviewSubmitted", { ...data, status: "pending" }, "catalog");
      expect((await page(productId)).rating).toEqual({ average: 0, count: 0 });
    });
  });

  describe("pricing.events → catalog-service", () => {
    it("PriceChanged, and never shows a price that is older than 5 seconds [PriceChanged]", async () => {
      const productId = await product();
      const path = `/v1/pricing/products/${productId}/price`;
      for (const basePrice of [10, 11]) {
        await mesh.api("PUT", path, { body: { basePrice, currency: "EUR" } });
        const events = await mesh.events(productId, 1);
        const changed = await eventually("the change is published", async () =>
          (await mesh.events(productId)).find(
            ({ envelope }) => envelope.eventType === "PriceChanged" && envelope.data.basePrice === basePrice,
          ),
        );
        expect(events.length).toBeGreaterThan(0);
        await mesh.effect("catalog", changed.envelope.eventId);
        await eventually(
          "the page shows it",
          async () => (await page(productId)).pricing?.basePrice === basePrice,
          soon,
        );
      }
    });
  });

  describe("inventory.events → catalog-service", () => {
    it("what is available in each warehouse [StockChanged]", async () => {
      const productId = await product();
      const stock = (warehouseId: string, available: number) => ({
        productId,
        warehouseId,
        onHand: available + 3,
        reserved: 3,
        available,
        changedAt: new Date().toISOString(),
      });
      await mesh.publish("StockChanged", stock("wh_1", 37), "catalog");
      await mesh.publish("StockChanged", stock("wh_2", 0), "catalog");
      await mesh.publish("StockChanged", stock("wh_1", -2), "catalog");
      expect((await page(productId)).availability).toEqual([
        expect.objectContaining({ warehouseId: "wh_1", available: -2 }),
        expect.objectContaining({ warehouseId: "wh_2", available: 0 }),
      ]);
    });
  });
}
