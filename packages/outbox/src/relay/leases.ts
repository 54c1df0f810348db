import type { Queryable } from "../database.ts";
import { shardCount } from "../shard.ts";

export interface Lease {
  shard: number;
  /** Fencing token: grows with each change of owner. */
  epoch: number;
}

export interface LeaseSurvey {
  mine: Lease[];
  /** How many shards each relay that is alive should hold. */
  fairShare: number;
  /** Milliseconds until one that is held elsewhere could be taken; 0 where one is free now. Absent: all are mine. */
  nextFreeMs: number | undefined;
}

// One round trip a second for each relay. Losing it in a crash costs a lease nothing but time, so nobody waits for the
// disk: set_config is local to this statement's transaction. Taking a lease, which makes a new epoch, is durable.
const renewSql = `
  WITH me AS (
    INSERT INTO weft.relays (owner, expires_at) VALUES ($1, clock_timestamp() + $2 * interval '1 millisecond')
    ON CONFLICT (owner) DO UPDATE SET expires_at = excluded.expires_at
  ), long_gone AS (
    DELETE FROM weft.relays WHERE owner <> $1 AND expires_at < clock_timestamp() - interval '1 minute'
  ), renewed AS (
    UPDATE weft.relay_leases SET expires_at = clock_timestamp() + $2 * interval '1 millisecond'
    WHERE owner = $1 RETURNING shard, epoch
  )
  SELECT set_config('synchronous_commit', 'off', true),
    (SELECT count(*) FROM weft.relays WHERE owner <> $1 AND expires_at > clock_timestamp()) AS others,
    (SELECT greatest(0, extract(epoch FROM min(CASE WHEN owner IS NULL THEN clock_timestamp() ELSE expires_at END) - clock_timestamp()) * 1000)
       FROM weft.relay_leases WHERE owner IS DISTINCT FROM $1) AS next_free_ms,
    (SELECT coalesce(json_agg(renewed), '[]') FROM renewed) AS mine`;

const takeSql = `
  UPDATE weft.relay_leases AS l
  SET owner = $1, epoch = l.epoch + 1, expires_at = clock_timestamp() + $2 * interval '1 millisecond'
  FROM (
    SELECT shard FROM weft.relay_leases
    WHERE owner IS DISTINCT FROM $1 AND (owner IS NULL OR expires_at < clock_timestamp())
    ORDER BY shard LIMIT $3 FOR UPDATE SKIP LOCKED
  ) AS free
  WHERE l.shard = free.shard RETURNING l.shard, l.epoch`;

/** The rows of `weft.relay_leases` as one relay sees them. Times are those of the database; no session state is used. */
export function leasesOf(database: Queryable, { owner, leaseMs }: { owner: string; leaseMs: number }) {
  return {
    /** Keeps what this relay holds, and looks at the others. */
    async renew(): Promise<LeaseSurvey> {
      const { rows } = await database.query<{ others: number; next_free_ms: number | null; mine: Lease[] }>(renewSql, [
        owner,
        leaseMs,
      ]);
      const { others = 0, next_free_ms = null, mine = [] } = rows[0] ?? {};
      return { mine, fairShare: Math.ceil(shardCount / (others + 1)), nextFreeMs: next_free_ms ?? undefined };
    },

    /** Takes shards that nobody holds, or whose owner let them expire. */
    async take(count: number): Promise<Lease[]> {
      const { rows } = await database.query<Lease & { [column: string]: unknown }>(takeSql, [owner, leaseMs, count]);
      return rows.map(({ shard, epoch }) => ({ shard, epoch }));
    },

    /** Gives shards back, so that another relay need not wait. */
    async release(leases: readonly Lease[]): Promise<void> {
      await database.query(
        `UPDATE weft.relay_leases AS l SET owner = NULL, expires_at = '-infinity'
         FROM unnest($2::smallint[], $3::bigint[]) AS mine (shard, epoch)
         WHERE l.shard = mine.shard AND l.epoch = mine.epoch AND l.owner = $1`,
        [owner, leases.map(({ shard }) => shard), leases.map(({ epoch }) => epoch)],
      );
    },

    /** Gives everything back and tells the others at once that this relay is gone. */
    async leave(): Promise<void> {
      await database.query(
        `WITH me AS (DELETE FROM weft.relays WHERE owner = $1)
         UPDATE weft.relay_leases SET owner = NULL, expires_at = '-infinity' WHERE owner = $1`,
        [owner],
      );
    },
  };
}
