// Backlog throughput and commit-to-send latency of the relay, with a broker that acknowledges at once.
// Run: NODE_ENV=production node --conditions=@weft/source tests/mesh/src/outbox/bench.ts
import { randomUUID } from "node:crypto";
import { silentLogger, sleep } from "@weft/core";
import { lastHeader, type OutgoingRecord } from "@weft/messaging";
import { type Database, outboxRelay, shardOf } from "@weft/outbox";
import { eventually } from "@weft/testkit";
import { newOutbox, pendingIn, postgresServer, priceChanged, recordingBroker, schemas } from "./fixtures.ts";

const backlog = 50_000;
const server = await postgresServer();
try {
  const { database } = await server.database();
  const outbox = newOutbox();
  const rows = Array.from({ length: backlog }, (_, n) => ({
    id: `prod_${n % 1_000}`,
    sequence: Math.floor(n / 1_000) + 1,
  }));
  const envelope = JSON.stringify({ eventId: randomUUID(), data: priceChanged("x".repeat(300)) });
  await database.query(
    `INSERT INTO weft.outbox (topic, aggregate_id, event_sequence, event_id, event_type, event_version, envelope, shard)
     SELECT 'pricing.events', a, s, gen_random_uuid()::text, 'PriceChanged', '1.0', $4, h
     FROM unnest($1::text[], $2::bigint[], $3::smallint[]) AS r (a, s, h)`,
    [rows.map((r) => r.id), rows.map((r) => r.sequence), rows.map((r) => shardOf("pricing.events", r.id)), envelope],
  );
  let sent = 0;
  const sentAt = new Map<string, number>();
  const { broker } = recordingBroker(async (records: readonly OutgoingRecord[]) => {
    sent += records.length;
    for (const { headers } of records) sentAt.set(String(lastHeader(headers, "event-id")), performance.now());
  });
  const relay = outboxRelay({ database, outbox, broker, schemas, log: silentLogger });
  const startedAt = performance.now();
  await relay.start();
  await eventually("sent", () => sent >= backlog, { timeoutMs: 120_000, everyMs: 1 });
  const sentMs = performance.now() - startedAt;
  await eventually("marked", async () => (await pendingIn(database)) === 0, { timeoutMs: 120_000 });
  const markedMs = performance.now() - startedAt;
  const rate = (ms: number) => Math.round((backlog / ms) * 1_000);
  console.log(`backlog of ${backlog}: ${rate(sentMs)} rows/s sent, ${rate(markedMs)} rows/s sent and marked`);
  await database.query("ANALYZE weft.outbox");

  for (const perSecond of [50, 300, 500]) {
    sentAt.clear();
    const committedAt = new Map<string, number>();
    const commitMs: number[] = [];
    const writes: Promise<void>[] = [];
    const before = await transactionsOf(database);
    const begunAt = performance.now();
    for (let n = 0; n < perSecond * 4; n++) {
      // By the clock, not by pauses: a late turn of the event loop must not slow the arrivals down.
      const waitMs = begunAt + (n * 1_000) / perSecond - performance.now();
      if (waitMs > 0) await sleep(waitMs);
      const startedAt = performance.now();
      const write = database.transaction((tx) => outbox.append(tx, "PriceChanged", priceChanged(`prod_${n % 97}`)));
      writes.push(
        write.then(({ eventId }) => {
          committedAt.set(eventId, performance.now());
          commitMs.push(performance.now() - startedAt);
        }),
      );
    }
    await Promise.all(writes);
    await eventually("sent", () => [...committedAt.keys()].every((id) => sentAt.has(id)), { timeoutMs: 60_000 });
    const seconds = (performance.now() - begunAt) / 1_000;
    const delays = [...committedAt].map(([id, at]) => Math.max(0, (sentAt.get(id) as number) - at));
    await sleep(2_000); // the server's counters come late
    const perEvent = ((await transactionsOf(database)) - before) / committedAt.size;
    console.log(
      `${(committedAt.size / seconds).toFixed(0)} events/s (of ${perSecond}): commit to send ${quantiles(delays)}; ` +
        `the commit itself ${quantiles(commitMs)}; ${perEvent.toFixed(1)} transactions for each event`,
    );
  }
  const before = await transactionsOf(database);
  await sleep(5_000);
  console.log(`idle: ${(((await transactionsOf(database)) - before) / 5).toFixed(1)} transactions/s`);
  await relay.stop();
} finally {
  await server.stop();
}

function quantiles(values: number[]): string {
  values.sort((a, b) => a - b);
  const at = (share: number) => values[Math.floor(values.length * share)]?.toFixed(1);
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`;
}

async function transactionsOf(database: Database): Promise<number> {
  const { rows } = await database.query<{ n: number }>(
    "SELECT xact_commit AS n FROM pg_stat_database WHERE datname = current_database()",
  );
  return rows[0]?.n ?? 0;
}
