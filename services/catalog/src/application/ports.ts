import type { Product, ProductChanges } from "../domain/product.ts";

export interface ProductFilter {
  categoryId?: string;
  /** Part of the name, the SKU or the description, in any case. */
  q?: string;
}

/** A place in the list of products, newest first. */
type Position = number;

export interface ProductStore {
  /** Saves it and publishes `ProductCreated` in one transaction.   @throws ProductExists */
  create(product: Product): Promise<void>;
  find(productId: string): Promise<Product | undefined>;
  /** @param limit at most so many, all of them before `before` */
  list(filter: ProductFilter, limit: number, before?: Position): Promise<(Product & { position: Position })[]>;
  /**
   * Loads, decides, saves and publishes `ProductUpdated` (where something changed) in one transaction, one change of a
   * product at a time.   @throws ProductNotFound   @throws ProductExists for a taken SKU
   */
  change(
    productId: string,
    decide: (product: Product) => { product: Product; changes: ProductChanges },
  ): Promise<Product>;
}

export interface ShownPromotion {
  promotionId: string;
  name: string;
  type: string;
  rules: unknown;
  status: string;
  effectiveFrom: Date;
  effectiveTo: Date;
}

export interface Rating {
  /** Two decimals; 0 where nobody rated. */
  average: number;
  count: number;
}

export interface Availability {
  warehouseId: string;
  /** Units, as of `changedAt`. */
  available: number;
  changedAt: Date;
}

/** What the events of others left here about a product. */
export interface ProductNews {
  /** Active at `now`, and naming the product, its category, or neither products nor categories; those that end first come first. */
  promotionsOf(product: Pick<Product, "productId" | "categoryId">, now: Date): Promise<ShownPromotion[]>;
  /** Counts pending and approved reviews. */
  ratingOf(productId: string): Promise<Rating>;
  availabilityOf(productId: string): Promise<Availability[]>;
}

export interface Pricing {
  productId: string;
  /** null: the general price. */
  warehouseId: string | null;
  basePrice: number;
  finalPrice: number;
  currency: string;
  updatedAt: string;
}

/** The service that owns prices. */
export interface Prices {
  readonly service: string;
  /** @returns nothing where there is no price   @throws a WeftError where none could be had within `timeoutMs` */
  priceOf(request: { productId: string; warehouseId?: string; timeoutMs: number }): Promise<Pricing | undefined>;
}

/** Prices that were asked for lately. It may forget at any time, and never fails. */
export interface PriceCache {
  /** What is kept of a price, or the way to keep what pricing answers: not after `forget` was called in between. */
  find(
    productId: string,
    warehouseId: string | undefined,
  ): Promise<{ pricing: Pricing } | { keep: (pricing: Pricing) => Promise<void> }>;
  /** Of all warehouses: the general price is part of theirs. */
  forget(productId: string): Promise<void>;
}

export interface Stock {
  productId: string;
  warehouseId: string;
  available: number;
  reserved: number;
  /** At least as many are available as were asked for. */
  inStock: boolean;
}

/** The service that owns stock. */
export interface Inventory {
  readonly service: string;
  /** @returns nothing where nothing was ever counted there   @throws a WeftError where no answer could be had within `timeoutMs` */
  checkStock(request: {
    productId: string;
    warehouseId: string;
    quantity: number;
    timeoutMs: number;
  }): Promise<Stock | undefined>;
}
