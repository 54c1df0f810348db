import type { Inbox } from "@weft/messaging";
import type { Database, Transaction } from "./database.ts";
import { laneOf } from "./postgres/internals.ts";

/**
 * Effects that happen once: the note in `weft.inbox` commits with the effect, or neither does. Of the same event twice at
 * the same moment the second waits for the first. Runs on the connections for consumers.
 */
export function postgresInbox({ database }: { database: Database }): Inbox<Transaction> {
  const { transaction, query } = laneOf(database, "consumer");
  return {
    once: (delivery, effect) =>
      transaction(async (tx) => {
        const { consumer, topic, aggregateId, sequence, eventId, eventType, partition, offset } = delivery;
        const { rows } = await tx.query<{ is_new: boolean }>(
          "SELECT weft.inbox_accept($1, $2, $3, $4, $5, $6, $7, $8) AS is_new",
          [consumer, topic, aggregateId, sequence ?? null, eventId, eventType, partition, offset],
        );
        if (!rows[0]?.is_new) return "duplicate";
        await effect(tx);
        return "applied";
      }),

    async keepGap({ consumer, topic, aggregateId, sequence, eventId }, reason) {
      if (sequence === undefined) return; // it claims no order, so there is no place to keep
      await query("SELECT weft.inbox_keep_gap($1, $2, $3, $4, $5, $6)", [
        consumer,
        topic,
        aggregateId,
        sequence,
        eventId,
        reason,
      ]);
    },

    async isHeld({ consumer, topic, aggregateId, sequence }) {
      if (sequence === undefined) return false; // nothing is earlier than what claims no order
      const { rowCount } = await query(
        `SELECT FROM weft.inbox_gaps WHERE consumer = $1 AND topic = $2 AND aggregate_id = $3 AND event_sequence < $4
         AND reason IN ('dead', 'parked') LIMIT 1`,
        [consumer, topic, aggregateId, sequence],
      );
      return rowCount === 1;
    },
  };
}
