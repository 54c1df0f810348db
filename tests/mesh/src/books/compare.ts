import { isDeepStrictEqual } from "node:util";
import type { EventType } from "@weft/contracts";
import { fromCents } from "@weft/core";
import type { Books, Difference, ProductBook } from "./recompute.ts";
import type { BookedEvent } from "./records.ts";

/** How the services are asked. */
export interface Answers {
  /** `data` of a GET through the gateway. @throws where it is not answered 200 */
  // biome-ignore lint/suspicious/noExplicitAny: each answer has a form of its own
  get(path: string): Promise<{ data: any; nextCursor?: string }>;
  rows<Row extends object>(database: string, sql: string, values?: unknown[]): Promise<Row[]>;
}

export interface Comparison {
  compared: number;
  differences: Difference[];
}

const asked = 6;
/** Moments at which a promotion ends are the service's to the millisecond and ours not. */
const nearMs = 3_000;

/** Which event types the service of each database reads, as the contract's table has it. */
const readers: Record<string, EventType[]> = {
  catalog: [
    "PromotionCreated",
    "PromotionStatusChanged",
    "ReviewSubmitted",
    "ReviewModerated",
    "PriceChanged",
    "StockChanged",
  ],
  customer: ["PromotionApplied", "ShipmentCreated", "ShipmentStatusChanged", "ReviewSubmitted", "ReviewModerated"],
  promotion: ["CustomerCreated", "CustomerUpdated", "ProductCreated", "ProductUpdated"],
  pricing: ["ProductCreated", "ProductUpdated"],
  review: [
    "CustomerCreated",
    "CustomerUpdated",
    "ShipmentCreated",
    "ShipmentStatusChanged",
    "ProductCreated",
    "ProductUpdated",
  ],
  warehouse_inventory: ["ShipmentCreated", "ShipmentStatusChanged"],
};

/** Which event types the service of each database writes into its outbox. */
const writers: Record<string, EventType[]> = {
  catalog: ["ProductCreated", "ProductUpdated"],
  customer: ["CustomerCreated", "CustomerUpdated"],
  pricing: ["PriceChanged"],
  promotion: ["PromotionCreated", "PromotionStatusChanged", "PromotionApplied"],
  review: ["ReviewSubmitted", "ReviewModerated"],
  shipping: ["ShipmentCreated", "ShipmentStatusChanged"],
  warehouse_inventory: ["StockChanged"],
};

/** Asks every service for everything that the books know of, for its outbox and for its inbox. */
export async function compare(books: Books, answers: Answers): Promise<Comparison> {
  const differences: Difference[] = [...books.faults];
  let compared = 0;
  const check = (what: string, expected: unknown, answered: unknown) => {
    compared++;
    if (!isDeepStrictEqual(expected, answered)) differences.push({ what, expected, answered });
  };
  const { get } = answers;

  await each(books.customers, async (customerId, book) => {
    const { customer } = (await get(`/v1/customers/${customerId}`)).data;
    check(`${customerId}: lifetimeSpend`, fromCents(book.spend), customer.lifetimeSpend);
    check(`${customerId}: tier by what was spent`, book.tierEarned, customer.tier);
    check(`${customerId}: tier by its events`, book.tierTold, customer.tier);
    const activity: string[] = [];
    for (let cursor = ""; ; ) {
      const page = await get(`/v1/customers/${customerId}/activity?limit=100${cursor && `&cursor=${cursor}`}`);
      activity.push(...page.data.activity.map(({ activityId }: { activityId: string }) => activityId));
      if (page.nextCursor === undefined) break;
      cursor = encodeURIComponent(page.nextCursor);
    }
    check(`${customerId}: activity`, [...book.activity].sort(), activity.sort());
  });

  await each(books.products, async (productId, book) => {
    const warehouses = [...book.stock.keys()].sort();
    for (const warehouseId of warehouses) {
      const { onHand, reserved, told } = book.stock.get(warehouseId)!;
      const place = `${productId} in ${warehouseId}`;
      const expected = { productId, warehouseId, onHand, reserved, available: onHand - reserved };
      check(`${place}: stock as told`, { onHand, reserved, available: onHand - reserved }, told);
      const { stock } = (await get(`/v1/inventory/products/${productId}/warehouses/${warehouseId}`)).data;
      check(`${place}: stock`, expected, stock);
      const page = (await get(`/v1/catalog/products/${productId}?warehouseId=${warehouseId}`)).data;
      const shown = page.stock && { available: page.stock.available, reserved: page.stock.reserved };
      check(`${place}: stock on the page`, { available: onHand - reserved, reserved }, shown);
    }
    const page = (await get(`/v1/catalog/products/${productId}`)).data;
    const { stock, rating, price } = book;
    check(`${productId}: product`, toldOf(book), toldOf(page.product));
    check(`${productId}: rating`, rating, page.rating);
    const pricing = page.pricing && { basePrice: page.pricing.basePrice, finalPrice: page.pricing.finalPrice };
    check(`${productId}: price`, price ?? null, pricing);
    const availability = page.availability.map(({ warehouseId, available }: Record<string, unknown>) => ({
      warehouseId,
      available,
    }));
    check(
      `${productId}: availability by warehouse`,
      warehouses.map((warehouseId) => {
        const { onHand, reserved } = stock.get(warehouseId)!;
        return { warehouseId, available: onHand - reserved };
      }),
      availability,
    );
    check(`${productId}: promotions`, ...shownPromotions(books, { productId, categoryId: book.categoryId }, page));
  });

  await each(books.promotions, async (promotionId, book) => {
    const { promotion } = (await get(`/v1/promotions/${promotionId}`)).data;
    check(`${promotionId}: status`, book.status, promotion.status);
  });

  await each(books.shipments, async (shipmentId, book) => {
    const { shipment } = (await get(`/v1/shipments/${shipmentId}`)).data;
    const { status, orderId, customerId } = shipment;
    const expected = { status: book.status, orderId: book.orderId, customerId: book.customerId };
    check(shipmentId, expected, { status, orderId, customerId });
  });

  await each(books.reviews, async (reviewId, book) => {
    const { review } = (await get(`/v1/reviews/${reviewId}`)).data;
    const { status, productId, customerId, rating, authorName, verifiedPurchase } = review;
    check(reviewId, book, { status, productId, customerId, rating, authorName, verifiedPurchase });
  });

  /** One row for each event that is on its topic, and none besides: what was committed was told, and has one effect. */
  const checkEvents = async (database: string, types: EventType[], { table, row }: { table: string; row: string }) => {
    const rows = await answers.rows<{ event_type: EventType; event_id: string }>(
      database,
      `SELECT event_type, event_id FROM ${table} WHERE event_type = ANY ($1)`,
      [types],
    );
    for (const type of types) {
      const expected = books.eventIds.get(type) ?? new Set();
      const ids = rows.filter(({ event_type }) => event_type === type).map(({ event_id }) => event_id);
      const what = `${type} in ${database}`;
      check(`${what}: ${row}s`, expected.size, ids.length);
      check(`${what}: events without an ${row}`, [], without([...expected], new Set(ids)));
      check(`${what}: ${row}s without an event`, [], without(ids, expected));
    }
  };
  for (const [database, types] of Object.entries(writers))
    await checkEvents(database, types, { table: "weft.outbox", row: "outbox row" });
  for (const [database, types] of Object.entries(readers))
    await checkEvents(database, types, { table: "weft.inbox_effects", row: "effect" });
  return { compared, differences };
}

const without = (ids: string[], others: ReadonlySet<string>) => ids.filter((id) => !others.has(id));

const toldOf = ({
  sku,
  name,
  categoryId,
  description,
}: Pick<ProductBook, "sku" | "name" | "categoryId" | "description">) => ({
  sku,
  name,
  categoryId,
  description,
});

/** Promotions that must be on a product's page, and those that are; both without those that end or begin just now. */
function shownPromotions(
  books: Books,
  { productId, categoryId }: { productId: string; categoryId: string },
  page: { promotions: { promotionId: string }[] },
): [expected: string[], answered: string[]] {
  const now = Date.now();
  const isCertain = ({ fromMs, toMs }: { fromMs: number; toMs: number }) =>
    Math.abs(now - fromMs) > nearMs && Math.abs(now - toMs) > nearMs;
  const expected = [...books.promotions]
    .filter(([, { status, fromMs, toMs }]) => status === "active" && fromMs <= now && now < toMs)
    .filter(
      ([, { productIds, categoryIds }]) =>
        productIds.includes(productId) ||
        categoryIds.includes(categoryId) ||
        productIds.length + categoryIds.length === 0,
    )
    .filter(([, promotion]) => isCertain(promotion))
    .map(([promotionId]) => promotionId);
  const answered = page.promotions
    .map(({ promotionId }) => promotionId)
    .filter((promotionId) => isCertain(books.promotions.get(promotionId) ?? { fromMs: 0, toMs: 0 }));
  return [expected.sort(), answered.sort()];
}

/** All of them, a few at a time. */
async function each<Book>(all: Map<string, Book>, ask: (id: string, book: Book) => Promise<void>): Promise<void> {
  const left = all.entries();
  await Promise.all(
    Array.from({ length: asked }, async () => {
      for (const [id, book] of left) await ask(id, book);
    }),
  );
}

/** A write that somebody was told is done, as the event that it must have caused. */
export interface AcknowledgedWrite {
  type: EventType;
  key: string;
  /** Some of the event's data. */
  data: Record<string, unknown>;
}

/** Acknowledged writes that are on no topic. */
export function lostWrites(writes: readonly AcknowledgedWrite[], events: readonly BookedEvent[]): AcknowledgedWrite[] {
  const byKey = Map.groupBy(events, ({ key, envelope }) => `${envelope.eventType} ${key}`);
  return writes.filter(
    ({ type, key, data }) => !byKey.get(`${type} ${key}`)?.some(({ envelope }) => includes(envelope.data, data)),
  );
}

/** Whether `whole` has everything that `part` has. */
function includes(whole: unknown, part: unknown): boolean {
  if (typeof part !== "object" || part === null) return isDeepStrictEqual(whole, part);
  if (typeof whole !== "object" || whole === null) return false;
  return Object.entries(part).every(([name, value]) => includes((whole as Record<string, unknown>)[name], value));
}

/** For people: what, expected, answered, one line each. */
export function table(differences: readonly Difference[], maxRows = 50): string {
  const rows = [
    ["WHAT", "EXPECTED", "ANSWERED"],
    ...differences.slice(0, maxRows).map(({ what, expected, answered }) => [what, shown(expected), shown(answered)]),
  ];
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  const more = differences.length - maxRows;
  return [...lines, ...(more > 0 ? [`… and ${more} more`] : [])].join("\n");
}

const shown = (value: unknown) =>
  (JSON.stringify(value, (_, one) => (typeof one === "bigint" ? String(one) : one)) ?? "nothing").slice(0, 160);
