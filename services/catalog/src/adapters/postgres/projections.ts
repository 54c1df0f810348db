import type { EventData } from "@weft/contracts";
import { momentOf } from "@weft/core";
import type { Queryable } from "@weft/outbox";
import { project } from "@weft/service-kit";

type Place = number | undefined;

/** PostgreSQL takes offsets up to 15:59 only, RFC 3339 up to 23:59. */
const instant = (text: string) => momentOf(text)!;

/** A promotion is created once: a status that was heard of is always a later one. */
export async function notePromotion(tx: Queryable, data: EventData<"PromotionCreated">): Promise<void> {
  const { conditions = {} } = data.rules;
  await tx.query(
    `insert into promotions (promotion_id, name, type, rules, product_ids, category_ids, effective_from, effective_to, status)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     on conflict (promotion_id) do update
       set name = excluded.name, type = excluded.type, rules = excluded.rules, product_ids = excluded.product_ids,
           category_ids = excluded.category_ids, effective_from = excluded.effective_from,
           effective_to = excluded.effective_to`,
    [
      data.promotionId,
      data.name,
      data.type,
      JSON.stringify(data.rules),
      conditions.productIds ?? [],
      conditions.categoryIds ?? [],
      instant(data.effectiveFrom),
      instant(data.effectiveTo),
      data.status ?? "active",
    ],
  );
}

export function notePromotionStatus(
  tx: Queryable,
  { promotionId, to }: EventData<"PromotionStatusChanged">,
  place: Place,
): Promise<void> {
  return project(tx, {
    table: "promotions",
    key: { promotion_id: promotionId },
    values: { status: to },
    place,
    part: "status",
  });
}

/** A row for each review, whichever of its events comes first; ratings are counted from the rows. */
export async function noteReview(tx: Queryable, data: EventData<"ReviewSubmitted">): Promise<void> {
  // It is submitted once: where there is a row, what happened to it later is known already.
  await tx.query(
    "insert into reviews (review_id, product_id, rating, status) values ($1, $2, $3, $4) on conflict do nothing",
    [data.reviewId, data.productId, data.rating, data.status ?? "pending"],
  );
}

export function noteModeration(tx: Queryable, data: EventData<"ReviewModerated">, place: Place): Promise<void> {
  return project(tx, {
    table: "reviews",
    key: { review_id: data.reviewId },
    values: { product_id: data.productId, rating: data.rating, status: data.to },
    place,
  });
}

export function noteStock(tx: Queryable, data: EventData<"StockChanged">, place: Place): Promise<void> {
  return project(tx, {
    table: "stock",
    key: { product_id: data.productId, warehouse_id: data.warehouseId },
    values: { available: data.available, changed_at: instant(data.changedAt) },
    place,
  });
}

export function notePriceChange(tx: Queryable, data: EventData<"PriceChanged">, place: Place): Promise<void> {
  return project(tx, {
    table: "price_changes",
    key: { product_id: data.productId, warehouse_id: data.warehouseId ?? null },
    values: { final_price: data.finalPrice, currency: data.currency, changed_at: instant(data.changedAt) },
    place,
  });
}
