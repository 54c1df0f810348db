import { describe, expect, it } from "@jest/globals";
import type { EventType } from "@weft/contracts";
import { eventually } from "@weft/testkit";
import { foreignClient } from "../grpc/foreign-client.ts";
import { expectError, type MeshFixture, soon, unique } from "../http/mesh-fixture.ts";
import { things } from "../http/things.ts";

/** What is held in this mesh without a shipment is released after this: a shipment's own must be confirmed before. */
export const reservationTtl = { WEFT_RESERVATION_TTL: "8s" };

/** Every event from the request that makes it, through the gateway, to what its reader then answers. */
export function eventArrows(mesh: MeshFixture) {
  const { product, price, customer, promotion, stock, order, shipment, review } = things(mesh);

  const page = async (productId: string) => (await mesh.api("GET", `/v1/catalog/products/${productId}`)).data;
  const patchProduct = async (productId: string, body: object) =>
    expect(await mesh.api("PATCH", `/v1/catalog/products/${productId}`, { body })).toMatchObject({ status: 200 });
  const patchCustomer = async (customerId: string, body: object) =>
    expect(await mesh.api("PATCH", `/v1/customers/${customerId}`, { body })).toMatchObject({ status: 200 });
  const moderate = async (reviewId: string, status: string) =>
    expect(await mesh.api("PATCH", `/v1/reviews/${reviewId}`, { body: { status } })).toMatchObject({ status: 200 });
  const move = async (shipmentId: string, ...statuses: string[]) => {
    for (const status of statuses) {
      const answer = await mesh.api("PATCH", `/v1/shipments/${shipmentId}`, { body: { status } });
      expect(answer).toMatchObject({ status: 200 });
    }
  };
  const apply = (promotionId: string, customerId: string, fields: object = {}) =>
    mesh.api("POST", `/v1/promotions/${promotionId}/apply`, { body: order({ customerId, ...fields }) });
  const reviewShown = async (reviewId: string) => (await mesh.api("GET", `/v1/reviews/${reviewId}`)).data.review;

  /** Waits until a question has this answer. */
  const becomes = async <T>(ask: () => Promise<T>, expected: T) => {
    let last: T | undefined;
    const is = async () => {
      last = await ask();
      return JSON.stringify(last) === JSON.stringify(expected);
    };
    await eventually(`it is ${JSON.stringify(expected)}`, is, soon).catch(() => expect(last).toEqual(expected));
  };
  /** Waits until the first event of this type and key, or the `nth`, had its effect in a database. */
  const cameBy = async (type: EventType, key: string, database: string, nth = 1) => {
    const event = await eventually(
      `${type} of ${key}`,
      () => mesh.records((record) => record.key === key && record.envelope?.eventType === type)[nth - 1],
    );
    await mesh.effect(database, event.envelope!.eventId);
  };

  /** A shipment of two units of a product of which the warehouse has five. */
  async function shipmentFromWarehouse() {
    const [productId, warehouseId] = [await product(), unique("wh")];
    await stock(productId, warehouseId, 5);
    const shipmentId = await shipment({
      fulfillmentEntity: { type: "warehouse", id: warehouseId },
      items: [{ productId, sku: `SKU-${productId}`, quantity: 2 }],
    });
    const counted = async () => {
      const answer = await mesh.api("GET", `/v1/inventory/products/${productId}/warehouses/${warehouseId}`);
      const { onHand, reserved, available } = answer.data.stock;
      return { onHand, reserved, available };
    };
    return { productId, warehouseId, shipmentId, counted };
  }

  /** A customer's shipment of a product, and the customer's review of it. */
  async function reviewOfPurchase() {
    const [productId, customerId] = [await product(), unique("cust")];
    const reviewId = await review({ productId, customerId });
    const isVerified = async () => (await reviewShown(reviewId)).verifiedPurchase;
    expect(await isVerified()).toBe(false);
    const items = [{ productId, sku: `SKU-${productId}`, quantity: 1 }];
    return { shipmentId: await shipment({ customerId, items }), isVerified };
  }

  describe("review.events → catalog-service", () => {
    const ratingOf = (productId: string) => async () => (await page(productId)).rating;

    it("a review counts in the rating of its product [ReviewSubmitted]", async () => {
      const productId = await product();
      expect((await page(productId)).rating).toEqual({ average: 0, count: 0 });
      const reviewId = await review({ productId, customerId: unique("cust") });
      await becomes(ratingOf(productId), { average: 4, count: 1 });
      await cameBy("ReviewSubmitted", reviewId, "catalog");
    });

    it("one that was rejected does not, and one that was approved after all does [ReviewModerated]", async () => {
      const productId = await product();
      const reviewId = await review({ productId, customerId: unique("cust") });
      await becomes(ratingOf(productId), { average: 4, count: 1 });
      await moderate(reviewId, "rejected");
      await becomes(ratingOf(productId), { average: 0, count: 0 });
      await moderate(reviewId, "approved");
      await becomes(ratingOf(productId), { average: 4, count: 1 });
      await cameBy("ReviewModerated", reviewId, "catalog", 2);
    });
  });

  /** Types of what a customer did, newest first. */
  const activity = (customerId: string, ...fields: string[]) => {
    type Entry = { type: string; details: Record<string, string> };
    return async () => {
      const answer = await mesh.api<{ activity: Entry[] }>("GET", `/v1/customers/${customerId}/activity`);
      return answer.data.activity.map(({ type, details }) => [type, ...fields.map((field) => details[field])]);
    };
  };

  describe("review.events → customer-service", () => {
    it("a review and its moderation are in the activity of its author [ReviewSubmitted] [ReviewModerated]", async () => {
      const customerId = await customer();
      const reviewId = await review({ productId: await product(), customerId });
      await becomes(activity(customerId, "reviewId"), [["ReviewSubmitted", reviewId]]);
      await moderate(reviewId, "approved");
      await becomes(activity(customerId, "reviewId", "to"), [
        ["ReviewModerated", reviewId, "approved"],
        ["ReviewSubmitted", reviewId, undefined],
      ] as string[][]);
    });
  });

  describe("promotion.events → catalog-service", () => {
    it("a promotion is on the page of its product, while it is active [PromotionCreated] [PromotionStatusChanged]", async () => {
      const productId = await product();
      const rules = { conditions: { productIds: [productId] }, actions: { discountValue: 10 } };
      const promotionId = await promotion({ rules });
      const isShown = async () => {
        const { promotions } = await page(productId);
        return promotions.some((one: { promotionId: string }) => one.promotionId === promotionId);
      };
      await becomes(isShown, true);
      await cameBy("PromotionCreated", promotionId, "catalog");
      const turn = (status: string) => mesh.api("PATCH", `/v1/promotions/${promotionId}`, { body: { status } });
      expect(await turn("inactive")).toMatchObject({ status: 200 });
      await becomes(isShown, false);
      expect(await turn("active")).toMatchObject({ status: 200 });
      await becomes(isShown, true);
      await cameBy("PromotionStatusChanged", promotionId, "catalog", 2);
    });
  });

  describe("promotion.events → customer-service", () => {
    it("what an order costs is spent by its customer, whose tier rises with it [PromotionApplied]", async () => {
      const customerId = await customer();
      const promotionId = await promotion();
      const items = [{ productId: "prod_1", quantity: 2, unitPrice: 600 }];
      const orderId = unique("order");
      expect(await apply(promotionId, customerId, { orderId, items })).toMatchObject({ status: 201 });
      await becomes(
        async () => {
          const { lifetimeSpend, tier } = (await mesh.api("GET", `/v1/customers/${customerId}`)).data.customer;
          return { lifetimeSpend, tier };
        },
        { lifetimeSpend: 1080, tier: "silver" },
      );
      await cameBy("PromotionApplied", orderId, "customer");
    });
  });

  describe("customer.events → promotion-service", () => {
    const forTier = (tier: string) =>
      promotion({ rules: { conditions: { customerTiers: [tier] }, actions: { discountValue: 10 } } });

    it("the tier of a customer is known without asking customer-service [CustomerCreated]", async () => {
      const [silver, gold] = [await forTier("silver"), await forTier("gold")];
      const customerId = await customer({ tier: "silver" });
      await cameBy("CustomerCreated", customerId, "promotion");
      await mesh.whileFrozen("customer-service", async () => {
        expect((await apply(silver, customerId)).status).toBe(201);
        expectError(await apply(gold, customerId), 409, "PROMOTION_NOT_APPLICABLE", { reason: "customer_tier" });
      });
    });

    it("and so is the next one [CustomerUpdated]", async () => {
      const [silver, gold] = [await forTier("silver"), await forTier("gold")];
      const customerId = await customer({ tier: "silver" });
      await cameBy("CustomerCreated", customerId, "promotion");
      await patchCustomer(customerId, { tier: "gold" });
      await becomes(async () => (await apply(gold, customerId)).status, 201);
      await cameBy("CustomerUpdated", customerId, "promotion");
      expectError(await apply(silver, customerId), 409, "PROMOTION_NOT_APPLICABLE", { reason: "customer_tier" });
    });
  });

  describe("customer.events → review-service", () => {
    it("a review bears its author's name, and the new one after a change [CustomerCreated] [CustomerUpdated]", async () => {
      const customerId = unique("cust");
      const reviewId = await review({ productId: await product(), customerId });
      expect(await reviewShown(reviewId)).not.toHaveProperty("authorName");
      await customer({ customerId });
      const name = async () => (await reviewShown(reviewId)).authorName;
      await becomes(name, "Ada Byron");
      await cameBy("CustomerCreated", customerId, "review");
      await patchCustomer(customerId, { profile: { lastName: "Lovelace" } });
      await becomes(name, "Ada Lovelace");
      await cameBy("CustomerUpdated", customerId, "review");
    });
  });

  describe("shipping.events → customer-service", () => {
    it("a shipment and its steps are in the customer's activity [ShipmentCreated] [ShipmentStatusChanged]", async () => {
      const customerId = await customer();
      const shipmentId = await shipment({ customerId });
      await becomes(activity(customerId, "shipmentId"), [["ShipmentCreated", shipmentId]]);
      await move(shipmentId, "picked", "shipped");
      await becomes(activity(customerId, "shipmentId", "to"), [
        ["ShipmentStatusChanged", shipmentId, "shipped"],
        ["ShipmentStatusChanged", shipmentId, "picked"],
        ["ShipmentCreated", shipmentId, undefined],
      ] as string[][]);
    });
  });

  describe("shipping.events → review-service", () => {
    it("a review of what was shipped to its author is verified [ShipmentCreated]", async () => {
      const { shipmentId, isVerified } = await reviewOfPurchase();
      await becomes(isVerified, true);
      await cameBy("ShipmentCreated", shipmentId, "review");
    });

    it("and no longer, once the shipment is cancelled [ShipmentStatusChanged]", async () => {
      const { shipmentId, isVerified } = await reviewOfPurchase();
      await becomes(isVerified, true);
      await move(shipmentId, "cancelled");
      await becomes(isVerified, false);
      await cameBy("ShipmentStatusChanged", shipmentId, "review");
    });
  });

  describe("shipping.events → warehouse-inventory-service", () => {
    const inventory = foreignClient(mesh, {
      service: "warehouse-inventory-service",
      proto: "inventory/v1/inventory.proto",
      name: "inventory.v1.InventoryService",
    });

    it("what a shipment reserved stays reserved, where a reservation without one is released [ShipmentCreated]", async () => {
      const { productId, warehouseId, shipmentId, counted } = await shipmentFromWarehouse();
      const held = await inventory("ReserveStock", {
        reservation_id: unique("shp"),
        order_id: unique("order"),
        warehouse_id: warehouseId,
        items: [{ product_id: productId, quantity: 1 }],
      });
      expect(held.status).toBe("OK");
      expect(await counted()).toEqual({ onHand: 5, reserved: 3, available: 2 });
      // The shipment's was there first: unconfirmed, it would have been released no later than the other.
      await becomes(counted, { onHand: 5, reserved: 2, available: 3 });
      await cameBy("ShipmentCreated", shipmentId, "warehouse_inventory");
    });

    it("a cancelled shipment gives its stock back [ShipmentStatusChanged]", async () => {
      const { shipmentId, counted } = await shipmentFromWarehouse();
      await cameBy("ShipmentCreated", shipmentId, "warehouse_inventory");
      await move(shipmentId, "cancelled");
      await becomes(counted, { onHand: 5, reserved: 0, available: 5 });
      await cameBy("ShipmentStatusChanged", shipmentId, "warehouse_inventory");
    });

    it("what was shipped is there no more [ShipmentStatusChanged]", async () => {
      const { shipmentId, counted } = await shipmentFromWarehouse();
      await move(shipmentId, "picked", "shipped");
      await becomes(counted, { onHand: 3, reserved: 0, available: 3 });
      await cameBy("ShipmentStatusChanged", shipmentId, "warehouse_inventory");
    });
  });

  describe("pricing.events → catalog-service", () => {
    it("the page has the new price, and the change is written down [PriceChanged]", async () => {
      const productId = await product();
      // Catalog asks for the price of a page each time; what the event leaves is not on it.
      for (const [index, basePrice] of [10, 12.5].entries()) {
        await price(productId, basePrice);
        await cameBy("PriceChanged", productId, "catalog", index + 1);
        expect((await page(productId)).pricing).toMatchObject({ finalPrice: basePrice });
      }
    });
  });

  describe("inventory.events → catalog-service", () => {
    it("the page says what is available where, after a count and after a reservation [StockChanged]", async () => {
      const { productId, warehouseId, shipmentId } = await shipmentFromWarehouse();
      const available = async () => {
        const { availability } = await page(productId);
        return availability.map((one: { warehouseId: string; available: number }) => [one.warehouseId, one.available]);
      };
      await becomes(available, [[warehouseId, 3]]);
      await move(shipmentId, "cancelled");
      await becomes(available, [[warehouseId, 5]]);
      await stock(productId, warehouseId, 8);
      await becomes(available, [[warehouseId, 8]]);
      await cameBy("StockChanged", productId, "catalog", 4);
    });
  });

  /** As if no event had ever come: what another event does is then seen by itself. */
  const forget = async (database: string, productId: string) =>
    expect(
      await mesh.rows(database, "DELETE FROM known_products WHERE product_id = $1 RETURNING 1", [productId]),
    ).toHaveLength(1);

  describe("catalog.events → pricing-service", () => {
    it("a product without a price is a known one [ProductCreated] [ProductUpdated]", async () => {
      const productId = unique("prod");
      const isKnown = async () => {
        const answer = await mesh.api("GET", `/v1/pricing/products/${productId}/price`);
        expectError(answer, 404, "PRICE_NOT_FOUND");
        return answer.error!.details!.known_product;
      };
      expect(await isKnown()).toBe(false);
      await product({ productId });
      await becomes(isKnown, true);
      await cameBy("ProductCreated", productId, "pricing");
      await forget("pricing", productId);
      expect(await isKnown()).toBe(false);
      await patchProduct(productId, { name: "Other" });
      await becomes(isKnown, true);
      await cameBy("ProductUpdated", productId, "pricing");
    });
  });

  describe("catalog.events → review-service", () => {
    it("a product can be reviewed without asking catalog-service [ProductCreated] [ProductUpdated]", async () => {
      const productId = await product();
      const reviewed = () => review({ productId, customerId: unique("cust") });
      await cameBy("ProductCreated", productId, "review");
      await mesh.whileFrozen("catalog-service", reviewed);
      await forget("review", productId);
      await patchProduct(productId, { name: "Other" });
      await cameBy("ProductUpdated", productId, "review");
      await mesh.whileFrozen("catalog-service", reviewed);
    });
  });

  describe("catalog.events → promotion-service", () => {
    it("the promotions of a product are those of its category, and of the next one [ProductCreated] [ProductUpdated]", async () => {
      const [before, after] = [unique("cat"), unique("cat")];
      const ofCategory = (categoryId: string) =>
        promotion({ rules: { conditions: { categoryIds: [categoryId] }, actions: { discountValue: 10 } } });
      const promotionIds = [await ofCategory(before), await ofCategory(after)];
      const productId = unique("prod");
      const found = async () => {
        const { data } = await mesh.api("GET", `/v1/promotions?productId=${productId}&limit=100`);
        const ids = data.promotions.map((one: { promotionId: string }) => one.promotionId);
        return promotionIds.map((id) => ids.includes(id));
      };
      expect(await found()).toEqual([false, false]);
      await product({ productId, categoryId: before });
      await becomes(found, [true, false]);
      await cameBy("ProductCreated", productId, "promotion");
      await patchProduct(productId, { categoryId: after });
      await becomes(found, [false, true]);
      await cameBy("ProductUpdated", productId, "promotion");
    });
  });
}
