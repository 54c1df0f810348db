import type { Database } from "@weft/outbox";
import type { ProductNews } from "../../application/ports.ts";

const maxPromotions = 100;
const maxWarehouses = 200;

/** Reads what `projections.ts` writes. */
export function postgresProductNews(database: Database): ProductNews {
  return {
    async promotionsOf({ productId, categoryId }, now) {
      const { rows } = await database.query<{
        promotion_id: string;
        name: string;
        type: string;
        rules: unknown;
        status: string;
        effective_from: Date;
        effective_to: Date;
      }>(
        `select promotion_id, name, type, rules, status, effective_from, effective_to from promotions
          where status = 'active' and name is not null and effective_from <= $3 and effective_to > $3
            and ($1 = any (product_ids) or $2 = any (category_ids) or (product_ids = '{}' and category_ids = '{}'))
          order by effective_to, promotion_id limit ${maxPromotions}`,
        [productId, categoryId, now],
      );
      return rows.map((row) => ({
        promotionId: row.promotion_id,
        name: row.name,
        type: row.type,
        rules: row.rules,
        status: row.status,
        effectiveFrom: row.effective_from,
        effectiveTo: row.effective_to,
      }));
    },

    async ratingOf(productId) {
      const { rows } = await database.query<{ average: string; count: string }>(
        `select coalesce(round(avg(rating), 2), 0) as average, count(*) as count from reviews
          where product_id = $1 and status in ('pending', 'approved')`,
        [productId],
      );
      return { average: Number(rows[0]!.average), count: Number(rows[0]!.count) };
    },

    async availabilityOf(productId) {
      const { rows } = await database.query<{ warehouse_id: string; available: number; changed_at: Date }>(
        `select warehouse_id, available, changed_at from stock where product_id = $1
          order by warehouse_id limit ${maxWarehouses}`,
        [productId],
      );
      return rows.map((row) => ({
        warehouseId: row.warehouse_id,
        available: row.available,
        changedAt: row.changed_at,
      }));
    },
  };
}
