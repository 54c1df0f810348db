import type { Logger } from "@weft/core";
import type { LaneClient } from "./lane.ts";

export interface HousekeepingSettings {
  /** Published events stay this long as history, in days. */
  outboxRetentionDays: number;
  /** Rows of the inbox stay this long, in days: for as long, a foreign event that comes again is known. */
  inboxRetentionDays: number;
}

/** Partitions made before they are needed, in days. No partition, no insert: so this is far more than one outage. */
const partitionsAhead = 3;
const batchRows = 1_000;
const batchesEachTime = 20;

/** Makes partitions ahead of time. The others wait for no lock: new ones are attached, not created in place. */
export async function ensurePartitions(client: Pick<LaneClient, "query">): Promise<void> {
  await client.query("SELECT weft.ensure_outbox_partitions($1)", [partitionsAhead]);
}

/** Removes what is past its time: whole partitions of the outbox, and bounded batches of rows elsewhere. */
export async function removeExpired(
  { client, log }: { client: Pick<LaneClient, "query">; log: Logger },
  settings: HousekeepingSettings,
): Promise<void> {
  await dropOldPartitions({ client, log }, settings.outboxRetentionDays);
  await deleteInBatches(
    client,
    "weft.inbox",
    "applied_at < now() - make_interval(days => $1)",
    settings.inboxRetentionDays,
  );
  await deleteInBatches(
    client,
    "weft.inbox_gaps",
    "reason = 'skipped' AND created_at < now() - make_interval(days => $1)",
    settings.inboxRetentionDays,
  );
  for (const [table, since] of [
    ["weft.inbox_passed", "passed_at"],
    ["weft.inbox_refused", "refused_at"],
  ] as const)
    await deleteInBatches(client, table, `${since} < now() - make_interval(days => $1)`, settings.inboxRetentionDays);
  await deleteInBatches(client, "weft.idempotency_keys", "expires_at < now() - make_interval(days => $1)", 0);
}

async function deleteInBatches(client: Pick<LaneClient, "query">, table: string, condition: string, days: number) {
  for (let batch = 0; batch < batchesEachTime; batch++) {
    const { rowCount } = await client.query(
      `DELETE FROM ${table} WHERE ctid = ANY (ARRAY(SELECT ctid FROM ${table} WHERE ${condition} LIMIT ${batchRows} FOR UPDATE SKIP LOCKED))`,
      [days],
    );
    if ((rowCount ?? 0) < batchRows) return;
  }
}

interface OldPartition {
  name: string;
  is_attached: boolean;
  is_half_detached: boolean;
}

async function dropOldPartitions(
  { client, log }: { client: Pick<LaneClient, "query">; log: Logger },
  retentionDays: number,
) {
  // Also those that a process which died between DETACH and DROP left behind.
  const { rows } = await client.query(
    `SELECT c.relname AS name, i.inhparent IS NOT NULL AS is_attached, coalesce(i.inhdetachpending, false) AS is_half_detached
     FROM pg_class c LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
     WHERE c.relnamespace = 'weft'::regnamespace AND c.relkind = 'r' AND c.relname ~ '^outbox_p[0-9]{8}$'
       AND to_date(right(c.relname, 8), 'YYYYMMDD') < (now() AT TIME ZONE 'UTC')::date - $1::integer
     ORDER BY c.relname`,
    [retentionDays],
  );
  for (const { name, is_attached, is_half_detached } of rows as OldPartition[]) {
    const pending = await client.query(`SELECT FROM weft.${name} WHERE published_at IS NULL LIMIT 1`);
    if (pending.rowCount !== 0) {
      log.warn({ partition: name }, "an old part of the outbox has unpublished events and is kept");
      continue;
    }
    if (is_half_detached) await client.query(`ALTER TABLE weft.outbox DETACH PARTITION weft.${name} FINALIZE`);
    else if (is_attached) await client.query(`ALTER TABLE weft.outbox DETACH PARTITION weft.${name} CONCURRENTLY`);
    await client.query(`DROP TABLE IF EXISTS weft.${name}`);
    log.info({ partition: name }, "an old part of the outbox was dropped");
  }
}
