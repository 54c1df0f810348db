import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { DependencyFailed, silentLogger } from "@weft/core";
import { serveRoutes, stopServed } from "@weft/transport/testing";
import { priceCacheInMemory } from "./adapters/caches/price-cache-in-memory.ts";
import { buildApp } from "./app.ts";
import type { ProductFilter, ProductStore } from "./application/ports.ts";
import { ProductExists, ProductNotFound } from "./domain/errors.ts";
import type { Product } from "./domain/product.ts";

let ask: Awaited<ReturnType<typeof serveRoutes>>;
let filters: ProductFilter[];

/** The store's promises, in memory. */
function productsInMemory(): ProductStore {
  const rows: Product[] = [];
  const find = (id: string) => rows.find(({ productId }) => productId === id);
  return {
    async create(product) {
      if (find(product.productId)) throw new ProductExists({ field: "productId" });
      if (rows.some(({ sku }) => sku === product.sku)) throw new ProductExists({ field: "sku" });
      rows.push(product);
    },
    find: async (id) => find(id),
    async list(filter, limit, before = Infinity) {
      filters.push(filter);
      const listed = rows.map((row, index) => ({ ...row, position: index + 1 }));
      return listed
        .filter(({ position }) => position < before)
        .reverse()
        .slice(0, limit);
    },
    async change(productId, decide) {
      const found = find(productId);
      if (!found) throw new ProductNotFound({ productId });
      return Object.assign(found, decide(found).product);
    },
  };
}

beforeEach(async () => {
  filters = [];
  const service = "warehouse-inventory-service";
  const { routes } = buildApp({
    products: productsInMemory(),
    news: {
      promotionsOf: async () => [],
      ratingOf: async () => ({ average: 0, count: 0 }),
      availabilityOf: async () => [],
    },
    priceCache: priceCacheInMemory(),
    prices: { service: "pricing-service", priceOf: async () => undefined },
    inventory: {
      service,
      async checkStock() {
        throw new DependencyFailed({ service, operation: "GET", cause: "no_instance" });
      },
    },
    clock: { now: () => new Date("2026-03-01T10:00:00Z") },
    log: silentLogger,
  });
  ask = await serveRoutes(routes, "/v1/catalog/products");
});
afterEach(stopServed);

const lamp = { productId: "prod_1", sku: "SKU-1", name: "Lamp", categoryId: "cat_1", attributes: { colour: "red" } };

describe("catalog routes", () => {
  it("create a product once, by id and by SKU", async () => {
    const created = await ask("POST", "", lamp);
    expect([created.status, created.data.product]).toEqual([
      201,
      { ...lamp, createdAt: "2026-03-01T10:00:00.000Z", updatedAt: "2026-03-01T10:00:00.000Z" },
    ]);
    expect((await ask("POST", "", lamp)).error).toMatchObject({
      code: "PRODUCT_EXISTS",
      details: { field: "productId" },
    });
    expect((await ask("POST", "", { ...lamp, productId: undefined })).error.details).toEqual({ field: "sku" });
    expect((await ask("POST", "", { ...lamp, productId: undefined, sku: "SKU-2" })).data.product.productId).toMatch(
      /^prod_/,
    );
  });

  it("change a product, and refuse what it does not have", async () => {
    await ask("POST", "", lamp);
    const patched = await ask("PATCH", "/prod_1", { name: "Big lamp", attributes: { size: "L" } });
    expect(patched.data.product).toMatchObject({ name: "Big lamp", attributes: { colour: "red", size: "L" } });
    expect((await ask("PATCH", "/prod_1", { price: 3 })).error.details.field_errors).toEqual({
      price: "is not a known field",
    });
    expect((await ask("PATCH", "/prod_2", { name: "x" })).error.code).toBe("PRODUCT_NOT_FOUND");
  });

  it("name every wrong field of a new product by its path", async () => {
    const { error } = await ask("POST", "", {
      sku: "\ud800",
      categoryId: "a b",
      attributes: { colour: "x".repeat(2001) },
    });
    expect(Object.keys(error.details.field_errors).sort()).toEqual(["attributes.colour", "categoryId", "name", "sku"]);
  });

  it("list page by page, and hand the filters on", async () => {
    for (const n of [1, 2, 3]) await ask("POST", "", { ...lamp, productId: `prod_${n}`, sku: `SKU-${n}` });
    const first = await ask("GET", "?limit=2&categoryId=cat_1&q=50%25");
    expect(first.data.products.map((one: Product) => one.productId)).toEqual(["prod_3", "prod_2"]);
    expect(filters).toEqual([{ categoryId: "cat_1", q: "50%" }]);
    const elsewhere = await ask("GET", `?limit=2&cursor=${first.meta.nextCursor}`);
    expect([elsewhere.status, Object.keys(elsewhere.error.details.field_errors)]).toEqual([400, ["cursor"]]);
    const second = await ask("GET", `?q=50%25&limit=2&categoryId=cat_1&cursor=${first.meta.nextCursor}`);
    expect(second.data.products.map((one: Product) => one.productId)).toEqual(["prod_1"]);
    expect(second.meta).not.toHaveProperty("nextCursor");
  });

  it("show a product, and what is missing by the name of its service", async () => {
    await ask("POST", "", lamp);
    const plain = await ask("GET", "/prod_1");
    expect(plain.data).toMatchObject({ pricing: null, stock: null, promotions: [], rating: { average: 0, count: 0 } });
    expect(plain.meta).not.toHaveProperty("degraded");
    const stocked = await ask("GET", "/prod_1?warehouseId=wh_1&quantity=2");
    expect(stocked.meta.degraded).toEqual(["warehouse-inventory-service"]);
    expect((await ask("GET", "/prod_1?quantity=0")).error.details.field_errors).toHaveProperty("quantity");
    expect((await ask("GET", "/prod_9")).error.code).toBe("PRODUCT_NOT_FOUND");
  });

  it("leave writing to operators where a user is there", async () => {
    const customer = { "X-User-Id": "cust_1", "X-User-Role": "customer" };
    expect((await ask("POST", "", lamp, customer)).error.code).toBe("FORBIDDEN");
    expect((await ask("PATCH", "/prod_1", {}, customer)).error.code).toBe("FORBIDDEN");
  });
});
