import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { serveRoutes, stopServed } from "@weft/transport/testing";
import { pricingRoutes } from "./routes.ts";
import type { Price, PriceStore } from "./store.ts";

let ask: Awaited<ReturnType<typeof serveRoutes>>;

/** The store's promises, in memory. */
function pricesInMemory(): PriceStore {
  const rows: Price[] = [];
  const own = (productId: string, warehouseId: string | null) =>
    rows.find((row) => row.productId === productId && row.warehouseId === warehouseId);
  return {
    find: async (productId, warehouseId) => own(productId, warehouseId ?? null) ?? own(productId, null),
    async set(price) {
      const before = own(price.productId, price.warehouseId);
      if (before) return Object.assign(before, price);
      rows.push(price);
      return price;
    },
    isKnownProduct: async (productId) => productId === "prod_known",
  };
}

beforeEach(async () => {
  const routes = pricingRoutes({ prices: pricesInMemory(), clock: { now: () => new Date("2026-03-01T10:00:00Z") } });
  ask = await serveRoutes(routes, "/v1/pricing/products/");
});
afterEach(stopServed);

describe("pricing routes", () => {
  it("take the base price as final where none is given", async () => {
    const { status, data } = await ask("PUT", "prod_1/price", { basePrice: 19.99, currency: "EUR" });
    expect([status, data.pricing]).toEqual([
      200,
      {
        productId: "prod_1",
        warehouseId: null,
        basePrice: 19.99,
        finalPrice: 19.99,
        currency: "EUR",
        updatedAt: "2026-03-01T10:00:00.000Z",
      },
    ]);
  });

  it("give a warehouse its own price, else the general one", async () => {
    await ask("PUT", "prod_1/price", { basePrice: 20, currency: "EUR" });
    await ask("PUT", "prod_1/price", { warehouseId: "wh_1", basePrice: 20, finalPrice: 15, currency: "EUR" });
    const priceIn = async (query: string) => (await ask("GET", `prod_1/price${query}`)).data.pricing;
    expect(await priceIn("?warehouseId=wh_1")).toMatchObject({ warehouseId: "wh_1", finalPrice: 15 });
    expect(await priceIn("?warehouseId=wh_2")).toMatchObject({ warehouseId: null, finalPrice: 20 });
    expect(await priceIn("")).toMatchObject({ warehouseId: null, finalPrice: 20 });
  });

  it("tell a product without a price from one that is not known", async () => {
    const known = await ask("GET", "prod_known/price");
    expect([known.status, known.error.code, known.error.details.known_product]).toEqual([404, "PRICE_NOT_FOUND", true]);
    expect((await ask("GET", "prod_x/price")).error.details.known_product).toBe(false);
  });

  it("refuse amounts, currencies and fields that are none", async () => {
    const { error } = await ask("PUT", "prod_1/price", { basePrice: 1.005, finalPrice: -1, currency: "eur", vat: 1 });
    expect(Object.keys(error.details.field_errors).sort()).toEqual(["basePrice", "currency", "finalPrice", "vat"]);
    const wrongId = await ask("PUT", "a%20b/price", { basePrice: 1, currency: "EUR" });
    expect(wrongId.error.details.field_errors).toHaveProperty("productId");
  });

  it("leave writing to operators where a user is there", async () => {
    const customer = { "X-User-Id": "cust_1", "X-User-Role": "customer" };
    expect((await ask("PUT", "prod_1/price", { basePrice: 1, currency: "EUR" }, customer)).status).toBe(403);
  });
});
