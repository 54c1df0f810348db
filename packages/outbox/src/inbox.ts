import type { Acceptance, Delivery, Inbox, InboxTrouble } from "@weft/messaging";
import type { Database, Queryable, Transaction } from "./database.ts";
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
        const { rows } = await tx.query<{ outcome: Acceptance }>(
          "SELECT weft.inbox_take($1, $2, $3, $4, $5, $6, $7, $8, $9) AS outcome",
          [consumer, topic, aggregateId, sequence ?? null, eventId, eventType, partition, offset, momentOf(delivery)],
        );
        const { outcome } = rows[0]!;
        if (outcome === "applied") await effect(tx);
        return outcome;
      }),

    async keepGap(delivery, reason) {
      const { consumer, topic, aggregateId, sequence, eventId, partition, offset } = delivery;
      if (sequence === undefined) return; // it claims no order, so there is no place to keep
      await query("SELECT weft.inbox_keep_place($1, $2, $3, $4, $5, $6, $7, $8, $9)", [
        consumer,
        topic,
        aggregateId,
        sequence,
        eventId,
        partition,
        offset,
        momentOf(delivery),
        reason,
      ]);
    },

    pass: together((deliveries) => passAll({ query }, deliveries)),

    async isHeld({ consumer, topic, aggregateId, sequence }) {
      if (sequence === undefined) return false; // nothing is earlier than what claims no order
      const { rowCount } = await query(
        `SELECT FROM weft.inbox_gaps WHERE consumer = $1 AND topic = $2 AND aggregate_id = $3 AND event_sequence < $4
         AND reason IN ('dead', 'parked') LIMIT 1`,
        [consumer, topic, aggregateId, sequence],
      );
      return rowCount === 1;
    },

    reading: readingIn({ query }),

    async troubles(consumer) {
      const { rows } = await query<InboxTrouble & { [column: string]: unknown }>(
        "SELECT trouble, topic, events, example FROM weft.inbox_troubles WHERE consumer = $1",
        [consumer],
      );
      return rows.map(({ trouble, topic, events, example }) => ({
        trouble,
        topic,
        events: Number(events),
        ...(example ? { example } : {}),
      }));
    },
  };
}

const momentOf = ({ timestampMs }: Delivery) => new Date(timestampMs ?? Date.now());

/** In the order of their aggregates, as the locks of the positions are taken in it. */
async function passAll({ query }: Queryable, given: readonly Delivery[]): Promise<void> {
  const deliveries = given
    .filter(({ sequence }) => sequence !== undefined)
    .sort((a, b) =>
      a.aggregateId < b.aggregateId ? -1 : a.aggregateId > b.aggregateId ? 1 : a.sequence! - b.sequence!,
    );
  if (deliveries.length === 0) return;
  const column = <T>(of: (delivery: Delivery) => T) => deliveries.map(of);
  await query(
    `SELECT weft.inbox_pass(d.consumer, d.topic, d.aggregate_id, d.event_sequence, d.event_id, d.partition, d.position, d.at)
     FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::integer[], $7::bigint[], $8::timestamptz[])
       AS d (consumer, topic, aggregate_id, event_sequence, event_id, partition, position, at)`,
    [
      column(({ consumer }) => consumer),
      column(({ topic }) => topic),
      column(({ aggregateId }) => aggregateId),
      column(({ sequence }) => sequence),
      column(({ eventId }) => eventId),
      column(({ partition }) => partition),
      column(({ offset }) => offset),
      column(momentOf),
    ],
  );
}

/** One write for all that came while the one before was under way. */
function together<T>(write: (items: readonly T[]) => Promise<void>): (item: T) => Promise<void> {
  let running: Promise<void> = Promise.resolve();
  let next: { items: T[]; written: Promise<void> } | undefined;
  return (item) => {
    if (!next) {
      const items: T[] = [];
      const written = running.then(() => {
        next = undefined;
        return write(items);
      });
      running = written.catch(() => {}); // whoever waits for `written` hears of it
      next = { items, written };
    }
    next.items.push(item);
    return next.written;
  };
}

function readingIn({ query }: Queryable): NonNullable<Inbox<Transaction>["reading"]> {
  return {
    async next(consumer, { topic, partition }) {
      const { rows } = await query<{ next_offset: number | bigint }>(
        "SELECT next_offset FROM weft.inbox_partitions WHERE consumer = $1 AND topic = $2 AND partition = $3",
        [consumer, topic, partition],
      );
      return rows[0] && BigInt(rows[0].next_offset);
    },

    async begin(consumer, { topic, partition, offset }) {
      await query(
        `INSERT INTO weft.inbox_partitions AS p (consumer, topic, partition, next_offset, read_from) VALUES ($1, $2, $3, $4, $4)
         ON CONFLICT (consumer, topic, partition) DO UPDATE SET next_offset = excluded.next_offset,
           read_from = CASE WHEN excluded.next_offset BETWEEN p.read_from AND p.next_offset THEN p.read_from ELSE excluded.next_offset END,
           unread = CASE WHEN excluded.next_offset <= p.unread_from THEN 0 ELSE p.unread END
             + greatest(0, excluded.next_offset - p.next_offset),
           unread_from = CASE
             WHEN excluded.next_offset > p.next_offset THEN coalesce(p.unread_from, p.next_offset)
             WHEN excluded.next_offset > p.unread_from THEN p.unread_from END,
           unread_at = CASE WHEN excluded.next_offset > p.next_offset THEN clock_timestamp() ELSE p.unread_at END`,
        [consumer, topic, partition, offset],
      );
    },

    async done(consumer, offsets) {
      await query(
        `UPDATE weft.inbox_partitions AS p SET next_offset = o.next_offset
         FROM unnest($2::text[], $3::integer[], $4::bigint[]) AS o (topic, partition, next_offset)
         WHERE p.consumer = $1 AND p.topic = o.topic AND p.partition = o.partition`,
        [
          consumer,
          offsets.map(({ topic }) => topic),
          offsets.map(({ partition }) => partition),
          offsets.map(({ offset }) => offset),
        ],
      );
    },
  };
}
