import type { Database, Outbox } from "@weft/outbox";
import { aggregateStore } from "@weft/service-kit";
import type { PromotionStore } from "../../application/ports.ts";
import { PromotionExists, PromotionNotFound } from "../../domain/errors.ts";
import type { Promotion, PromotionStatus, PromotionType, Rules } from "../../domain/promotion.ts";

export interface PromotionStoreParts {
  database: Database;
  outbox: Outbox<"PromotionCreated" | "PromotionStatusChanged">;
}

/** Those that name the product, its category, or neither products nor categories. */
const forProduct = `$1 = any (product_ids)
  or (select category_id from known_products where product_id = $1) = any (category_ids)
  or (product_ids = '{}' and category_ids = '{}')`;

export function postgresPromotionStore({ database, outbox }: PromotionStoreParts): PromotionStore {
  const promotions = aggregateStore(
    { database, outbox },
    { topic: "promotion.events", table: "promotions", id: "promotion_id", toRow, fromRow },
  );

  return {
    async create(promotion) {
      const { updatedAt: _, ...told } = promotion;
      const data = {
        ...told,
        effectiveFrom: promotion.effectiveFrom.toISOString(),
        effectiveTo: promotion.effectiveTo.toISOString(),
        createdAt: promotion.createdAt.toISOString(),
      };
      const { isNew } = await promotions.create(promotion, [{ type: "PromotionCreated", data }]);
      if (!isNew) throw new PromotionExists({ promotionId: promotion.promotionId });
    },

    find: (promotionId) => promotions.find(promotionId),

    list: ({ status, productId }, limit, before) =>
      promotions.list(
        { status },
        limit,
        before,
        productId === undefined ? undefined : { sql: forProduct, values: [productId] },
      ),

    async change(promotionId, decide) {
      const promotion = await promotions.change(promotionId, (before) => {
        const data = decide(before);
        return (
          data && {
            thing: { ...before, status: data.to, updatedAt: new Date(data.changedAt) },
            events: [{ type: "PromotionStatusChanged", data }],
          }
        );
      });
      if (promotion === undefined) throw new PromotionNotFound({ promotionId });
      return promotion;
    },

    async overdue(now, limit) {
      const { rows } = await database.query<{ promotion_id: string }>(
        `select promotion_id from promotions where status <> 'expired' and effective_to <= $1
          order by effective_to limit $2`,
        [now, limit],
      );
      return rows.map((row) => row.promotion_id);
    },
  };
}

const toRow = (promotion: Promotion) => ({
  promotion_id: promotion.promotionId,
  name: promotion.name,
  type: promotion.type,
  rules: JSON.stringify(promotion.rules),
  product_ids: promotion.rules.conditions?.productIds ?? [],
  category_ids: promotion.rules.conditions?.categoryIds ?? [],
  effective_from: promotion.effectiveFrom,
  effective_to: promotion.effectiveTo,
  status: promotion.status,
  created_by: promotion.createdBy ?? null,
  created_at: promotion.createdAt,
  updated_at: promotion.updatedAt,
});

type PromotionRow = {
  promotion_id: string;
  name: string;
  type: PromotionType;
  rules: Rules;
  effective_from: Date;
  effective_to: Date;
  status: PromotionStatus;
  created_by: string | null;
  created_at: Date;
  updated_at: Date;
};

const fromRow = (row: PromotionRow): Promotion => ({
  promotionId: row.promotion_id,
  name: row.name,
  type: row.type,
  rules: row.rules,
  effectiveFrom: row.effective_from,
  effectiveTo: row.effective_to,
  status: row.status,
  ...(row.created_by === null ? {} : { createdBy: row.created_by }),
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});
