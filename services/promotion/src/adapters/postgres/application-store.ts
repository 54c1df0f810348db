import type { Database, Outbox, Queryable } from "@weft/outbox";
import type { Application, ApplicationStore } from "../../application/ports.ts";

/** An application belongs to its order: that is the key of its event. */
export function postgresApplicationStore({
  database,
  outbox,
}: {
  database: Database;
  outbox: Outbox<"PromotionApplied">;
}): ApplicationStore {
  return {
    find: (promotionId, orderId) => findIn(database, promotionId, orderId),

    record: (application) =>
      database.transaction(async (tx) => {
        const { promotionId, orderId, customerId, originalAmount, discountAmount, finalAmount, appliedAt } =
          application;
        await outbox.lock(tx, [{ topic: "promotion.events", aggregateId: orderId }]);
        // Whoever applied it at the same moment has the lock first: then its row is there now.
        const earlier = await findIn(tx, promotionId, orderId);
        if (earlier) return { application: earlier, isFirst: false };
        await tx.query(
          `insert into applications (promotion_id, order_id, customer_id, original_amount, discount_amount, final_amount, applied_at)
           values ($1, $2, $3, $4, $5, $6, $7)`,
          [promotionId, orderId, customerId, originalAmount, discountAmount, finalAmount, appliedAt],
        );
        await outbox.append(tx, "PromotionApplied", { ...application, appliedAt: appliedAt.toISOString() });
        return { application, isFirst: true };
      }),
  };
}

async function findIn(queryable: Queryable, promotionId: string, orderId: string): Promise<Application | undefined> {
  const { rows } = await queryable.query<{
    customer_id: string;
    original_amount: string;
    discount_amount: string;
    final_amount: string;
    applied_at: Date;
  }>("select * from applications where promotion_id = $1 and order_id = $2", [promotionId, orderId]);
  const [row] = rows;
  return (
    row && {
      promotionId,
      orderId,
      customerId: row.customer_id,
      originalAmount: Number(row.original_amount),
      discountAmount: Number(row.discount_amount),
      finalAmount: Number(row.final_amount),
      appliedAt: row.applied_at,
    }
  );
}
