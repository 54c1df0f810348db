import { changedFields, type JsonObject, mergePatch } from "@weft/core";

export type Attributes = JsonObject;

export interface Product {
  productId: string;
  sku: string;
  name: string;
  categoryId: string;
  description?: string;
  attributes: Attributes;
  createdAt: Date;
  updatedAt: Date;
}

export type NewProduct = Pick<Product, "productId" | "sku" | "name" | "categoryId" | "description"> & {
  attributes?: Attributes;
};

/**
 * What a client sends to change a product. Each attribute given replaces the one of its name and null takes it away
 * (RFC 7396, one level).
 */
export type ProductPatch = Partial<Omit<NewProduct, "productId">>;

/** What became different, each value whole. */
export type ProductChanges = Partial<Pick<Product, "sku" | "name" | "categoryId" | "description" | "attributes">>;

export function createProduct(input: NewProduct, now: Date): Product {
  return { ...input, attributes: input.attributes ?? {}, createdAt: now, updatedAt: now };
}

/** `changes` is empty, and the product the same, where nothing becomes different. */
export function patchProduct(
  product: Product,
  patch: ProductPatch,
  now: Date,
): { product: Product; changes: ProductChanges } {
  const wanted: ProductChanges = {
    ...patch,
    ...(patch.attributes ? { attributes: mergePatch(product.attributes, patch.attributes) } : {}),
  };
  const changes: ProductChanges = changedFields(product, wanted);
  if (Object.keys(changes).length === 0) return { product, changes };
  return { product: { ...product, ...changes, updatedAt: now }, changes };
}
