import { fromCents } from "@weft/core";
import type { Database, Transaction } from "@weft/outbox";
import type { Activity, ActivityStore, EventEffects } from "../../application/ports.ts";
import { type CustomerStoreParts, customerAggregates, published } from "./customer-store.ts";

export function postgresActivityStore(database: Database): ActivityStore {
  return {
    async list(customerId, limit, before) {
      const { rows } = await database.query<{
        activity_id: string;
        seq: string;
        type: Activity["type"];
        occurred_at: Date;
        details: Record<string, unknown>;
      }>(
        `select * from activity where customer_id = $1 and ($2::bigint is null or seq < $2)
          order by seq desc limit $3`,
        [customerId, before ?? null, limit],
      );
      return rows.map((row) => ({
        activityId: row.activity_id,
        customerId,
        type: row.type,
        occurredAt: row.occurred_at,
        details: row.details,
        position: Number(row.seq),
      }));
    },
  };
}

/** @param options `service`: how this service signs the changes that it makes by itself */
export function eventEffects(parts: CustomerStoreParts, { service }: { service: string }) {
  const customers = customerAggregates(parts);
  return (tx: Transaction): EventEffects => ({
    async addActivity({ activityId, customerId, type, occurredAt, details }) {
      await tx.query(
        `insert into activity (activity_id, customer_id, type, occurred_at, details) values ($1, $2, $3, $4, $5)
         on conflict do nothing`,
        [activityId, customerId, type, occurredAt, JSON.stringify(details)],
      );
    },

    async addPurchase({ eventId, customerId, promotionId, orderId, amount, appliedAt }, decide) {
      const { rowCount } = await tx.query(
        `insert into purchases (event_id, customer_id, promotion_id, order_id, amount, applied_at)
         values ($1, $2, $3, $4, $5, $6) on conflict do nothing`,
        [eventId, customerId, promotionId, orderId, fromCents(amount), appliedAt],
      );
      if (rowCount === 1) await customers.in(tx).change(customerId, (before) => published(decide(before), service));
    },
  });
}
