import { expect } from "@jest/globals";
import { always, type MeshFixture, unique } from "./mesh-fixture.ts";

/** A shipment that a store sends, without an id of its own. */
export const newShipment = () => ({
  orderId: unique("order"),
  customerId: "cust_of_tests",
  fulfillmentEntity: { type: "store", id: "store_1" },
  items: [{ productId: "prod_1", sku: "SKU-1", quantity: 1 }],
});

/** What tests need to exist, made through the API. Each gives back its id. */
export const things = (mesh: MeshFixture) => ({
  async product(fields: { productId?: string; sku?: string; name?: string; categoryId?: string } = {}) {
    const productId = fields.productId ?? unique("prod");
    const body = { productId, sku: `SKU-${productId}`, name: `Product ${productId}`, categoryId: "general", ...fields };
    const answer = await mesh.api("POST", "/v1/catalog/products", { body });
    expect(answer).toMatchObject({ status: 201 });
    return productId;
  },

  async price(productId: string, basePrice: number, warehouseId?: string) {
    const body = { basePrice, currency: "EUR", ...(warehouseId === undefined ? {} : { warehouseId }) };
    const answer = await mesh.api("PUT", `/v1/pricing/products/${productId}/price`, { body });
    expect(answer).toMatchObject({ status: 200 });
  },

  async customer(fields: { customerId?: string; tier?: string } = {}) {
    const customerId = fields.customerId ?? unique("cust");
    const body = {
      customerId,
      email: `${customerId}@example.com`,
      profile: { firstName: "Ada", lastName: "Byron" },
      ...fields,
    };
    const answer = await mesh.api("POST", "/v1/customers", { body });
    expect(answer).toMatchObject({ status: 201 });
    return customerId;
  },

  /** Without more: 10 % off everything, always. */
  async promotion(fields: Record<string, unknown> = {}) {
    const promotionId = (fields.promotionId as string) ?? unique("promo");
    const body = {
      promotionId,
      name: `Promotion ${promotionId}`,
      type: "percentage",
      rules: { conditions: {}, actions: { discountValue: 10 } },
      ...always,
      ...fields,
    };
    const answer = await mesh.api("POST", "/v1/promotions", { body });
    expect(answer).toMatchObject({ status: 201 });
    return promotionId;
  },

  async stock(productId: string, warehouseId: string, onHand: number) {
    const path = `/v1/inventory/products/${productId}/warehouses/${warehouseId}`;
    expect(await mesh.api("PUT", path, { body: { onHand } })).toMatchObject({ status: 200 });
  },

  /** Without more: from a store, for which no stock is reserved. */
  async shipment(fields: Record<string, unknown> = {}) {
    const shipmentId = (fields.shipmentId as string) ?? unique("shp");
    const body = { shipmentId, ...newShipment(), ...fields };
    const answer = await mesh.api("POST", "/v1/shipments", { body });
    expect(answer).toMatchObject({ status: 201 });
    return shipmentId;
  },

  async review(fields: { productId: string; customerId: string }) {
    const reviewId = unique("rev");
    const answer = await mesh.api("POST", "/v1/reviews", { body: { reviewId, rating: 4, ...fields } });
    expect(answer).toMatchObject({ status: 201 });
    return reviewId;
  },

  order: (fields: Record<string, unknown> = {}) => ({
    orderId: unique("order"),
    customerId: "cust_of_tests",
    items: [{ productId: "prod_1", quantity: 1, unitPrice: 100 }],
    ...fields,
  }),
});
