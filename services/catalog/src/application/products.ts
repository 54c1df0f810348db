import type { Clock } from "@weft/core";
import { createProduct, type NewProduct, type Product, type ProductPatch, patchProduct } from "../domain/product.ts";
import type { ProductStore } from "./ports.ts";

export const manageProducts = ({ products, clock }: { products: ProductStore; clock: Clock }) => ({
  async create(input: NewProduct): Promise<Product> {
    const product = createProduct(input, clock.now());
    await products.create(product);
    return product;
  },

  patch(productId: string, patch: ProductPatch): Promise<Product> {
    return products.change(productId, (product) => patchProduct(product, patch, clock.now()));
  },
});
