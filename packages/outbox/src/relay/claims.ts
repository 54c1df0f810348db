import type { Queryable } from "../database.ts";
import type { Lease } from "./leases.ts";
import type { OrderedRow } from "./order.ts";

export interface ClaimedRow extends OrderedRow {
  id: number;
  eventId: string;
  eventType: string;
  eventVersion: string;
  envelope: string;
  headers: Record<string, string>;
  createdAt: Date;
  attempts: number;
  /** After a refused attempt: how long it must still wait, in milliseconds. */
  waitMs: number;
}

/** An earlier row of the same aggregate that was not published. */
export interface Predecessor {
  row: ClaimedRow;
  isQuarantined: boolean;
  sequence: number;
}

const holdsLease = `EXISTS (
  SELECT FROM weft.relay_leases AS l
  WHERE l.shard = $1 AND l.owner = $2 AND l.epoch = $3 AND l.expires_at > clock_timestamp())`;

// The bound on bytes keeps memory flat, and a batch for one partition within what a broker takes.
const claimSql = `
  SELECT id, topic, aggregate_id AS "aggregateId", event_sequence AS sequence, event_id AS "eventId",
    event_type AS "eventType", event_version AS "eventVersion", envelope, headers, created_at AS "createdAt", attempts,
    coalesce(greatest(0, extract(epoch FROM not_before - clock_timestamp()) * 1000), 0) AS "waitMs"
  FROM (
    SELECT *, sum(octet_length(envelope)) OVER (ORDER BY id) - octet_length(envelope) AS bytes_before
    FROM (
      SELECT * FROM weft.outbox
      WHERE shard = $1 AND published_at IS NULL AND quarantined_at IS NULL AND id > $4 AND ${holdsLease}
      ORDER BY id LIMIT $5
    ) AS first_rows
  ) AS sized
  WHERE bytes_before < $6 ORDER BY id`;

// `quarantined_at IS NULL` is what the index of pending rows asks for: without it each mark reads the day's whole history.
// Nobody waits for the disk: a mark that a crash of the server loses means that its event is sent again, no more.
const markSql = `
  UPDATE weft.outbox SET published_at = clock_timestamp(), claim_epoch = $3
  WHERE shard = $1 AND id = ANY ($4::bigint[]) AND created_at BETWEEN $5 AND $6
    AND published_at IS NULL AND quarantined_at IS NULL AND ${holdsLease}
    AND (SELECT set_config('synchronous_commit', 'off', true)) = 'off'`;

const predecessorsSql = `
  SELECT k.n::integer AS n, p.event_sequence AS sequence, p.quarantined_at IS NOT NULL AS "isQuarantined"
  FROM unnest($1::text[], $2::text[], $3::bigint[]) WITH ORDINALITY AS k (topic, aggregate_id, sequence, n)
  CROSS JOIN LATERAL (
    SELECT o.event_sequence, o.published_at, o.quarantined_at FROM weft.outbox AS o
    WHERE o.topic = k.topic AND o.aggregate_id = k.aggregate_id AND o.event_sequence < k.sequence
    ORDER BY o.event_sequence DESC LIMIT 1
  ) AS p
  WHERE p.published_at IS NULL`;

const retryLaterSql = `
  UPDATE weft.outbox SET attempts = $5, last_error = $6, not_before = clock_timestamp() + $7 * interval '1 millisecond'
  WHERE shard = $1 AND id = $4 AND published_at IS NULL AND quarantined_at IS NULL AND ${holdsLease}`;

const quarantineSql = `
  UPDATE weft.outbox SET quarantined_at = clock_timestamp(),
    quarantine_reason = CASE WHEN event_sequence = $6 THEN $7 ELSE 'waits behind event-sequence ' || $6 END,
    attempts = CASE WHEN event_sequence = $6 THEN attempts + 1 ELSE attempts END,
    last_error = CASE WHEN event_sequence = $6 THEN $8 ELSE last_error END
  WHERE shard = $1 AND topic = $4 AND aggregate_id = $5 AND event_sequence >= $6
    AND published_at IS NULL AND quarantined_at IS NULL AND ${holdsLease}`;

/**
 * The rows of one shard, for as long as its lease lasts: every statement asks for owner and epoch, so that a relay that was
 * stopped for a while and goes on changes nothing.
 */
export function claimsOf(database: Queryable, owner: string, { shard, epoch }: Lease) {
  const fence = [shard, owner, epoch];
  const column = <K extends keyof ClaimedRow>(rows: readonly ClaimedRow[], name: K) => rows.map((row) => row[name]);
  return {
    /** Pending rows with an id above `afterId`; ids say where to look, never what comes first. */
    async pending(afterId: number, limits: { rows: number; bytes: number }): Promise<ClaimedRow[]> {
      const { rows } = await database.query(claimSql, [...fence, afterId, limits.rows, limits.bytes]);
      return rows as unknown as ClaimedRow[];
    },

    /** Of these rows those that have a nearest earlier row of their aggregate that is still pending or quarantined. */
    async pendingPredecessors(rows: readonly ClaimedRow[]): Promise<Predecessor[]> {
      const keys = [column(rows, "topic"), column(rows, "aggregateId"), column(rows, "sequence")];
      const found = await database.query<{ n: number; sequence: number; isQuarantined: boolean }>(
        predecessorsSql,
        keys,
      );
      return found.rows.map(({ n, ...rest }) => ({ row: rows[n - 1] as ClaimedRow, ...rest }));
    },

    /** @returns how many rows were marked: fewer than given where the lease is lost or someone was faster */
    async markPublished(rows: readonly ClaimedRow[]): Promise<number> {
      // A Date has milliseconds, the column microseconds. The bounds let the server skip the other days' partitions.
      const times = rows.map(({ createdAt }) => createdAt.getTime());
      const bounds = [new Date(Math.min(...times) - 1), new Date(Math.max(...times) + 1)];
      const { rowCount } = await database.query(markSql, [...fence, column(rows, "id"), ...bounds]);
      return rowCount ?? 0;
    },

    async retryLater({ id, attempts }: ClaimedRow, error: string, delayMs: number): Promise<void> {
      await database.query(retryLaterSql, [...fence, id, attempts + 1, error, delayMs]);
    },

    /** Takes a row and all behind it in its aggregate out of the way of the others. */
    async quarantine(
      { topic, aggregateId, sequence }: OrderedRow,
      reason: string,
      error: string | null,
    ): Promise<number> {
      const values = [...fence, topic, aggregateId, sequence, reason, error];
      return (await database.query(quarantineSql, values)).rowCount ?? 0;
    },

    /** Rows that came after their aggregate was quarantined. */
    async joinQuarantine({ topic, aggregateId, sequence }: OrderedRow, behind: number): Promise<void> {
      await database.query(
        `UPDATE weft.outbox SET quarantined_at = clock_timestamp(), quarantine_reason = 'waits behind event-sequence ' || $7
         WHERE shard = $1 AND topic = $4 AND aggregate_id = $5 AND event_sequence >= $6
           AND published_at IS NULL AND quarantined_at IS NULL AND ${holdsLease}`,
        [...fence, topic, aggregateId, sequence, String(behind)],
      );
    },
  };
}

export type Claims = ReturnType<typeof claimsOf>;
