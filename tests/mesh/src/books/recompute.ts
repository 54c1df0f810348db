import type { EventData, EventType } from "@weft/contracts";
import { type Cents, toCents } from "@weft/core";
import type { BookedEvent } from "./records.ts";

/** Something that should be one way and is another. */
export interface Difference {
  what: string;
  expected: unknown;
  answered: unknown;
}

interface CustomerBook {
  name: string;
  spend: Cents;
  /** By the tier of the creation and what was spent. */
  tierEarned: string;
  /** As the customer's own events say. */
  tierTold: string;
  /** Ids of the events that happened around the customer. */
  activity: Set<string>;
}

interface StockBook {
  onHand: number;
  reserved: number;
  /** The newest StockChanged. */
  told: { onHand: number; reserved: number; available: number };
}

export interface ProductBook {
  sku: string;
  name: string;
  categoryId: string;
  description?: string;
  /** The general one. */
  price?: { basePrice: number; finalPrice: number };
  /** By warehouse. */
  stock: Map<string, StockBook>;
  rating: { average: number; count: number };
}

interface PromotionBook {
  status: string;
  productIds: string[];
  categoryIds: string[];
  fromMs: number;
  toMs: number;
}

interface ShipmentBook {
  status: string;
  orderId: string;
  customerId?: string;
  /** Absent where no warehouse sends it. */
  warehouseId?: string;
  /** Units by product. */
  units: Map<string, number>;
}

interface ReviewBook {
  status: string;
  productId: string;
  customerId: string;
  rating: number;
  authorName?: string;
  verifiedPurchase: boolean;
}

/** What is true of the shop by what was told on the topics, and by nothing else. */
export interface Books {
  customers: Map<string, CustomerBook>;
  products: Map<string, ProductBook>;
  promotions: Map<string, PromotionBook>;
  shipments: Map<string, ShipmentBook>;
  reviews: Map<string, ReviewBook>;
  /** Ids of the events of each type, each once. */
  eventIds: Map<EventType, Set<string>>;
  /** Records that repeat an event. */
  repetitions: number;
  /** What the topics say that cannot be, or that contradicts itself. */
  faults: Difference[];
}

/**
 * Keeps the books anew from the first record on. Of an event that is on its topic more than once the first occurrence counts;
 * each aggregate is read in the order of its sequence. Nothing is taken over from a service that can be derived from what
 * happened: what a shipment takes out of a stock comes from shipping's events, not from the stock's.
 */
export function recompute(records: readonly BookedEvent[]): Books {
  const faults: Difference[] = [];
  const events = firstOccurrences(records);
  faults.push(...sequenceFaults(events));
  const of = <T extends EventType>(type: T) =>
    events.filter(({ envelope }) => envelope.eventType === type) as unknown as BookedEvent<T>[];
  const dataOf = <T extends EventType>(type: T) => of(type).map(({ envelope }) => envelope.data as EventData<T>);

  const shipments = shipmentBooks(dataOf("ShipmentCreated"), dataOf("ShipmentStatusChanged"));
  const customers = new Map<string, CustomerBook>();
  for (const { customerId, profile, tier } of dataOf("CustomerCreated")) {
    const name = nameOf(profile);
    customers.set(customerId, { name, spend: 0, tierEarned: tier, tierTold: tier, activity: new Set() });
  }
  for (const { customerId, changes } of dataOf("CustomerUpdated")) {
    const customer = customers.get(customerId);
    if (customer === undefined) continue;
    if (changes.tier !== undefined) customer.tierTold = changes.tier;
    if (changes.profile !== undefined) customer.name = nameOf(changes.profile);
  }
  for (const { customerId, finalAmount, originalAmount, discountAmount } of dataOf("PromotionApplied")) {
    const customer = customers.get(customerId);
    if (customer) customer.spend += toCents(finalAmount ?? (originalAmount ?? discountAmount) - discountAmount);
  }
  for (const customer of customers.values()) customer.tierEarned = earned(customer.tierEarned, customer.spend);
  for (const { envelope } of [
    ...of("PromotionApplied"),
    ...of("ShipmentCreated"),
    ...of("ShipmentStatusChanged"),
    ...of("ReviewSubmitted"),
    ...of("ReviewModerated"),
  ]) {
    const { customerId } = envelope.data;
    if (customerId !== undefined) customers.get(customerId)?.activity.add(envelope.eventId);
  }

  const reviews = new Map<string, ReviewBook>();
  for (const { reviewId, productId, customerId, rating, status = "pending" } of dataOf("ReviewSubmitted")) {
    const authorName = customers.get(customerId)?.name;
    const verifiedPurchase = [...shipments.values()].some(
      (shipment) =>
        shipment.customerId === customerId && shipment.units.has(productId) && shipment.status !== "cancelled",
    );
    reviews.set(reviewId, { status, productId, customerId, rating, authorName, verifiedPurchase });
  }
  for (const { reviewId, to } of dataOf("ReviewModerated")) {
    const review = reviews.get(reviewId);
    if (review) review.status = to;
    else faults.push({ what: `review ${reviewId}`, expected: "submitted before it is moderated", answered: to });
  }

  const promotions = new Map<string, PromotionBook>();
  for (const { promotionId, rules, effectiveFrom, effectiveTo, status = "active" } of dataOf("PromotionCreated")) {
    const { productIds = [], categoryIds = [] } = rules.conditions ?? {};
    const [fromMs, toMs] = [Date.parse(effectiveFrom), Date.parse(effectiveTo)];
    promotions.set(promotionId, { status, productIds, categoryIds, fromMs, toMs });
  }
  for (const { promotionId, to } of dataOf("PromotionStatusChanged")) {
    const promotion = promotions.get(promotionId);
    if (promotion) promotion.status = to;
    else faults.push({ what: `promotion ${promotionId}`, expected: "created before it is switched", answered: to });
  }

  const products = new Map<string, ProductBook>();
  for (const { productId, sku, name, categoryId, description } of dataOf("ProductCreated")) {
    const rating = ratingOf([...reviews.values()].filter((review) => review.productId === productId));
    products.set(productId, { sku, name, categoryId, description, stock: new Map(), rating });
  }
  for (const { productId, changes } of dataOf("ProductUpdated")) {
    const product = products.get(productId);
    if (product) Object.assign(product, changes);
  }
  for (const { productId, warehouseId, basePrice, finalPrice } of dataOf("PriceChanged")) {
    const product = products.get(productId);
    if (product && warehouseId === undefined) product.price = { basePrice, finalPrice };
  }
  faults.push(...keepStock(of("StockChanged"), { products, shipments, moves: of("ShipmentStatusChanged") }));

  const eventIds = new Map<EventType, Set<string>>();
  for (const { envelope } of events) {
    const ids = eventIds.get(envelope.eventType) ?? new Set();
    eventIds.set(envelope.eventType, ids.add(envelope.eventId));
  }
  const repetitions = records.length - events.length;
  return { customers, products, promotions, shipments, reviews, eventIds, repetitions, faults };
}

/** By topic, aggregate and sequence. */
function firstOccurrences(records: readonly BookedEvent[]): BookedEvent[] {
  const seen = new Set<string>();
  const first = [...records]
    .sort((a, b) => a.partition - b.partition || (a.offset < b.offset ? -1 : 1))
    .filter(({ envelope }) => !seen.has(envelope.eventId) && seen.add(envelope.eventId));
  return first.sort((a, b) => compareText(a.topic, b.topic) || compareText(a.key, b.key) || a.sequence - b.sequence);
}

const compareText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** Each aggregate counts 1, 2, 3, …, and its first occurrences lie in that order in one partition. */
function sequenceFaults(events: readonly BookedEvent[]): Difference[] {
  const faults: Difference[] = [];
  let before: BookedEvent | undefined;
  for (const event of events) {
    const isNext = before?.topic === event.topic && before.key === event.key;
    const expected = isNext ? before!.sequence + 1 : 1;
    const what = `${event.topic} ${event.key} ${event.envelope.eventType}`;
    if (event.sequence !== expected) faults.push({ what: `${what}: sequence`, expected, answered: event.sequence });
    if (isNext && before!.partition !== event.partition)
      faults.push({ what: `${what}: partition`, expected: before!.partition, answered: event.partition });
    if (isNext && before!.offset > event.offset)
      faults.push({ what: `${what}: offset`, expected: `after ${before!.offset}`, answered: event.offset });
    before = event;
  }
  return faults;
}

function shipmentBooks(
  created: EventData<"ShipmentCreated">[],
  moved: EventData<"ShipmentStatusChanged">[],
): Map<string, ShipmentBook> {
  const shipments = new Map<string, ShipmentBook>();
  for (const { shipmentId, orderId, customerId, fulfillmentEntity, items } of created) {
    const units = new Map<string, number>();
    for (const { productId = "", quantity = 0 } of items) units.set(productId, (units.get(productId) ?? 0) + quantity);
    const warehouseId = fulfillmentEntity.type === "warehouse" ? fulfillmentEntity.id : undefined;
    shipments.set(shipmentId, { status: "created", orderId, customerId, warehouseId, units });
  }
  for (const { shipmentId, to } of moved) {
    const shipment = shipments.get(shipmentId);
    if (shipment) shipment.status = to;
  }
  return shipments;
}

/**
 * Stock by product and warehouse. `reserved` is what shipments that have not left yet need. `onHand` is what was counted (a
 * StockChanged that no event caused) less what was shipped after that; where in a stock's life a shipment left it is told by the
 * StockChanged that its ShipmentStatusChanged caused, of which there must be one for each of its products.
 */
function keepStock(
  changes: readonly BookedEvent<"StockChanged">[],
  known: {
    products: Map<string, ProductBook>;
    shipments: Map<string, ShipmentBook>;
    moves: readonly BookedEvent<"ShipmentStatusChanged">[];
  },
): Difference[] {
  const faults: Difference[] = [];
  const departures = new Map(
    known.moves
      .filter(({ envelope }) => envelope.data.to === "shipped")
      .map(({ envelope }) => [envelope.eventId, known.shipments.get(envelope.data.shipmentId)]),
  );
  const booked = new Set<string>();
  for (const { causationId, envelope } of changes) {
    const { productId, warehouseId, onHand, reserved, available } = envelope.data;
    const stocks = known.products.get(productId)?.stock;
    if (stocks === undefined) continue; // counted before anybody created the product
    const place = `stock of ${productId} in ${warehouseId}`;
    const stock = stocks.get(warehouseId) ?? { onHand: 0, reserved: 0, told: { onHand: 0, reserved: 0, available: 0 } };
    stocks.set(warehouseId, stock);
    stock.told = { onHand, reserved, available };
    const departure = causationId === undefined ? undefined : departures.get(causationId);
    if (departure) {
      stock.onHand = Math.max(0, stock.onHand - (departure.units.get(productId) ?? 0));
      const once = `${causationId} ${productId} ${warehouseId}`;
      if (booked.has(once)) faults.push({ what: `${place}: departures`, expected: "one a shipment", answered: "two" });
      booked.add(once);
    } else if (causationId === undefined) {
      stock.onHand = onHand;
    }
    if (stock.onHand !== onHand)
      faults.push({ what: `${place}: onHand told`, expected: stock.onHand, answered: onHand });
    if (onHand < 0 || reserved < 0)
      faults.push({ what: `${place}: told`, expected: "not below 0", answered: { onHand, reserved } });
    if (available !== onHand - reserved)
      faults.push({ what: `${place}: available told`, expected: onHand - reserved, answered: available });
  }
  for (const [eventId, shipment] of departures) {
    for (const productId of shipment?.units.keys() ?? []) {
      const isStocked = known.products.get(productId)?.stock.has(shipment?.warehouseId ?? "");
      if (isStocked && !booked.has(`${eventId} ${productId} ${shipment!.warehouseId}`))
        faults.push({ what: `${eventId}: departure of ${productId}`, expected: "a StockChanged", answered: "none" });
    }
  }
  for (const { warehouseId = "", status, units } of known.shipments.values()) {
    if (status !== "created" && status !== "picked") continue;
    for (const [productId, quantity] of units) {
      const stock = known.products.get(productId)?.stock.get(warehouseId);
      if (stock) stock.reserved += quantity;
    }
  }
  return faults;
}

function ratingOf(reviews: readonly ReviewBook[]): ProductBook["rating"] {
  const stars = reviews.filter(({ status }) => status !== "rejected").map(({ rating }) => rating);
  if (stars.length === 0) return { average: 0, count: 0 };
  const sum = stars.reduce((total, rating) => total + rating, 0);
  return { average: Math.round((sum * 100) / stars.length) / 100, count: stars.length };
}

const tiers = ["bronze", "silver", "gold", "platinum"];
const thresholds: Cents[] = [0, 1_000_00, 5_000_00, 20_000_00];

/** Spending raises a tier and never lowers it. */
function earned(tier: string, spend: Cents): string {
  return tiers[
    Math.max(
      tiers.indexOf(tier),
      thresholds.findLastIndex((threshold) => spend >= threshold),
    )
  ]!;
}

const nameOf = ({ firstName, lastName }: { firstName?: unknown; lastName?: unknown }) =>
  [firstName, lastName].filter(Boolean).join(" ");
