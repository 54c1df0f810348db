import { closed, field, orNull } from "@weft/transport";

/** The bound of creating a product, in milliseconds. */
export const creationTimeoutMs = 30_000;

const told = {
  sku: field.text(64),
  name: field.text(200),
  categoryId: field.id,
  description: field.longText(5000),
  attributes: { type: "object", ...field.free(100) },
};

export const pageOptions = {
  warehouseId: field.id,
  quantity: { type: "integer", minimum: 1, maximum: 1_000_000, default: 1 },
};

export const newProduct = closed({ productId: field.id, ...told }, ["sku", "name", "categoryId"]);
export const productPatch = closed(told);
export const productData = closed({ productId: field.id, ...told, createdAt: field.moment, updatedAt: field.moment });

export const pageData = closed({
  product: productData,
  pricing: orNull(
    closed({
      productId: field.id,
      warehouseId: orNull(field.id),
      basePrice: field.money,
      finalPrice: field.money,
      currency: { type: "string" },
      updatedAt: field.moment,
    }),
  ),
  stock: orNull(
    closed({
      productId: field.id,
      warehouseId: field.id,
      available: { type: "integer" },
      reserved: { type: "integer" },
      inStock: { type: "boolean" },
    }),
  ),
  promotions: {
    type: "array",
    items: closed({
      promotionId: field.id,
      name: { type: "string" },
      type: { type: "string" },
      rules: { type: "object" },
      status: { type: "string" },
      effectiveFrom: field.moment,
      effectiveTo: field.moment,
    }),
  },
  rating: closed({ average: { type: "number" }, count: { type: "integer" } }),
  availability: {
    type: "array",
    items: closed({ warehouseId: field.id, available: { type: "integer" }, changedAt: field.moment }),
  },
});
