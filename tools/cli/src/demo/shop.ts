import type { Random } from "./random.ts";

/** A list that forgets its oldest entry where it grows too long. */
export class Shelf<T> {
  private readonly items: T[] = [];
  private readonly max: number;
  constructor(max: number, items: readonly T[] = []) {
    this.max = max;
    for (const item of items) this.add(item);
  }
  get size(): number {
    return this.items.length;
  }
  all(): readonly T[] {
    return this.items;
  }
  add(item: T): void {
    this.items.push(item);
    if (this.items.length > this.max) this.items.shift();
  }
  /** Takes one away, so that nobody else works on it meanwhile; whoever took it may add it again. */
  take(random: Random): T | undefined {
    const index = random.below(this.items.length);
    return this.items.splice(index, 1)[0];
  }
  remove(item: T): void {
    const index = this.items.indexOf(item);
    if (index !== -1) this.items.splice(index, 1);
  }
}

export interface ShopProduct {
  productId: string;
  sku: string;
  categoryId: string;
  price: number;
}

export interface Order {
  orderId: string;
  customerId: string;
  items: { productId: string; sku: string; quantity: number }[];
}

type OpenStatus = "created" | "picked" | "shipped";
export interface OpenShipment extends Order {
  shipmentId: string;
  status: OpenStatus;
}

export interface Purchase {
  customerId: string;
  productId: string;
}

/**
 * What the demo knows of the shop, in memory and bounded. Things that wait for their next step lie on shelves: orders to be
 * shipped, shipments to be moved on, purchases to be reviewed, reviews to be moderated.
 */
export class Shop {
  readonly warehouses: readonly string[];
  readonly products: Shelf<ShopProduct>;
  readonly customers: Shelf<string>;
  /** Those that are never switched off. */
  readonly lastingPromotions: readonly string[];
  readonly promotions = new Shelf<string>(50);
  readonly switchedOff = new Shelf<string>(50);
  readonly orders = new Shelf<Order>(1_000);
  readonly shipments = new Shelf<OpenShipment>(1_000);
  readonly purchases = new Shelf<Purchase>(1_000);
  readonly reviews = new Shelf<{ reviewId: string }>(1_000);
  private readonly reviewed = new Set<string>();
  private readonly busy = new Set<string>();

  constructor(begin: {
    warehouses: readonly string[];
    products: readonly ShopProduct[];
    customers: readonly string[];
    promotions: readonly string[];
  }) {
    this.warehouses = begin.warehouses;
    this.lastingPromotions = begin.promotions;
    this.products = new Shelf(300, begin.products);
    this.customers = new Shelf(300, begin.customers);
  }

  /** A customer reviews a product once: what is noted here is never offered again. */
  delivered({ customerId, items }: Order): void {
    for (const { productId } of items) {
      const pair = `${customerId} ${productId}`;
      if (this.reviewed.has(pair)) continue;
      this.reviewed.add(pair);
      if (this.reviewed.size > 100_000) this.reviewed.delete(this.reviewed.values().next().value!);
      this.purchases.add({ customerId, productId });
    }
  }

  /** Runs `work` unless work on the same thing is under way. */
  async alone<T>(thing: string, work: () => Promise<T>): Promise<T | undefined> {
    if (this.busy.has(thing)) return undefined;
    this.busy.add(thing);
    try {
      return await work();
    } finally {
      this.busy.delete(thing);
    }
  }
}
