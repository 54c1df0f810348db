import { describe, expect, it } from "@jest/globals";
import { type ApiAnswer, eventually } from "@weft/testkit";
import { expectError, type MeshFixture, pageWithout, unique } from "../http/mesh-fixture.ts";
import { newShipment, things } from "../http/things.ts";

/**
 * Every call between services: what the caller answers has it from the other, and says whom it misses while the other
 * answers nobody.
 */
export function callArrows(mesh: MeshFixture) {
  const { product, price, promotion, customer, stock, order } = things(mesh);

  /** Asks while a service hangs, and again until it is back. */
  async function withAndWithout<T>(service: string, ask: () => Promise<ApiAnswer<T>>, status: number, askFrozen = ask) {
    const without = await mesh.whileFrozen(service, askFrozen);
    const back = async () => {
      const answer = await ask();
      return answer.status === status && answer.meta.degraded === undefined && answer;
    };
    return { without, with: await eventually(`${service} is back`, back, { timeoutMs: 120_000 }) };
  }

  describe("catalog-service → pricing-service over http", () => {
    it("the price on the page", async () => {
      const productId = await product();
      await price(productId, 10);
      const page = () => mesh.api("GET", `/v1/catalog/products/${productId}`);
      expect((await pageWithout([], page)).data.pricing).toMatchObject({ productId, basePrice: 10, currency: "EUR" });
      const seen = await withAndWithout("pricing-service", page, 200, () => pageWithout(["pricing-service"], page));
      expect(seen.without).toMatchObject({
        status: 200,
        data: { pricing: null },
        meta: { degraded: ["pricing-service"] },
      });
      expect(seen.with.data.pricing).toMatchObject({ productId, basePrice: 10 });
    }, 180_000);
  });

  describe("catalog-service → warehouse-inventory-service over grpc", () => {
    it("the stock on the page", async () => {
      const [productId, warehouseId] = [await product(), unique("wh")];
      await stock(productId, warehouseId, 5);
      const page = () => mesh.api("GET", `/v1/catalog/products/${productId}?warehouseId=${warehouseId}&quantity=6`);
      const told = { productId, warehouseId, available: 5, reserved: 0, inStock: false };
      expect((await pageWithout([], page)).data.stock).toEqual(told);
      const degraded = ["warehouse-inventory-service"];
      const seen = await withAndWithout("warehouse-inventory-service", page, 200, () => pageWithout(degraded, page));
      expect(seen.without).toMatchObject({ status: 200, data: { stock: null }, meta: { degraded } });
      expect(seen.with.data.stock).toEqual(told);
    }, 180_000);
  });

  describe("promotion-service → customer-service over http", () => {
    it("the tier of a customer of whom no event has come", async () => {
      const promotionId = await promotion({
        rules: { conditions: { customerTiers: ["gold"] }, actions: { discountValue: 10 } },
      });
      const apply = (customerId: string) =>
        mesh.api("POST", `/v1/promotions/${promotionId}/apply`, { body: order({ customerId }) });
      const blocker = await mesh.connect("promotion");
      try {
        await blocker.query("BEGIN");
        // No event of customer-service can have its effect before the end of this transaction.
        await blocker.query("LOCK TABLE known_customers IN SHARE MODE");
        expect((await apply(await customer({ tier: "gold" }))).status).toBe(201);
      } finally {
        await blocker.query("ROLLBACK");
        await blocker.end();
      }
      const nobody = unique("cust");
      const seen = await withAndWithout("customer-service", () => apply(nobody), 404);
      expectError(seen.without, 503, "DEPENDENCY_FAILED", { dependency_service: "customer-service" });
      expectError(seen.with, 404, "CUSTOMER_NOT_FOUND");
    }, 180_000);
  });

  describe("shipping-service → warehouse-inventory-service over grpc", () => {
    it("the stock of a shipment", async () => {
      const [productId, warehouseId] = [unique("prod"), unique("wh")];
      await stock(productId, warehouseId, 2);
      const ship = (quantity: number) =>
        mesh.api("POST", "/v1/shipments", {
          body: {
            ...newShipment(),
            fulfillmentEntity: { type: "warehouse", id: warehouseId },
            items: [{ productId, sku: "SKU-1", quantity }],
          },
        });
      expect((await ship(2)).status).toBe(201);
      const { data } = await mesh.api("GET", `/v1/inventory/products/${productId}/warehouses/${warehouseId}`);
      expect(data.stock).toMatchObject({ onHand: 2, reserved: 2, available: 0 });
      const seen = await withAndWithout("warehouse-inventory-service", () => ship(1), 409);
      expectError(seen.without, 503, "DEPENDENCY_FAILED", { dependency_service: "warehouse-inventory-service" });
      expectError(seen.with, 409, "INSUFFICIENT_STOCK");
    }, 180_000);
  });

  describe("review-service → catalog-service over http", () => {
    it("whether there is a product of which no event has come", async () => {
      const body = { productId: unique("prod"), customerId: unique("cust"), rating: 4 };
      const write = () => mesh.api("POST", "/v1/reviews", { body });
      const seen = await withAndWithout("catalog-service", write, 404);
      expectError(seen.without, 503, "DEPENDENCY_FAILED", { dependency_service: "catalog-service" });
      expectError(seen.with, 404, "PRODUCT_NOT_FOUND");
    }, 180_000);
  });

  describe("the one door from outside", () => {
    it.each([
      { service: "catalog-service", path: "/v1/catalog/products/prod_0", code: "PRODUCT_NOT_FOUND" },
      { service: "pricing-service", path: "/v1/pricing/products/prod_0/price", code: "PRICE_NOT_FOUND" },
      {
        service: "warehouse-inventory-service",
        path: "/v1/inventory/products/prod_0/warehouses/wh_0",
        code: "STOCK_NOT_FOUND",
      },
      { service: "promotion-service", path: "/v1/promotions/promo_0", code: "PROMOTION_NOT_FOUND" },
      { service: "shipping-service", path: "/v1/shipments/shp_0", code: "SHIPMENT_NOT_FOUND" },
      { service: "customer-service", path: "/v1/customers/cust_0", code: "CUSTOMER_NOT_FOUND" },
      { service: "review-service", path: "/v1/reviews/rev_0", code: "REVIEW_NOT_FOUND" },
    ])("gateway → $service", async ({ path, code }) => {
      expectError(await mesh.api("GET", path), 404, code);
    });
  });
}
