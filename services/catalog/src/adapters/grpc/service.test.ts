import { describe, expect, it } from "@jest/globals";
import { type CallContext, newContext } from "@weft/core";
import type { ProductPage } from "../../application/product-page.ts";
import { createProduct, type NewProduct } from "../../domain/product.ts";
import { type CatalogServiceParts, catalogService } from "./service.ts";

const now = new Date("2026-03-01T10:00:00.000Z");
const lamp = createProduct({ productId: "prod_1", sku: "SKU-1", name: "Lamp", categoryId: "cat_1" }, now);

function methodsWith(page: Partial<ProductPage> = {}) {
  const asked: unknown[] = [];
  const service = catalogService({
    manage: {
      async create(input: NewProduct) {
        asked.push(input);
        return createProduct(input, now);
      },
    },
    async productPage(request) {
      asked.push(request);
      return {
        product: lamp,
        pricing: null,
        stock: null,
        promotions: [],
        rating: { average: 0, count: 0 },
        availability: [],
        degraded: [],
        ...page,
      };
    },
  } as CatalogServiceParts);
  const call = (name: string, request: object, context: CallContext = newContext()) =>
    service.methods.find((method) => method.name === name)!.implementation.handle({ request, context });
  return { asked, call };
}

describe("catalog over gRPC", () => {
  it("shows what the page has, and leaves out what nobody knows", async () => {
    const price = { productId: "prod_1", basePrice: 10, finalPrice: 9, currency: "EUR", updatedAt: now.toISOString() };
    const stock = { productId: "prod_1", warehouseId: "wh_1", available: 3, reserved: 1, inStock: true };
    const spring = { promotionId: "promo_1", name: "Spring", type: "percentage", rules: {}, status: "active" };
    const { call, asked } = methodsWith({
      pricing: { ...price, warehouseId: null },
      stock,
      promotions: [{ ...spring, effectiveFrom: now, effectiveTo: now }],
      degraded: ["pricing-service"],
    });
    expect(await call("GetProduct", { productId: "prod_1", warehouseId: "wh_1", quantity: 2 })).toEqual({
      product: { ...lamp, createdAt: now.toISOString(), updatedAt: now.toISOString() },
      pricing: price,
      stock,
      promotions: [{ ...spring, effectiveFrom: now.toISOString(), effectiveTo: now.toISOString() }],
      rating: { average: 0, count: 0 },
      degraded: ["pricing-service"],
    });
    expect(await methodsWith().call("GetProduct", { productId: "prod_1" })).toMatchObject({
      pricing: undefined,
      stock: undefined,
    });
    expect(asked).toEqual([{ productId: "prod_1", warehouseId: "wh_1", quantity: 2 }]);
  });

  it("asks for one unit where no quantity is given", async () => {
    const { call, asked } = methodsWith();
    await call("GetProduct", { productId: "prod_1", warehouseId: undefined, quantity: undefined });
    expect(asked).toEqual([{ productId: "prod_1", quantity: 1 }]);
  });

  it("makes the id of a product that comes without one", async () => {
    const { call, asked } = methodsWith();
    const request = { sku: "SKU-2", name: "Lamp", categoryId: "cat_1", attributes: { colour: "red" } };
    const { product } = await call("CreateProduct", request);
    expect(product).toMatchObject({ ...request, productId: expect.stringMatching(/^prod_/) });
    expect(asked).toEqual([{ ...request, productId: product.productId }]);
  });

  it("leaves creating to operators where a user is there", async () => {
    const { call, asked } = methodsWith();
    const customer = { ...newContext(), user: { id: "cust_1", role: "customer" as const } };
    await expect(call("CreateProduct", { sku: "S" }, customer)).rejects.toMatchObject({ code: "FORBIDDEN" });
    expect(asked).toEqual([]);
  });
});
