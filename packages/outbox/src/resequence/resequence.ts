import { sleep } from "@weft/core";
import type { Queryable } from "../database.ts";
import * as sql from "./plan.ts";

/** One event of this publisher as its topic has it. */
export interface PublishedEvent {
  topic: string;
  aggregateId: string;
  sequence: number;
  eventId: string;
  partition: number;
  offset: bigint;
}

export interface ReaderPosition {
  topic: string;
  aggregateId: string;
  position: number;
}

/** What the topics and their readers know of a publisher. Batches, so that nobody holds all of it. */
export interface PublishedState {
  /** @returns the first offset of each partition of the topics that are read */
  firstOffsets(): Promise<{ topic: string; partition: number; offset: bigint }[]>;
  /** Everything that the topics hold of this publisher, each partition in order. */
  events(take: (batch: readonly PublishedEvent[]) => Promise<void>): Promise<void>;
  /** How far consumers have read each aggregate: the topics may no longer hold what they have. */
  readers(take: (batch: readonly ReaderPosition[]) => Promise<void>): Promise<void>;
}

export interface ResequenceOptions {
  /** Only says what would be done. */
  isDryRun: boolean;
  /** One aggregate alone. @defaultValue all */
  aggregateId?: string;
  /** For `weft.operations`. */
  actor: string;
  selector: string;
  /** Told of each aggregate that has something to put right, in a dry run and otherwise. */
  onMatch?: (aggregate: ResequencedAggregate) => void;
}

export interface ResequencedAggregate {
  topic: string;
  aggregateId: string;
  lastSequence: number;
  newLast: number;
  /** How many of its events go out (again). */
  events: number;
}

export interface Resequenced {
  /** Aggregates whose counter or events do not agree with the topic. */
  matched: number;
  done: number;
  failed: number;
  /** Events that get another sequence, or go out again. */
  events: number;
  /** Why the first one failed. */
  failure?: unknown;
}

const chunkSize = 500;
const fenceSeconds = 60;
const renewEveryMs = 5_000;
/** Relays look at their leases each second; what they send then has arrived, or was not sent. */
const relaysStopMs = 3_000;

/**
 * Makes counters and events of a publisher agree with its topics again, after its database went back: each aggregate's
 * counter goes to the highest sequence that is taken, and every event in the outbox whose sequence another one has had, or
 * that the topic has lost, goes out (again) with the next ones, in the order of their commits. Running it again changes nothing.
 * Relays of this database pause meanwhile, as their leases are taken; requests go on, except that the aggregates of one
 * chunk are locked while it is put right.
 * @param client one connection, not a pool: temporary tables and leases belong to it
 */
export async function resequence(
  client: Queryable,
  state: PublishedState,
  { isDryRun, aggregateId, actor, selector, onMatch = () => {} }: ResequenceOptions,
): Promise<Resequenced> {
  await client.query(sql.tables);
  const fence = isDryRun ? undefined : await fenceRelays(client);
  try {
    await readState(client, state, () => fence?.renew());
    await client.query(sql.chooseAll, [aggregateId ?? null]);
    const matches = await planned(client);
    for (const match of matches) onMatch(match);
    const events = matches.reduce((sum, match) => sum + match.events, 0);
    if (isDryRun) return { matched: matches.length, done: 0, failed: 0, events };
    const { done, failure } = await putRight(client, matches, () => fence!.renew());
    await client.query(
      "INSERT INTO weft.operations (actor, action, selector, matched, done) VALUES ($1, 'outbox resequence', $2, $3, $4)",
      [actor, selector, matches.length, done],
    );
    const failed = matches.length - done;
    return { matched: matches.length, done, failed, events, ...(failure === undefined ? {} : { failure }) };
  } finally {
    await fence?.release();
  }
}

async function readState(
  client: Queryable,
  state: PublishedState,
  renew: () => Promise<void> | undefined,
): Promise<void> {
  const column = <T, K extends keyof T>(batch: readonly T[], name: K) => batch.map((one) => one[name]);
  const partitions = await state.firstOffsets();
  await client.query(sql.addPartitions, [
    column(partitions, "topic"),
    column(partitions, "partition"),
    column(partitions, "offset"),
  ]);
  await state.events(async (batch) => {
    const names = ["topic", "aggregateId", "sequence", "eventId", "partition", "offset"] as const;
    await client.query(
      sql.addPublished,
      names.map((name) => column(batch, name)),
    );
    await renew();
  });
  await state.readers(async (batch) => {
    const names = ["topic", "aggregateId", "position"] as const;
    await client.query(
      sql.addReaders,
      names.map((name) => column(batch, name)),
    );
    await renew();
  });
  await client.query(sql.findTops);
}

/** Of the aggregates in the chunk, those in which something must change; the plan stays for who puts it right. */
async function planned(client: Queryable): Promise<ResequencedAggregate[]> {
  await client.query("DROP TABLE IF EXISTS weft_plan");
  await client.query(sql.plan);
  return (await client.query(sql.summary)).rows as unknown as ResequencedAggregate[];
}

async function putRight(
  client: Queryable,
  matches: readonly ResequencedAggregate[],
  renew: () => Promise<void>,
): Promise<{ done: number; failure?: unknown }> {
  let done = 0;
  let failure: unknown;
  for (let from = 0; from < matches.length; from += chunkSize) {
    const chunk = matches.slice(from, from + chunkSize);
    await renew();
    try {
      await client.query("BEGIN");
      await client.query("TRUNCATE weft_chunk");
      await client.query(sql.chooseThese, [
        chunk.map(({ topic }) => topic),
        chunk.map(({ aggregateId }) => aggregateId),
      ]);
      await client.query(sql.lockAggregates);
      await planned(client); // again, now that nobody appends to these
      await client.query(sql.renumber);
      await client.query(sql.setCounters);
      await client.query("COMMIT");
      done += chunk.length;
    } catch (error) {
      failure ??= error;
      await client.query("ROLLBACK");
    }
  }
  return { done, failure };
}

/** Takes all leases, so that no relay sends or marks meanwhile. They expire by themselves where this process dies. */
async function fenceRelays(client: Queryable) {
  const owner = `resequence ${process.pid}`;
  const { rows } = await client.query<{ relays: number }>(
    "SELECT count(*)::int AS relays FROM weft.relays WHERE expires_at > clock_timestamp()",
  );
  await client.query(
    `UPDATE weft.relay_leases SET owner = $1, epoch = epoch + 1, expires_at = clock_timestamp() + $2 * interval '1 second'`,
    [owner, fenceSeconds],
  );
  if (rows[0]!.relays > 0) await sleep(relaysStopMs);
  let renewedAt = performance.now();
  return {
    async renew(): Promise<void> {
      if (performance.now() - renewedAt < renewEveryMs) return;
      renewedAt = performance.now();
      await client.query(
        "UPDATE weft.relay_leases SET expires_at = clock_timestamp() + $2 * interval '1 second' WHERE owner = $1",
        [owner, fenceSeconds],
      );
    },
    async release(): Promise<void> {
      await client.query("UPDATE weft.relay_leases SET owner = NULL, expires_at = '-infinity' WHERE owner = $1", [
        owner,
      ]);
    },
  };
}
