import { sleep, WeftError } from "@weft/core";
import type { Database, Outbox, Queryable, Transaction } from "@weft/outbox";
import { shardOf } from "@weft/outbox";
import { priceChanged } from "./fixtures.ts";

const pick = (aggregates: number) => `prod_${Math.floor(Math.random() * aggregates)}`;
/** A busy machine opens so many connections slower than a request may wait for one: another transaction is done instead. */
const orAgain = (error: unknown) => {
  if (!(error instanceof WeftError) || !error.retryable) throw error;
};
const dawdle = (share: number, maxMs: number) => (Math.random() < share ? sleep(Math.random() * maxMs) : undefined);

/** Random writers as in E1: each transaction appends one event or a few, every tenth dawdles before its commit. */
export async function randomWriters(
  { database, outbox }: { database: Database; outbox: Outbox },
  { writers, transactions, aggregates }: { writers: number; transactions: number; aggregates: number },
): Promise<void> {
  let left = transactions;
  const write = async () => {
    while (left-- > 0) {
      const productIds = [...new Set([pick(aggregates), ...(Math.random() < 0.2 ? [pick(aggregates)] : [])])];
      const append = async (tx: Transaction) => {
        await outbox.lock(
          tx,
          productIds.map((aggregateId) => ({ topic: "pricing.events", aggregateId })),
        );
        for (const productId of productIds) await outbox.append(tx, "PriceChanged", priceChanged(productId));
        await dawdle(0.1, 5);
      };
      await database.transaction(append).catch(orAgain);
    }
  };
  await Promise.all(Array.from({ length: writers }, write));
}

/** E3: draws the row's id first and locks the aggregate second, so that ids contradict the order of commits. */
export async function writersThatDrawIdsFirst(
  database: Database,
  { writers, transactions, aggregates }: { writers: number; transactions: number; aggregates: number },
): Promise<void> {
  let left = transactions;
  const append = async (tx: Queryable, aggregateId: string) => {
    const { rows } = await tx.query<{ id: number }>("SELECT nextval('weft.outbox_id') AS id");
    await dawdle(0.3, 3);
    await tx.query(
      `WITH a AS (
         INSERT INTO weft.aggregates AS a (topic, aggregate_id, last_sequence) VALUES ('pricing.events', $1, 1)
         ON CONFLICT (topic, aggregate_id) DO UPDATE SET last_sequence = a.last_sequence + 1 RETURNING last_sequence
       )
       INSERT INTO weft.outbox (id, topic, aggregate_id, event_sequence, event_id, event_type, event_version, envelope, shard)
       SELECT $2::bigint, 'pricing.events', $1, last_sequence, $2::bigint::text, 'PriceChanged', '1.0', '{}', $3 FROM a`,
      [aggregateId, rows[0]?.id, shardOf("pricing.events", aggregateId)],
    );
    await dawdle(0.3, 3);
  };
  const write = async () => {
    while (left-- > 0) await database.transaction((tx) => append(tx, pick(aggregates))).catch(orAgain);
  };
  await Promise.all(Array.from({ length: writers }, write));
}
