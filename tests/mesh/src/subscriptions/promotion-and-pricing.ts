import { describe, expect, it } from "@jest/globals";
import { eventually } from "@weft/testkit";
import { expectError, type MeshFixture, unique } from "../http/mesh-fixture.ts";
import { things } from "../http/things.ts";

/** What promotion reads of customers and products, and pricing of products. */
export function promotionAndPricingSubscriptions(mesh: MeshFixture) {
  const { product, promotion, order } = things(mesh);
  const now = () => new Date().toISOString();

  describe("customer.events → promotion-service", () => {
    const tiered = (tier: string) =>
      promotion({ rules: { conditions: { customerTiers: [tier] }, actions: { discountValue: 10 } } });
    const apply = (promotionId: string, customerId: string) =>
      mesh.api("POST", `/v1/promotions/${promotionId}/apply`, { body: order({ customerId }) });

    it("the tier that a customer has by them, without asking anybody [CustomerCreated] [CustomerUpdated]", async () => {
      // customer-service does not know this one: what promotion answers, it has from the events.
      const customerId = unique("cust");
      const [silver, gold] = [await tiered("silver"), await tiered("gold")];
      const profile = { firstName: "Ada", lastName: "Byron" };
      await mesh.publish("CustomerCreated", { customerId, profile, tier: "silver", createdAt: now() }, "promotion");
      expect((await apply(silver, customerId)).status).toBe(201);
      expectError(await apply(gold, customerId), 409, "PROMOTION_NOT_APPLICABLE", { reason: "customer_tier" });
      await mesh.publish("CustomerUpdated", { customerId, changes: { tier: "gold" } }, "promotion");
      expect((await apply(gold, customerId)).status).toBe(201);
      await mesh.publish("CustomerUpdated", { customerId, changes: { profile } }, "promotion");
      expect((await apply(gold, customerId)).status).toBe(201);
      expectError(await apply(silver, customerId), 409, "PROMOTION_NOT_APPLICABLE", { reason: "customer_tier" });
    });
  });

  describe("catalog.events → promotion-service", () => {
    it("the category by which a product's promotions are found [ProductCreated] [ProductUpdated]", async () => {
      const [before, after, productId] = [unique("cat"), unique("cat"), unique("prod")];
      const ofCategory = (categoryId: string) =>
        promotion({ rules: { conditions: { categoryIds: [categoryId] }, actions: { discountValue: 10 } } });
      const [first, second] = [await ofCategory(before), await ofCategory(after)];
      const found = async () => {
        const { data } = await mesh.api("GET", `/v1/promotions?productId=${productId}&limit=100`);
        const ids = data.promotions.map(({ promotionId }: { promotionId: string }) => promotionId);
        return [first, second].filter((id) => ids.includes(id));
      };
      expect(await found()).toEqual([]);
      await mesh.publish(
        "ProductCreated",
        { productId, sku: unique("SKU"), name: "N", categoryId: before, createdAt: now() },
        "promotion",
      );
      expect(await found()).toEqual([first]);
      await mesh.publish(
        "ProductUpdated",
        { productId, changes: { categoryId: after }, updatedAt: now() },
        "promotion",
      );
      expect(await found()).toEqual([second]);
    });
  });

  describe("catalog.events → pricing-service", () => {
    it("the products that there are [ProductCreated] [ProductUpdated]", async () => {
      const productId = await product();
      await mesh.api("PATCH", `/v1/catalog/products/${productId}`, { body: { name: "Other" } });
      const events = await mesh.events(productId, 2);
      expect(events.map(({ envelope }) => envelope.eventType)).toEqual(["ProductCreated", "ProductUpdated"]);
      for (const { envelope } of events) await mesh.effect("pricing", envelope.eventId);
      const foreign = unique("prod");
      await mesh.publish("ProductUpdated", { productId: foreign, changes: { name: "N" }, updatedAt: now() }, "pricing");
      for (const known of [productId, foreign]) {
        await eventually("it is known", async () => {
          const answer = await mesh.api("GET", `/v1/pricing/products/${known}/price`);
          expectError(answer, 404, "PRICE_NOT_FOUND", { known_product: true });
          return true;
        });
      }
    });
  });
}
