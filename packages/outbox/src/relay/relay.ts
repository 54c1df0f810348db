import { randomUUID } from "node:crypto";
import {
  type Component,
  type ComponentHealth,
  classify,
  isOutage,
  type Logger,
  type Metrics,
  noMetrics,
  option,
  reasonOf,
  repeat,
  takeOptions,
} from "@weft/core";
import type { Broker, SchemaRegistry } from "@weft/messaging";
import type { Database } from "../database.ts";
import type { Outbox } from "../outbox.ts";
import { laneOf } from "../postgres/internals.ts";
import { claimsOf } from "./claims.ts";
import { type Lease, leasesOf } from "./leases.ts";
import { type ShardWorker, shardWorker, type WorkerObserver } from "./shard-worker.ts";

export interface RelayOptions {
  /** Pause between looks at an empty outbox, in milliseconds; a commit in this process wakes it at once. @defaultValue 500 */
  idlePollMs?: number;
  /** A look for what is below the bound in memory (late commits), in milliseconds. @defaultValue 1000 */
  fullScanMs?: number;
  /** Rows in a batch of a shard. More means throughput; fewer means less repeated after a crash. @defaultValue 500 */
  batchSize?: number;
  /** Bytes of envelopes in a batch; the row that passes it is still in. @defaultValue 900000 */
  batchBytes?: number;
  /** How long a shard stays with a relay that is not heard of, in milliseconds. @defaultValue 5000 */
  leaseMs?: number;
  /** How often leases are renewed, in milliseconds. @defaultValue 1000 */
  renewMs?: number;
  /** How often the broker may refuse a record before it is quarantined. Outages are not counted. @defaultValue 8 */
  attempts?: number;
  /** Longest pause while the broker is away, in milliseconds; the first is at most 100. @defaultValue 2000 */
  sendRetryMaxMs?: number;
  /** First pause after a refusal, doubled each time, in milliseconds. @defaultValue 1000 */
  retryBaseMs?: number;
  /** Longest pause after a refusal, in milliseconds. @defaultValue 30000 */
  retryMaxMs?: number;
  /** Name in `weft.relay_leases`; unique among relays. @defaultValue random */
  owner?: string;
}

const rules = {
  idlePollMs: option.milliseconds(500),
  fullScanMs: option.milliseconds(1_000),
  batchSize: option.count(500),
  batchBytes: option.count(900_000),
  leaseMs: option.milliseconds(5_000),
  renewMs: option.milliseconds(1_000),
  attempts: option.count(8),
  sendRetryMaxMs: option.milliseconds(2_000),
  retryBaseMs: option.milliseconds(1_000),
  retryMaxMs: option.milliseconds(30_000),
};

export interface RelayCollaborators {
  database: Database;
  outbox: Pick<Outbox, "onAppended">;
  broker: Broker;
  schemas: SchemaRegistry;
  log: Logger;
  metrics?: Metrics;
}

const statisticsEveryMs = 5_000;
const countedAtMost = 100_000;
const wedgedAfterMs = 60_000;

/**
 * Publishes what the outbox holds: at least once, and for each aggregate in the order of its commits. Shards are leased, so
 * that any number of relays can run on one database; those of a relay that died are taken over when their leases expire.
 * A relay that was stopped and goes on after that may repeat what was sent, but neither overtakes nor marks.
 * No transaction is open while the broker is waited for.
 * @throws OptionsInvalid
 */
export function outboxRelay(collaborators: RelayCollaborators, options: RelayOptions = {}): Component {
  const settings = takeOptions("outboxRelay", rules, options, ({ leaseMs, renewMs }, wrong) => {
    if (renewMs * 2 > leaseMs) wrong("leaseMs", "must be at least twice renewMs");
  });
  const { outbox, broker, schemas, log, metrics = noMetrics } = collaborators;
  const database = laneOf(collaborators.database, "relay");
  const workers = new Map<number, { lease: Lease; worker: ShardWorker }>();
  const leaving = new Map<number, Promise<void>>();
  const statistics = { pending: 0, oldestMs: 0, quarantined: 0 };
  const observer = observe(log, metrics);
  let owner = "";
  let leases = leasesOf(database, { owner, leaseMs: settings.leaseMs });
  // By this process's clock, from before the renewal was asked for: it ends before the database's does.
  let heldUntil = 0;
  let stopping = new AbortController();
  let loops: Promise<unknown> = Promise.resolve();
  let unsubscribe = () => {};
  const pendingGauge = metrics.gauge("weft_outbox_pending", "Events committed and not yet published");
  const ageGauge = metrics.gauge("weft_outbox_oldest_pending_ms", "Age of the oldest event that is not yet published");
  const quarantineGauge = metrics.gauge("weft_outbox_quarantined", "Events that wait for a person");
  const shardGauge = metrics.gauge("weft_outbox_shards", "Shards that this relay holds");

  const isHeld = () => performance.now() < heldUntil;

  /** @returns when to look again, in milliseconds */
  async function tendLeases(): Promise<number> {
    const askedAt = performance.now();
    const { mine, fairShare, nextFreeMs } = await leases.renew();
    heldUntil = askedAt + settings.leaseMs;
    mine.sort((a, b) => a.shard - b.shard);
    for (const { lease } of [...workers.values()]) {
      const index = mine.findIndex(({ shard, epoch }) => shard === lease.shard && epoch === lease.epoch);
      if (index === -1) dismiss(lease, async () => {});
      else if (index >= fairShare) dismiss(lease, () => leases.release([lease]));
    }
    const wanted = fairShare - mine.length;
    const taken = wanted > 0 && nextFreeMs === 0 ? await leases.take(wanted) : [];
    for (const lease of [...mine.slice(0, fairShare), ...taken]) startWorker(lease);
    shardGauge.set(workers.size);
    // Each renewal extends these too: without another try, shards whose release failed would be held and served by nobody.
    const unserved = mine.slice(fairShare).filter(({ shard }) => !workers.has(shard) && !leaving.has(shard));
    if (unserved.length > 0) await leases.release(unserved);
    // A lease that is about to expire is taken the moment it does, not up to a renewal later.
    const isShort = wanted > taken.length && nextFreeMs !== undefined && nextFreeMs > 0;
    return isShort ? Math.min(settings.renewMs, nextFreeMs + 10) : settings.renewMs;
  }

  function startWorker(lease: Lease): void {
    const running = workers.get(lease.shard);
    if (leaving.has(lease.shard)) return; // it still finishes a send for an earlier lease: at the next look
    if (running && !running.worker.isFinished()) return;
    const claims = claimsOf(database, owner, lease);
    const observed = { ...observer.forWorkers, ...observer.of(`shard ${lease.shard}`) };
    const worker = shardWorker({ claims, broker, schemas, log, isHeld, observe: observed }, settings);
    workers.set(lease.shard, { lease, worker });
  }

  /** Lets a worker finish what it has in hand, without the other leases waiting for it. */
  function dismiss({ shard }: Lease, release: () => Promise<void>): void {
    const entry = workers.get(shard);
    if (!entry || leaving.has(shard)) return;
    workers.delete(shard);
    const observed = observer.of(`shard ${shard}`);
    const gone = entry.worker
      .stop()
      .then(release)
      .then(observed.worked, (error) => observed.failed(error, 1))
      .finally(() => leaving.delete(shard));
    leaving.set(shard, gone);
  }

  let fullScanAt = 0;
  /** One query for all shards that sleep. */
  async function lookForNews(): Promise<void> {
    const isFull = performance.now() - fullScanAt >= settings.fullScanMs;
    if (isFull) fullScanAt = performance.now();
    const idle = [...workers].filter(([, { worker }]) => worker.isIdle());
    if (idle.length === 0) return;
    const { rows } = await database.query<{ shard: number }>(
      `SELECT k.shard FROM unnest($1::smallint[], $2::bigint[]) AS k (shard, low)
       WHERE EXISTS (SELECT FROM weft.outbox AS o WHERE o.shard = k.shard AND o.id > k.low
         AND o.published_at IS NULL AND o.quarantined_at IS NULL
         AND (o.not_before IS NULL OR o.not_before <= clock_timestamp()))`,
      [idle.map(([shard]) => shard), idle.map(([, { worker }]) => (isFull ? 0 : worker.lowBound()))],
    );
    for (const { shard } of rows) workers.get(shard)?.worker.wake(isFull);
  }

  async function count(): Promise<void> {
    const { rows } = await database.query<{ pending: number; oldest_ms: number | null; quarantined: number }>(
      `SELECT count(*) AS pending, extract(epoch FROM clock_timestamp() - min(created_at)) * 1000 AS oldest_ms,
         (SELECT count(*) FROM (SELECT FROM weft.outbox WHERE quarantined_at IS NOT NULL AND published_at IS NULL LIMIT $1) AS q)
           AS quarantined
       FROM (SELECT created_at FROM weft.outbox WHERE published_at IS NULL AND quarantined_at IS NULL LIMIT $1) AS p`,
      [countedAtMost],
    );
    const { pending = 0, oldest_ms = null, quarantined = 0 } = rows[0] ?? {};
    Object.assign(statistics, { pending, oldestMs: Math.max(0, Math.round(oldest_ms ?? 0)), quarantined });
    pendingGauge.set(pending);
    ageGauge.set(statistics.oldestMs);
    quarantineGauge.set(quarantined);
  }

  /** Until `stop`: whatever a round fails with, the next one tries again. */
  function keep(what: string, work: () => Promise<number>): Promise<void> {
    const { failed, worked } = observer.of(what);
    const policy = { firstMs: 100, maxMs: settings.renewMs, floorMs: 50 };
    const round = async () => {
      const pauseMs = await work();
      observer.databaseWorked();
      worked();
      return pauseMs;
    };
    return repeat({ ...policy, onRetry: ({ error, attempt }) => failed(error, attempt) }, round, stopping.signal);
  }

  return {
    name: "outbox-relay",

    /** The first look at the leases is awaited, not its success: without a database the relay waits for it. */
    async start() {
      stopping = new AbortController();
      owner = options.owner ?? randomUUID();
      leases = leasesOf(database, { owner, leaseMs: settings.leaseMs });
      unsubscribe = outbox.onAppended((shards) => {
        for (const shard of shards) workers.get(shard)?.worker.wake(false);
      });
      let looked = () => {};
      const firstLook = new Promise<void>((resolve) => {
        looked = resolve;
      });
      const after = <T>(work: Promise<T>) => work.finally(looked);
      const tending = keep("leases", () => after(tendLeases()));
      const looking = keep("look for news", () => lookForNews().then(() => settings.idlePollMs));
      const counting = keep("count", () => count().then(() => statisticsEveryMs));
      loops = Promise.all([tending, looking, counting]);
      await firstLook;
    },

    async stop() {
      unsubscribe();
      stopping.abort();
      await loops;
      for (const { lease } of [...workers.values()]) dismiss(lease, async () => {});
      await Promise.all(leaving.values());
      heldUntil = 0;
      shardGauge.set(0);
      if (owner === "") return;
      try {
        await leases.leave();
      } catch (err) {
        log.warn({ err }, "the relay's leases were not given back; they expire by themselves");
      }
      owner = "";
    },

    health(): ComponentHealth {
      const details = { ...statistics, shards: [...workers.keys()].sort((a, b) => a - b), owner };
      const { trouble, idleMs } = observer.state();
      if (trouble) return { status: "degraded", message: trouble, details };
      const isWedged =
        statistics.pending > 0 && workers.size > 0 && Math.min(idleMs, statistics.oldestMs) > wedgedAfterMs;
      if (isWedged) return { status: "unhealthy", message: "there are events to publish and none goes out", details };
      if (statistics.quarantined > 0)
        return { status: "degraded", message: `${statistics.quarantined} events are quarantined`, details };
      return { status: "healthy", details };
    },
  };
}

function observe(log: Logger, metrics: Metrics) {
  const published = metrics.counter("weft_outbox_published_total", "Events that the broker acknowledged");
  const failures = metrics.counter("weft_outbox_send_failures_total", "Sends that failed", ["code"]);
  const quarantined = metrics.counter("weft_outbox_quarantined_total", "Events taken out of the way");
  const delay = metrics.histogram(
    "weft_outbox_publish_delay_ms",
    "From the insert of an event to the broker's acknowledgement",
    [],
    [1, 2, 5, 10, 20, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 60_000],
  );
  let brokerDown: string | undefined;
  let databaseDown = false;
  /** What fails now by an error that is no outage, and by which. */
  const broken = new Map<string, string>();
  let progressAt = performance.now();

  const forWorkers: Omit<WorkerObserver, "failed" | "worked"> = {
    published(rows) {
      progressAt = performance.now();
      published.add(rows.length);
      const now = Date.now();
      for (const { createdAt } of rows) delay.observe(Math.max(0, now - createdAt.getTime()));
    },
    sendWorked() {
      if (brokerDown) log.info("events go out again");
      brokerDown = undefined;
      databaseDown = false;
    },
    sendFailed(error) {
      const { code, message } = error as { code?: unknown; message?: string };
      failures.add(1, { code: typeof code === "string" ? code : "unknown" });
      const level = classify(error) === "bug" ? "error" : "warn";
      if (!brokerDown) log[level]({ err: error }, "events cannot be sent; they wait in the outbox");
      brokerDown = `events cannot be sent: ${message ?? String(error)}`;
    },
    quarantined({ eventId, topic, aggregateId, sequence }, rows) {
      quarantined.add(rows);
      log.error(
        { eventId, topic, aggregateId, sequence, rows },
        "an event was refused for good; its aggregate is quarantined",
      );
    },
  };
  const of = (part: string): Pick<WorkerObserver, "failed" | "worked"> => ({
    failed(error, attempt) {
      if (isOutage(error)) {
        if (!databaseDown) log.warn({ err: error }, "the relay cannot use the database; it goes on when it can");
        databaseDown = true;
        return;
      }
      broken.set(part, reasonOf(error));
      // The first line tells, then one of ten: it fails again until somebody changes the program or what it meets.
      if (attempt % 10 === 1)
        log.error({ err: error, part, attempt }, "a part of the relay fails, and nothing is away");
    },
    worked() {
      broken.delete(part);
    },
  });
  const breakage = () => {
    const parts = [...broken].map(([part, reason]) => `${part}: ${reason}`);
    return parts.length > 0 ? `the relay fails, and nothing is away (${parts.join("; ")})` : undefined;
  };
  return {
    forWorkers,
    of,
    state: () => ({
      trouble: brokerDown ?? (databaseDown ? "the relay cannot use the database" : undefined) ?? breakage(),
      idleMs: performance.now() - progressAt,
    }),
    databaseWorked() {
      databaseDown = false;
    },
  };
}
