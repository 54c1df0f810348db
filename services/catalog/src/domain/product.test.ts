import { describe, expect, it } from "@jest/globals";
import { createProduct, patchProduct } from "./product.ts";

const now = new Date("2026-03-01T10:00:00Z");
const later = new Date("2026-03-02T10:00:00Z");
const product = createProduct(
  {
    productId: "prod_1",
    sku: "SKU-1",
    name: "Lamp",
    categoryId: "cat_1",
    attributes: { colour: "red", sizes: ["s", "m"], box: { height: 1, width: 2 } },
  },
  now,
);

describe("product", () => {
  it("changes what is different, and tells only that, each value whole", () => {
    const { product: after, changes } = patchProduct(
      product,
      { name: "Lamp", categoryId: "cat_2", attributes: { colour: null, weight: 3 } },
      later,
    );
    expect(changes).toEqual({
      categoryId: "cat_2",
      attributes: { sizes: ["s", "m"], box: { height: 1, width: 2 }, weight: 3 },
    });
    expect(after).toMatchObject({ name: "Lamp", categoryId: "cat_2", createdAt: now, updatedAt: later });
  });

  it("sees no change where the same is sent again, in whatever order", () => {
    const patch = { sku: "SKU-1", attributes: { box: { width: 2, height: 1 }, sizes: ["s", "m"] } };
    expect(patchProduct(product, patch, later)).toEqual({ product, changes: {} });
    expect(patchProduct(product, {}, later).changes).toEqual({});
  });

  it("takes the order of a list as a difference", () => {
    expect(patchProduct(product, { attributes: { sizes: ["m", "s"] } }, later).changes).toHaveProperty("attributes");
  });
});
