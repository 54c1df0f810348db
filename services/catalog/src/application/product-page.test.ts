import { describe, expect, it } from "@jest/globals";
import { DependencyFailed, newContext, runInContext, silentLogger, withTimeout } from "@weft/core";
import { createProduct } from "../domain/product.ts";
import type { Inventory, Prices, ProductNews, ProductStore } from "./ports.ts";
import { productPage } from "./product-page.ts";

const now = new Date("2026-03-01T10:00:00Z");
const product = createProduct({ productId: "prod_1", sku: "SKU", name: "Lamp", categoryId: "cat_1" }, now);
const pricing = {
  productId: "prod_1",
  warehouseId: null,
  basePrice: 10,
  finalPrice: 9,
  currency: "EUR",
  updatedAt: now.toISOString(),
};
const stock = { productId: "prod_1", warehouseId: "wh_1", available: 3, reserved: 1, inStock: true };
const never = () => new Promise<never>(() => {});

function pageWith(
  parts: { priceOf?: Prices["priceOf"]; checkStock?: Inventory["checkStock"] },
  dependencyTimeoutMs?: number,
) {
  return productPage(
    {
      products: { find: async (id: string) => (id === "prod_1" ? product : undefined) } as unknown as ProductStore,
      news: {
        promotionsOf: async () => [],
        ratingOf: async () => ({ average: 4.5, count: 2 }),
        availabilityOf: async () => [],
      } satisfies ProductNews,
      prices: { service: "pricing-service", priceOf: parts.priceOf ?? (async () => pricing) },
      inventory: { service: "warehouse-inventory-service", checkStock: parts.checkStock ?? (async () => stock) },
      clock: { now: () => now },
      log: silentLogger,
    },
    dependencyTimeoutMs === undefined ? {} : { dependencyTimeoutMs },
  );
}

describe("product page", () => {
  it("has what everybody knows of the product", async () => {
    const page = await pageWith({})({ productId: "prod_1", warehouseId: "wh_1", quantity: 1 });
    expect(page).toEqual({
      product,
      pricing,
      stock,
      promotions: [],
      rating: { average: 4.5, count: 2 },
      availability: [],
      degraded: [],
    });
  });

  it("asks for stock only where a warehouse is given", async () => {
    const checkStock = async () => {
      throw new Error("asked");
    };
    expect(await pageWith({ checkStock })({ productId: "prod_1", quantity: 1 })).toMatchObject({
      stock: null,
      degraded: [],
    });
  });

  it("is not degraded by a price or a stock that does not exist", async () => {
    const none = { priceOf: async () => undefined, checkStock: async () => undefined };
    const page = await pageWith(none)({ productId: "prod_1", warehouseId: "wh_1", quantity: 1 });
    expect(page).toMatchObject({ pricing: null, stock: null, degraded: [] });
  });

  it("names the dependencies that fail or are too slow, and waits for none longer than its bound", async () => {
    const bounds: number[] = [];
    const priceOf: Prices["priceOf"] = ({ timeoutMs }) => {
      bounds.push(timeoutMs);
      return never();
    };
    const checkStock = async () => {
      throw new DependencyFailed({ service: "warehouse-inventory-service", operation: "GET", cause: "no_instance" });
    };
    const page = await pageWith({ priceOf, checkStock }, 30)({ productId: "prod_1", warehouseId: "wh_1", quantity: 1 });
    expect(page).toMatchObject({
      pricing: null,
      stock: null,
      rating: { count: 2 },
      degraded: ["pricing-service", "warehouse-inventory-service"],
    });
    expect(bounds).toEqual([30]);
  });

  it("gives a dependency what is left of the caller's time, less what the answer takes", async () => {
    const bounds: number[] = [];
    const priceOf: Prices["priceOf"] = async ({ timeoutMs }) => {
      bounds.push(timeoutMs);
      return pricing;
    };
    const page = pageWith({ priceOf });
    const request = { productId: "prod_1", quantity: 1 };
    await page(request);
    await runInContext(withTimeout(newContext(), 10_000), () => page(request));
    await runInContext(withTimeout(newContext(), 700), () => page(request));
    expect(bounds.slice(0, 2)).toEqual([800, 800]);
    expect(bounds[2]).toBeGreaterThan(0);
    expect(bounds[2]).toBeLessThanOrEqual(650);
    const late = await runInContext(withTimeout(newContext(), 40), () => page(request));
    expect(late).toMatchObject({ pricing: null, degraded: ["pricing-service"] });
    expect(bounds).toHaveLength(3);
  });

  it("does not hide a mistake of ours as a lost dependency", async () => {
    const priceOf = async () => {
      throw new TypeError("broken");
    };
    await expect(pageWith({ priceOf })({ productId: "prod_1", quantity: 1 })).rejects.toThrow("broken");
  });

  it("is not there for an unknown product", async () => {
    await expect(pageWith({})({ productId: "prod_2", quantity: 1 })).rejects.toMatchObject({
      code: "PRODUCT_NOT_FOUND",
    });
  });
});
