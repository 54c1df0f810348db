import type { Database, Outbox, Queryable } from "@weft/outbox";
import type { Listed, PromotionStore } from "../../application/ports.ts";
import { PromotionExists, PromotionNotFound } from "../../domain/errors.ts";
import type { Promotion, PromotionStatus, PromotionType, Rules } from "../../domain/promotion.ts";

const topic = "promotion.events";

/** The outbox is locked before the row, everywhere, so that events are numbered in the order of the changes. */
export function postgresPromotionStore({ database, outbox }: { database: Database; outbox: Outbox }): PromotionStore {
  return {
    create: (promotion) =>
      database.transaction(async (tx) => {
        const { promotionId, rules, createdBy } = promotion;
        await outbox.lock(tx, [{ topic, aggregateId: promotionId }]);
        const { rowCount } = await tx.query(
          `insert into promotions (promotion_id, name, type, rules, product_ids, category_ids, effective_from,
                                   effective_to, status, created_by, created_at, updated_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) on conflict do nothing`,
          [
            promotionId,
            promotion.name,
            promotion.type,
            JSON.stringify(rules),
            rules.conditions?.productIds ?? [],
            rules.conditions?.categoryIds ?? [],
            promotion.effectiveFrom,
            promotion.effectiveTo,
            promotion.status,
            createdBy ?? null,
            promotion.createdAt,
            promotion.updatedAt,
          ],
        );
        if (rowCount === 0) throw new PromotionExists({ promotionId });
        await outbox.append(tx, "PromotionCreated", {
          promotionId,
          name: promotion.name,
          type: promotion.type,
          rules,
          effectiveFrom: promotion.effectiveFrom.toISOString(),
          effectiveTo: promotion.effectiveTo.toISOString(),
          status: promotion.status,
          ...(createdBy === undefined ? {} : { createdBy }),
          createdAt: promotion.createdAt.toISOString(),
        });
      }),

    find: (promotionId) => findIn(database, promotionId),

    async list({ status, productId }, limit, before) {
      const { rows } = await database.query<PromotionRow>(
        `select * from promotions
          where ($1::text is null or status = $1)
            and ($2::text is null or $2 = any (product_ids)
                 or (select category_id from known_products where product_id = $2) = any (category_ids)
                 or (product_ids = '{}' and category_ids = '{}'))
            and ($3::bigint is null or seq < $3)
          order by seq desc limit $4`,
        [status ?? null, productId ?? null, before ?? null, limit],
      );
      return rows.map((row): Listed<Promotion> => ({ ...promotionOf(row), position: Number(row.seq) }));
    },

    change: (promotionId, decide) =>
      database.transaction(async (tx) => {
        await outbox.lock(tx, [{ topic, aggregateId: promotionId }]);
        const promotion = await findIn(tx, promotionId, "for update");
        if (promotion === undefined) throw new PromotionNotFound({ promotionId });
        const change = decide(promotion);
        if (change === undefined) return promotion;
        const updatedAt = new Date(change.changedAt);
        await tx.query("update promotions set status = $2, updated_at = $3 where promotion_id = $1", [
          promotionId,
          change.to,
          updatedAt,
        ]);
        await outbox.append(tx, "PromotionStatusChanged", change);
        return { ...promotion, status: change.to, updatedAt };
      }),

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

type PromotionRow = {
  promotion_id: string;
  seq: string;
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

async function findIn(queryable: Queryable, promotionId: string, lock = ""): Promise<Promotion | undefined> {
  const { rows } = await queryable.query<PromotionRow>(`select * from promotions where promotion_id = $1 ${lock}`, [
    promotionId,
  ]);
  return rows[0] && promotionOf(rows[0]);
}

function promotionOf(row: PromotionRow): Promotion {
  return {
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
  };
}
