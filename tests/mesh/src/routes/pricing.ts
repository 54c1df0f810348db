import { describe, expect, it } from "@jest/globals";
import { expectError, expectInvalid, type MeshFixture, unique } from "../http/mesh-fixture.ts";

/** The routes of pricing. */
export function pricingRoutes(mesh: MeshFixture) {
  const path = (productId: string) => `/v1/pricing/products/${productId}/price`;
  const put = (productId: string, body: unknown) => mesh.api("PUT", path(productId), { body });
  const get = (productId: string, query = "") => mesh.api("GET", `${path(productId)}${query}`, { token: null });
  const eur = { currency: "EUR" };

  describe("pricing: PUT /v1/pricing/products/{productId}/price", () => {
    it("sets the general price and publishes PriceChanged; finalPrice is basePrice unless given [200]", async () => {
      const productId = unique("prod");
      const answer = await put(productId, { basePrice: 129.9, ...eur });
      expect(answer.status).toBe(200);
      expect(answer.data.pricing).toMatchObject({
        productId,
        basePrice: 129.9,
        finalPrice: 129.9,
        currency: "EUR",
        updatedAt: expect.stringMatching(/Z$/),
      });
      await put(productId, { basePrice: 129.9, finalPrice: 99.9, warehouseId: "wh_1", ...eur });
      const [general, own] = await mesh.events(productId, 2);
      expect(general).toMatchObject({ topic: "pricing.events" });
      expect(general!.envelope).toMatchObject({
        eventType: "PriceChanged",
        source: "pricing-service",
        data: { productId, basePrice: 129.9, finalPrice: 129.9, currency: "EUR" },
      });
      expect(general!.envelope.data).not.toHaveProperty("warehouseId");
      expect(own!.envelope.data).toMatchObject({ warehouseId: "wh_1", finalPrice: 99.9 });
      expect(own!.headers["event-sequence"]).toBe("2");
    });

    it("publishes nothing where the price is so already", async () => {
      const productId = unique("prod");
      for (const basePrice of [10, 10, 10.0]) await put(productId, { basePrice, ...eur });
      await put(productId, { basePrice: 10, finalPrice: 10, ...eur });
      await put(productId, { basePrice: 11, ...eur });
      const events = await mesh.events(productId, 2);
      expect(events.map(({ envelope }) => envelope.data.basePrice)).toEqual([10, 11]);
    });

    it("keeps cents exactly [200]", async () => {
      const productId = unique("prod");
      for (const basePrice of [
        0, 0.01, 0.07, 0.29, 1.1, 4.35, 8.2, 19.99, 1001.13, 894_784.01, 1_234_567.89, 9_999_999_999.99,
      ]) {
        const answer = await put(productId, { basePrice, ...eur });
        expect([basePrice, answer.status, answer.data.pricing?.basePrice]).toEqual([basePrice, 200, basePrice]);
        expect((await get(productId)).data.pricing.basePrice).toBe(basePrice);
      }
    });

    it("names what is wrong [VALIDATION_ERROR]", async () => {
      const productId = unique("prod");
      expectInvalid(await put(productId, {}), "basePrice", "currency");
      expectInvalid(await put(productId, { basePrice: 9.999, ...eur }), "basePrice");
      expectInvalid(await put(productId, { basePrice: -1, finalPrice: "free", ...eur }), "basePrice", "finalPrice");
      expectInvalid(await put(productId, { basePrice: 1, currency: 978, discount: 1 }), "currency", "discount");
      expectError(await get(productId), 404, "PRICE_NOT_FOUND");
    });

    it("takes one price of many at the same moment, and tells of every change in order [200]", async () => {
      const productId = unique("prod");
      const prices = Array.from({ length: 10 }, (_, n) => n + 1);
      const answers = await Promise.all(prices.map((basePrice) => put(productId, { basePrice, ...eur })));
      expect(answers.map(({ status }) => status)).toEqual(prices.map(() => 200));
      const events = await mesh.events(productId, 10);
      expect(events.map(({ headers }) => Number(headers["event-sequence"]))).toEqual(prices);
      expect((await get(productId)).data.pricing.basePrice).toBe(events.at(-1)!.envelope.data.basePrice);
    });
  });

  describe("pricing: GET /v1/pricing/products/{productId}/price", () => {
    it("gives the warehouse's own price, else the general one [200]", async () => {
      const productId = unique("prod");
      await put(productId, { basePrice: 10, ...eur });
      await put(productId, { basePrice: 8, warehouseId: "wh_1", ...eur });
      expect(await get(productId)).toMatchObject({ status: 200, data: { pricing: { basePrice: 10 } } });
      expect((await get(productId, "?warehouseId=wh_1")).data.pricing).toMatchObject({
        warehouseId: "wh_1",
        basePrice: 8,
      });
      expect((await get(productId, "?warehouseId=wh_2")).data.pricing.basePrice).toBe(10);
    });

    it("is PRICE_NOT_FOUND without any, and without a general one for other warehouses [PRICE_NOT_FOUND] [VALIDATION_ERROR]", async () => {
      const productId = unique("prod");
      expectError(await get(productId), 404, "PRICE_NOT_FOUND");
      await put(productId, { basePrice: 8, warehouseId: "wh_1", ...eur });
      expectError(await get(productId), 404, "PRICE_NOT_FOUND");
      expectError(await get(productId, "?warehouseId=wh_2"), 404, "PRICE_NOT_FOUND");
      expect((await get(productId, "?warehouseId=wh_1")).status).toBe(200);
      expectInvalid(await get(productId, "?warehouse=wh_1"), "warehouse");
    });
  });
}
