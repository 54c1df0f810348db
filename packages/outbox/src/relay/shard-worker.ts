import type { EventType } from "@weft/contracts";
import { classify, type Logger, pauses, retryPauseMs, WeftError } from "@weft/core";
import { type Broker, type OutgoingRecord, recordOf, type SchemaRegistry, type StoredEvent } from "@weft/messaging";
import type { ClaimedRow, Claims } from "./claims.ts";
import { aggregateKeyOf, byAggregate, doubtfulRows, prefixUntil } from "./order.ts";

export interface ShardWorkerSettings {
  batchSize: number;
  batchBytes: number;
  fullScanMs: number;
  attempts: number;
  sendRetryMaxMs: number;
  retryBaseMs: number;
  retryMaxMs: number;
}

export interface ShardWorkerCollaborators {
  claims: Claims;
  broker: Broker;
  schemas: SchemaRegistry;
  log: Logger;
  /** Whether the lease is still ours, by a clock of this process that started before the database's. */
  isHeld(): boolean;
  observe: WorkerObserver;
}

export interface WorkerObserver {
  published(rows: readonly ClaimedRow[]): void;
  sendFailed(error: unknown): void;
  sendWorked(): void;
  quarantined(row: ClaimedRow, rows: number): void;
  /** A round of the worker, or a mark, failed; `attempt` counts failures in a row. */
  failed(error: unknown, attempt: number): void;
  /** A round came to its end. */
  worked(): void;
}

const databasePauses = { firstMs: 100, maxMs: 1_000, floorMs: 50 };
const marksWhileStopping = 3;

/**
 * Sends the rows of one shard for as long as its lease lasts. It goes round:
 *
 *   claim → leave out what must wait → send, until acknowledged → mark (beside the next claim and send) → claim …
 *
 * and sleeps when a claim finds nothing, until `wake`. What leaves the round:
 * - the broker is away: the same bytes again, for ever, with backoff, while the lease lasts;
 * - the registry is away, or does not know the schema yet: the aggregates of that type wait, the others go on;
 * - the broker refuses a record: the batch is halved until the record is alone; it is tried a few times, then quarantined
 *   with the rest of its aggregate. Other aggregates go on;
 * - the database is away: wait, claim again;
 * - `stop`, or the lease is lost: what was acknowledged is still marked, the rest is left to the next owner.
 */
export function shardWorker(collaborators: ShardWorkerCollaborators, settings: ShardWorkerSettings) {
  const { claims, broker, schemas, log, isHeld, observe } = collaborators;
  const sent = new SentSequences();
  const held = new Map<string, number>(); // aggregate → until when, performance.now()
  const scan = new ScanBounds(settings.fullScanMs);
  /** Acknowledged rows whose mark a claim may not have seen yet: what it finds of them is not sent again. */
  const inHand = new Set<number>();
  let seenByNextClaim: number[] = [];
  let marking: Promise<void> = Promise.resolve();
  let wakeUp: (() => void) | undefined;
  let isAwake = false;
  const stopping = new AbortController();
  const goesOn = () => !stopping.signal.aborted && isHeld();

  async function run(): Promise<void> {
    const rests = pauses(databasePauses, stopping.signal);
    while (goesOn()) {
      try {
        const { rows, isLastPage } = await claim();
        const ready = await sendable(rows);
        if (ready.length > 0) await publish(ready);
        rests.succeeded();
        observe.worked();
        if (isLastPage) await idle();
      } catch (error) {
        observe.failed(error, rests.failures + 1);
        await rests.failed(error);
      }
    }
    await marking;
  }

  async function claim(): Promise<{ rows: ClaimedRow[]; isLastPage: boolean }> {
    isAwake = false;
    for (const id of seenByNextClaim) inHand.delete(id);
    seenByNextClaim = [];
    const rows = await claims.pending(scan.next(), { rows: settings.batchSize, bytes: settings.batchBytes });
    const bytes = rows.reduce((sum, { envelope }) => sum + Buffer.byteLength(envelope), 0);
    const isLastPage = rows.length < settings.batchSize && bytes < settings.batchBytes;
    scan.found(rows.at(-1)?.id, isLastPage);
    return { rows: rows.filter(({ id }) => !inHand.has(id)), isLastPage };
  }

  /** The rows that nothing earlier of their aggregate stands in the way of, whatever the order of their ids. */
  async function sendable(rows: readonly ClaimedRow[]): Promise<ClaimedRow[]> {
    for (const row of rows) if (row.waitMs > 0) hold(row, row.waitMs);
    const groups = byAggregate(rows.filter((row) => !isWaiting(aggregateKeyOf(row))));
    const doubtful = [...groups].flatMap(([key, group]) => doubtfulRows(group, sent.get(key)));
    const blockers = new Map((await lookUp(doubtful)).map((found) => [found.row, found]));
    const ready: ClaimedRow[] = [];
    for (const group of groups.values()) {
      const free = prefixUntil(group, (row) => blockers.has(row));
      ready.push(...free);
      const first = group[free.length];
      const blocker = first && blockers.get(first);
      if (!first || !blocker) continue;
      if (blocker.isQuarantined) await claims.joinQuarantine(first, blocker.sequence);
      else if (scan.lookBack()) isAwake = true; // a late commit with a lower id: it is found from the start
    }
    return ready;
  }

  const lookUp = async (rows: readonly ClaimedRow[]) => (rows.length === 0 ? [] : claims.pendingPredecessors(rows));

  function isWaiting(key: string): boolean {
    const until = held.get(key);
    if (until === undefined) return false;
    if (until > performance.now()) return true;
    held.delete(key);
    return false;
  }

  async function publish(rows: readonly ClaimedRow[]): Promise<void> {
    const acknowledged: ClaimedRow[] = [];
    // Aggregates of which a row did not go out: the rest of them stays behind as long as this batch takes. `held` does not do
    // for that, it ends by the clock: a database that is slow to note a refusal would let the next row overtake.
    const behind = new Set<string>();
    try {
      await deliver(await encoded(rows, behind), { acknowledged, behind });
    } finally {
      for (const row of acknowledged) sent.set(aggregateKeyOf(row), row.sequence);
      for (const { id } of acknowledged) inHand.add(id);
      if (acknowledged.length > 0) scan.progressed();
      await marking; // of the batch before: at most one acknowledged batch is unmarked while the next is under way
      if (acknowledged.length > 0) marking = mark(acknowledged);
    }
  }

  interface EncodedRow {
    row: ClaimedRow;
    record: OutgoingRecord;
  }

  async function encoded(rows: readonly ClaimedRow[], behind: Set<string>): Promise<EncodedRow[]> {
    const result: EncodedRow[] = [];
    const ids = new Map<string, number | undefined>();
    for (const row of rows) {
      if (behind.has(aggregateKeyOf(row))) continue;
      const schema = `${row.eventType} ${row.eventVersion.split(".")[0]}`;
      if (!ids.has(schema)) ids.set(schema, await schemaIdOf(row));
      const schemaId = ids.get(schema);
      if (schemaId === undefined) {
        hold(row, settings.retryBaseMs);
        behind.add(aggregateKeyOf(row));
      } else result.push({ row, record: recordOf(storedEvent(row), schemaId) });
    }
    return result;
  }

  // Without an id its events wait, however long: the registry comes back, and a missing schema is registered.
  async function schemaIdOf({ eventType, eventVersion }: ClaimedRow): Promise<number | undefined> {
    try {
      return await schemas.idOf(eventType as EventType, Number(eventVersion.split(".")[0]));
    } catch (error) {
      observe.sendFailed(error);
      return undefined;
    }
  }

  interface DeliveredParts {
    acknowledged: ClaimedRow[];
    behind: Set<string>;
  }

  /** Sends in order, and halves what is refused; `acknowledged` grows with each part that the broker has. */
  async function deliver(batch: readonly EncodedRow[], parts: DeliveredParts): Promise<void> {
    const { acknowledged, behind } = parts;
    const free = batch.filter(({ row }) => !behind.has(aggregateKeyOf(row)));
    if (free.length === 0 || !goesOn()) return;
    const outcome = await sendUntilAnswered(free.map(({ record }) => record));
    if (outcome.kind === "given-up") return;
    const rows = free.map(({ row }) => row);
    if (outcome.kind === "acknowledged") {
      acknowledged.push(...rows);
      observe.published(rows);
    } else if (rows.length === 1) {
      const row = rows[0] as ClaimedRow;
      behind.add(aggregateKeyOf(row));
      await refuse(row, outcome.error);
    } else {
      const middle = Math.ceil(free.length / 2);
      await deliver(free.slice(0, middle), parts);
      await deliver(free.slice(middle), parts);
    }
  }

  type SendOutcome = { kind: "acknowledged" } | { kind: "refused"; error: unknown } | { kind: "given-up" };

  async function sendUntilAnswered(records: readonly OutgoingRecord[]): Promise<SendOutcome> {
    const rests = pauses({ firstMs: 100, maxMs: settings.sendRetryMaxMs, floorMs: 20 }, stopping.signal);
    while (goesOn()) {
      try {
        await broker.send(records);
        observe.sendWorked();
        return { kind: "acknowledged" };
      } catch (error) {
        if (isForGood(error)) return { kind: "refused", error };
        observe.sendFailed(error);
        await rests.failed(error);
      }
    }
    return { kind: "given-up" };
  }

  async function refuse(row: ClaimedRow, error: unknown): Promise<void> {
    const message = error instanceof Error ? error.message : String(error);
    const { eventId, eventType } = row;
    if (classify(error) === "bug")
      log.error({ err: error, eventId, eventType }, "an event cannot be sent, by an error of the program");
    if (row.attempts + 1 < settings.attempts) {
      const delays = { firstMs: settings.retryBaseMs, maxMs: settings.retryMaxMs, random: () => 1 };
      const delayMs = retryPauseMs(delays, row.attempts + 1);
      hold(row, delayMs);
      await claims.retryLater(row, message.slice(0, 2_000), delayMs);
      return;
    }
    hold(row, settings.retryBaseMs);
    const code = error instanceof WeftError ? error.code : "NOT_SENDABLE";
    const rows = await claims.quarantine(row, `${code}: ${message}`.slice(0, 500), message.slice(0, 2_000));
    observe.quarantined(row, rows);
  }

  function hold(row: ClaimedRow, ms: number): void {
    const now = performance.now();
    if (held.size >= 10_000) for (const [key, until] of held) if (until <= now) held.delete(key);
    held.set(aggregateKeyOf(row), now + ms);
  }

  async function mark(rows: readonly ClaimedRow[]): Promise<void> {
    const ids = rows.map(({ id }) => id);
    // Not ended by `stop`: what was acknowledged is still marked.
    const rests = pauses(databasePauses, new AbortController().signal);
    while (isHeld()) {
      try {
        await claims.markPublished(rows);
        seenByNextClaim.push(...ids);
        return;
      } catch (error) {
        observe.failed(error, rests.failures + 1);
        if (stopping.signal.aborted && rests.failures + 1 >= marksWhileStopping) break;
        await rests.failed(error);
      }
    }
    // The lease may be renewed under the same epoch, and then this worker goes on: rows that it kept in hand would never be
    // marked, and would block what follows in their aggregates. Sent again they overtake nothing.
    seenByNextClaim.push(...ids);
    log.warn({ rows: rows.length }, "sent events could not be marked; whoever holds the shard next sends them again");
  }

  async function idle(): Promise<void> {
    if (isAwake || !goesOn()) return;
    await new Promise<void>((resolve) => {
      wakeUp = resolve;
    });
    wakeUp = undefined;
  }

  function wake(): void {
    isAwake = true;
    wakeUp?.();
  }

  let isFinished = false;
  const finished = run().finally(() => {
    isFinished = true;
  });
  return {
    isFinished: () => isFinished,
    /** There may be something to send. `everything`: also below the bound, where a late commit hides. */
    wake(everything: boolean): void {
      if (everything) scan.restart();
      wake();
    },
    /** Id below which everything was looked at lately; what a cheap look for news begins at. */
    lowBound: () => scan.low,
    isIdle: () => wakeUp !== undefined,
    /** Finishes what is in hand and marks it. */
    async stop(): Promise<void> {
      stopping.abort();
      wake();
      await finished;
    },
  };
}

export type ShardWorker = ReturnType<typeof shardWorker>;

const storedEvent = ({ envelope: text, eventVersion: version, ...row }: ClaimedRow): StoredEvent => ({
  ...row,
  text,
  version,
});

/**
 * Repeating it cannot help: the broker or the registry said so, or the record cannot even be written. Everything else,
 * unknown errors included, counts as an outage: better to wait for a person than to quarantine a whole outbox.
 */
function isForGood(error: unknown): boolean {
  return error instanceof WeftError ? !error.retryable : classify(error) === "bug";
}

/**
 * Where a claim begins. Ids are given before commits, so one below the last seen may still appear: the bound stays behind
 * by what was seen in the last quarter to half of a second, and each `fullScanMs` a claim begins at the start. Pages of a
 * longer backlog follow one another; a full scan that has found nothing to send yet is not begun anew before its end, or it
 * might never come to the row that the first pages wait for.
 */
class ScanBounds {
  low = 0;
  #high = 0;
  #candidate = 0;
  #page: number | undefined;
  #isFull = false;
  #hasProgressed = false;
  #rotatedAt = performance.now();
  #fullAt = Number.NEGATIVE_INFINITY;
  readonly #fullScanMs: number;

  constructor(fullScanMs: number) {
    this.#fullScanMs = fullScanMs;
  }

  next(): number {
    const now = performance.now();
    const isOnItsWay = this.#isFull && this.#page !== undefined && !this.#hasProgressed;
    if (now - this.#fullAt >= this.#fullScanMs && !isOnItsWay) {
      this.#fullAt = now;
      this.#page = 0;
      this.#isFull = true;
      this.#hasProgressed = false;
    } else if (this.#page === undefined) {
      this.#isFull = false;
    }
    return this.#page ?? this.low;
  }

  found(lastId: number | undefined, isLastPage: boolean): void {
    const now = performance.now();
    this.#page = isLastPage ? undefined : lastId;
    this.#high = Math.max(this.#high, lastId ?? 0);
    if (now - this.#rotatedAt < 250) return;
    this.#rotatedAt = now;
    this.low = this.#candidate;
    this.#candidate = this.#high;
  }

  progressed(): void {
    this.#hasProgressed = true;
  }

  restart(): void {
    this.#fullAt = Number.NEGATIVE_INFINITY;
  }

  /** Begins anew unless this scan began at the start itself; then whatever is missing comes with a later page or scan. */
  lookBack(): boolean {
    if (this.#isFull) return false;
    this.restart();
    return true;
  }
}

/** Highest acknowledged sequence of the aggregates that were sent last. Forgetting one costs a look into the table. */
class SentSequences {
  readonly #map = new Map<string, number>();

  get(key: string): number | undefined {
    return this.#map.get(key);
  }

  set(key: string, sequence: number): void {
    const highest = Math.max(sequence, this.#map.get(key) ?? 0);
    this.#map.delete(key);
    this.#map.set(key, highest);
    if (this.#map.size > 5_000) this.#map.delete(this.#map.keys().next().value as string);
  }
}
