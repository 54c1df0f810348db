import { contractOf, type DeadLetterReason, deadLetterTopic } from "@weft/contracts";
import {
  type CallContext,
  type Component,
  isOutage,
  type Logger,
  type Metrics,
  noMetrics,
  pauses,
  poll,
  type RetryPolicy,
  retry,
  runInContext,
  within,
  withTimeout,
} from "@weft/core";
import type { Broker, BrokerSubscription, IncomingRecord, RecordSink } from "./broker.ts";
import { type ConsumerState, consumerHealth } from "./consumer-health.ts";
import { checkedSubscriptions, consumerSettings, type EventConsumerOptions } from "./consumer-options.ts";
import { deadLetterRecord, withoutValue, withoutValueAndHeaders } from "./dead-letter.ts";
import { BrokerUnavailable, HandlerTimeout, RecordRefused } from "./errors.ts";
import { describeFailure, failureKindOf } from "./failures.ts";
import type { Delivery, GapReason, Inbox } from "./inbox.ts";
import { inboxWatch } from "./inbox-watch.ts";
import { missingTopics } from "./missing-topics.ts";
import { type CommittablePartition, offsetCommitter } from "./offset-committer.ts";
import { partitionReading } from "./partition-reading.ts";
import { FinishedPrefix } from "./prefix.ts";
import { claimOf, contextOf, type Reading, readRecord } from "./read-record.ts";
import type { SchemaRegistry } from "./schemas.ts";
import { Slots } from "./slots.ts";

/*
 * How one record goes through:
 *
 *   onRecords     it is noted in its partition's prefix and queued in the lane of its key; the driver may fetch on.
 *   lane          one key, one record at a time, in order. A lane that works holds a slot; one that waits (backoff, a held
 *                 key) holds none, so failing keys cost the others nothing.
 *   read          bytes → event and subscription, or the reason why there is none.
 *   attempt       inbox.once: the handler's effect and the note of it in one transaction.
 *                   transient failure → again, for ever, with growing pauses
 *                   poison            → dead letter
 *                   other failure     → again, `attempts` times in all, then dead letter
 *   dead letter   acknowledged by the broker, then a gap in the inbox; only then is the record finished.
 *   finished      the lane goes on, and the partition's finished prefix is committed shortly after, beside the fetch.
 *
 * Revoked: records not begun are handed back, pauses end, running handlers may finish for a bounded time, the prefix is
 * committed. What was not finished comes again, here or elsewhere, and the inbox knows what had its effect.
 * Without a parking place outside the partition, a failing key holds its own lane and the committed offset, until it is
 * through. Once `maxInHand` records wait behind it, or other keys are `maxUncommittable` records ahead of it, the partition
 * is paused.
 */

/** How a record that was read ended. `returned`: not finished when its partition was taken away; it is read again. */
export type RecordOutcome = "effect" | "duplicate" | "ignored" | "tombstone" | "dead" | "returned";

export type RecordCounts = { read: number; inHand: number } & Record<RecordOutcome, number>;

export interface EventConsumer extends Component {
  /** Since the start: `read` is the sum of all outcomes and of what is in hand. */
  counts(): RecordCounts;
}

export interface EventConsumerCollaborators<Tx> {
  broker: Pick<Broker, "subscribe" | "send" | "topics" | "groupOffsets">;
  schemas: Pick<SchemaRegistry, "typeOf">;
  inbox: Inbox<Tx>;
  log: Logger;
  metrics?: Metrics;
}

/** One partition of one assignment. */
interface Work extends CommittablePartition {
  name: string;
  /** Aborted when the partition goes away. */
  revoked: AbortController;
  lanes: Map<string, IncomingRecord[]>;
  inHand: number;
  /** Lanes that are in an attempt now. */
  running: number;
  waitingForRoom: (() => void)[];
  /** Resolved once the inbox knows from where on this partition is read; absent before the first record. */
  begun: Promise<void> | undefined;
}

/** Ends the work on a record whose partition was taken away. */
const handedBack = Symbol("handed back");

/**
 * Reads the topics of its subscriptions and makes each event's effect happen, in the order of its key.
 * Effects are exactly one where the inbox is one of `outbox`; with `noInbox` they are at least one.
 * @throws SubscriptionsInvalid, OptionsInvalid naming everything that is wrong
 */
export function eventConsumer<Tx>(
  { broker, schemas, inbox, log: parentLog, metrics = noMetrics }: EventConsumerCollaborators<Tx>,
  options: EventConsumerOptions<Tx>,
): EventConsumer {
  const settings = consumerSettings(options);
  const { group } = settings;
  const subscriptions = checkedSubscriptions(settings);
  const topics = [...new Set(settings.subscriptions.map(({ type }) => contractOf(type)!.topic))].sort();
  const log = parentLog.child({ group });
  const slots = new Slots({ perPartition: settings.lanesPerPartition, total: settings.lanes });
  const stopping = new AbortController();
  const works = new Map<string, Work>();
  /** When a record of a lane was first worked on; waiting for its turn does not count. */
  const begunAt = new WeakMap<IncomingRecord, number>();
  /** Keys of strict subscriptions that had a dead letter in this process. */
  const heldKeys = new Set<string>();
  const counts: RecordCounts = {
    read: 0,
    inHand: 0,
    effect: 0,
    duplicate: 0,
    ignored: 0,
    tombstone: 0,
    dead: 0,
    returned: 0,
  };
  let inHandBytes = 0;
  let subscription: BrokerSubscription | undefined;
  let lastProgressAt = performance.now();
  /** Since when no partitions are assigned; absent while some are. */
  let joiningSince: number | undefined;
  /** The outage that something in hand waits for. */
  let outage: { message: string; at: number } | undefined;

  const records = metrics.counter("weft_consumer_records_total", "Records by how they ended", ["group", "outcome"]);
  const retries = metrics.counter("weft_consumer_retries_total", "Attempts that failed", ["group", "kind"]);
  const deadLetters = metrics.counter("weft_consumer_dead_letters_total", "Dead letters by reason", [
    "group",
    "reason",
  ]);
  const inHandGauge = metrics.gauge("weft_consumer_in_hand", "Records read and not finished", ["group"]);
  const seconds = metrics.histogram("weft_consumer_handler_seconds", "One attempt of a handler", [
    "group",
    "event_type",
  ]);

  const commits = offsetCommitter(
    {
      log,
      partitions: () => works.values(),
      subscription: () => subscription,
      // First here, then there: what Kafka says was read is never ahead of what the inbox knows.
      beforeCommit: async (offsets) => inbox.reading?.done(group, offsets),
    },
    { commitEveryMs: settings.commitEveryMs },
  );

  const beginReading = partitionReading({ broker, inbox, log }, group);
  const watch = inboxWatch({ inbox, metrics, log }, group);

  const sink: RecordSink = {
    onAssigned(epoch, partitions) {
      joiningSince = undefined;
      works.clear();
      for (const { topic, partition } of partitions) {
        const name = `${topic} ${partition}`;
        works.set(name, {
          topic,
          partition,
          name,
          epoch,
          revoked: new AbortController(),
          prefix: new FinishedPrefix(),
          lanes: new Map(),
          committed: undefined,
          inHand: 0,
          running: 0,
          waitingForRoom: [],
          begun: undefined,
        });
      }
      log.info({ epoch, partitions: [...works.keys()] }, "partitions assigned");
    },

    async onRevoked(epoch) {
      joiningSince = performance.now();
      const revoked = [...works.values()].filter((work) => work.epoch === epoch);
      for (const work of revoked) {
        work.revoked.abort(handedBack);
        for (const resolve of work.waitingForRoom.splice(0)) resolve();
      }
      await poll({ everyMs: 5, forMs: settings.revokeGraceMs }, () =>
        revoked.some(({ running }) => running > 0) ? undefined : true,
      );
      const late = revoked.reduce((sum, { running }) => sum + running, 0);
      if (late > 0) log.warn({ epoch, late }, "handlers did not finish before their partitions went away");
      await commits.now();
      for (const work of revoked) if (works.get(work.name) === work) works.delete(work.name);
    },

    async onRecords(epoch, batch, at) {
      const work = works.get(`${at.topic} ${at.partition}`);
      if (work?.epoch !== epoch || work.revoked.signal.aborted) return;
      const [first] = batch;
      if (first && !work.begun) {
        work.begun = untilDone(work, "first record", () => beginReading(at, first.offset));
        work.begun.catch(() => {}); // every record waits for it, and hears
      }
      for (const record of batch) enqueue(work, record);
      if (hasRoom(work)) return;
      await new Promise<void>((resolve) => work.waitingForRoom.push(resolve));
    },
  };

  const isTooFarAhead = ({ prefix }: Work) => prefix.uncommittable >= settings.maxUncommittable;
  const hasRoom = (work: Work) =>
    work.inHand < settings.maxInHand && inHandBytes < settings.maxInHandBytes && !isTooFarAhead(work);

  function enqueue(work: Work, record: IncomingRecord): void {
    if (counts.inHand === 0) lastProgressAt = performance.now();
    counts.read += 1;
    counts.inHand += 1;
    work.inHand += 1;
    inHandBytes += record.value?.length ?? 0;
    work.prefix.begin(record.offset);
    // A record without a key has no order to keep.
    const key = record.key === null ? `no key ${record.offset}` : `key ${record.key.toString("latin1")}`;
    const lane = work.lanes.get(key);
    if (lane) {
      lane.push(record);
      return;
    }
    const opened = [record];
    work.lanes.set(key, opened);
    void runLane(work, key, opened);
  }

  async function runLane(work: Work, key: string, lane: IncomingRecord[]): Promise<void> {
    try {
      while (lane.length > 0) {
        const record = lane[0]!;
        const outcome = await settleSurely(work, record);
        lane.shift();
        work.prefix.finish(record.offset);
        account(work, record, outcome);
        lastProgressAt = performance.now();
        commits.soon();
      }
    } catch {
      // Only ever `handedBack`.
      for (const rest of lane.splice(0)) account(work, rest, "returned");
    } finally {
      // Here and not in a later microtask: a batch that came in between would be put into a lane that nobody runs.
      work.lanes.delete(key);
    }
  }

  /** What nobody foresaw must neither lose the record nor stop its lane for good. */
  function settleSurely(work: Work, record: IncomingRecord): Promise<RecordOutcome> {
    const { topic, partition } = work;
    return again(
      work,
      () => settle(work, record),
      ({ error }) => log.error({ topic, partition, err: error }, "a record could not be settled, tried again"),
    );
  }

  function account(work: Work, record: IncomingRecord, outcome: RecordOutcome): void {
    counts[outcome] += 1;
    counts.inHand -= 1;
    work.inHand -= 1;
    inHandBytes -= record.value?.length ?? 0;
    records.add(1, { group, outcome });
    inHandGauge.set(counts.inHand, { group });
    for (const other of inHandBytes < settings.maxInHandBytes ? works.values() : []) {
      if (other.inHand > settings.maxInHand / 2 || isTooFarAhead(other)) continue;
      for (const resolve of other.waitingForRoom.splice(0)) resolve();
    }
  }

  async function settle(work: Work, record: IncomingRecord): Promise<RecordOutcome> {
    await work.begun;
    const reading = await untilDone(work, "read", () => {
      if (!begunAt.has(record)) begunAt.set(record, performance.now());
      return readSurely(record);
    });
    switch (reading.kind) {
      case "ignored":
        return pass(work, record, reading.eventType);
      case "tombstone":
        return settleTombstone(work, record);
      case "dead":
        return bury(work, record, reading.reason, reading.message, 0, placeOf(record, reading.delivery));
      case "event":
        return settleEvent(work, record, reading);
    }
  }

  /** What it may be given back for later; of a record that cannot be read or believed, the place that it claims. */
  function placeOf(record: IncomingRecord, delivery: Delivery | undefined): KeptPlace | undefined {
    if (delivery) return { delivery, reason: "dead" };
    const claim = claimOf(record, group);
    return claim && { delivery: claim, reason: "skipped" };
  }

  /** An event of another's: it has a place in the order of its aggregate, and no effect. */
  async function pass(work: Work, record: IncomingRecord, eventType: string): Promise<RecordOutcome> {
    const claim = claimOf(record, group, eventType);
    if (claim && inbox.pass) await untilDone(work, "pass", () => inbox.pass!(claim));
    return "ignored";
  }

  async function readSurely(record: IncomingRecord): Promise<Reading<Tx>> {
    try {
      return await readRecord(record, group, schemas, subscriptions);
    } catch (error) {
      if (failureKindOf(error) === "transient") throw error;
      log.error({ topic: record.topic, partition: record.partition, err: error }, "a record could not be read");
      return { kind: "dead", reason: "undecodable", message: describeFailure(error) };
    }
  }

  async function settleEvent(
    work: Work,
    record: IncomingRecord,
    { subscription: { handle, order, type }, delivery, event }: Extract<Reading<Tx>, { kind: "event" }>,
  ): Promise<RecordOutcome> {
    if (order === "strict") await untilReleased(work, delivery);
    const effect = (attempt: number) => (tx: Tx) => handle({ ...event, attempt }, tx);
    const outcome = await attempts(work, record, event.context, delivery, type, effect);
    if (outcome === "dead" && order === "strict" && delivery.sequence !== undefined) heldKeys.add(heldKeyOf(delivery));
    return outcome;
  }

  function settleTombstone(work: Work, record: IncomingRecord): Promise<RecordOutcome> {
    const { onTombstone } = settings;
    if (!onTombstone) return Promise.resolve("tombstone");
    const { topic, partition, offset } = record;
    const key = record.key?.toString() ?? null;
    // Nothing in a tombstone names it, so its place does.
    const eventId = `${topic}/${partition}/${offset}`;
    const context = contextOf(record);
    const delivery: Delivery = {
      consumer: group,
      topic,
      partition,
      offset,
      eventId,
      eventType: "tombstone",
      aggregateId: key ?? "",
    };
    const effect = () => (tx: Tx) => onTombstone({ topic, partition, offset, key, context }, tx);
    return attempts(work, record, context, delivery, "tombstone", effect).then((outcome) =>
      outcome === "effect" ? "tombstone" : outcome,
    );
  }

  async function attempts(
    work: Work,
    record: IncomingRecord,
    context: CallContext,
    delivery: Delivery,
    eventType: string,
    effectOf: (attempt: number) => (tx: Tx) => Promise<void>,
  ): Promise<RecordOutcome> {
    let used = 0;
    return again(work, async () => {
      const startedAt = performance.now();
      try {
        const outcome = await inSlot(work, () =>
          runInContext(context, () => once(context, delivery, effectOf(used + 1))),
        );
        if (outcome === "reused" || outcome === "jumped") return refuse(work, record, delivery, outcome);
        return outcome === "applied" ? "effect" : "duplicate";
      } catch (error) {
        if (error === handedBack) throw error;
        const kind = failureKindOf(error);
        retries.add(1, { group, kind });
        const place: KeptPlace = { delivery, reason: "dead" };
        if (kind === "poison") return bury(work, record, "rejected", describeFailure(error), used + 1, place);
        if (kind === "failure") used += 1;
        if (used >= settings.attempts) {
          return bury(work, record, "attempts_exhausted", describeFailure(error), used, place);
        }
        const { topic, partition } = work;
        const details = { eventType, eventId: delivery.eventId, topic, partition, attempt: used, err: error };
        runInContext(context, () =>
          log.warn(details, kind === "transient" ? "waiting for a dependency" : "a handler failed"),
        );
        // A handler that hangs is no outage of anything else: it may make this consumer unhealthy.
        if (kind === "transient" && !HandlerTimeout.is(error)) noteOutage(error);
        throw error;
      } finally {
        seconds.observe((performance.now() - startedAt) / 1000, { group, event_type: eventType });
      }
    });
  }

  /** One attempt, within its deadline: the handler's promise is abandoned then, and its transaction rolled back. */
  async function once(context: CallContext, delivery: Delivery, effect: (tx: Tx) => Promise<void>) {
    const { handlerTimeoutMs: timeoutMs } = settings;
    const { eventType } = delivery;
    const bounded = (tx: Tx) =>
      runInContext(withTimeout(context, timeoutMs), () => before(timeoutMs, eventType, async () => effect(tx)));
    // Twice as long for the whole: a database that stays silent must not hold the key for ever either.
    return before(2 * timeoutMs, eventType, async () => inbox.once(delivery, bounded));
  }

  /** Its sequence cannot be right. The place that it names is another event's, so none is kept for it. */
  async function refuse(
    work: Work,
    record: IncomingRecord,
    { aggregateId, sequence, topic }: Delivery,
    outcome: "reused" | "jumped",
  ): Promise<RecordOutcome> {
    const what = `event-sequence ${sequence} of ${aggregateId} in ${topic}`;
    const refused =
      outcome === "reused"
        ? bury(work, record, "sequence_reused", `${what} is one that another event has had: ${wentBack}`, 0)
        : bury(work, record, "untrusted_source", `${what} is more than one above the last that came: ${notSent}`, 0);
    return refused.finally(() => void watch.now());
  }

  /** Dead letter first, gap second, offset last: a crash in between repeats the letter and loses nothing. */
  async function bury(
    work: Work,
    record: IncomingRecord,
    reason: DeadLetterReason,
    error: string,
    tries: number,
    place?: KeptPlace,
  ): Promise<RecordOutcome> {
    const letter = { record, consumer: group, reason, error, attempts: tries };
    // Each smaller than the one before, for a cluster that refuses it as it is.
    const forms = [deadLetterRecord, withoutValue, withoutValueAndHeaders];
    await untilDone(work, "dead letter", async () => {
      for (const [at, form] of forms.entries()) {
        try {
          return await broker.send([form(letter)]);
        } catch (failure) {
          const isFinal = !RecordRefused.is(failure) || failure.details?.reason === "UNKNOWN_TOPIC";
          if (isFinal || at === forms.length - 1) throw failure;
        }
      }
    });
    if (place?.delivery.sequence !== undefined)
      await untilDone(work, "gap", () => inbox.keepGap(place.delivery, place.reason));
    deadLetters.add(1, { group, reason });
    const { topic, partition } = work;
    log.error(
      { topic, partition, offset: String(record.offset), reason, error, eventId: place?.delivery.eventId },
      "dead letter",
    );
    return "dead";
  }

  /** Repeats what needs the broker, the registry or the database until it is done or the partition goes away. */
  function untilDone<T>(work: Work, what: string, step: () => Promise<T>): Promise<T> {
    const { topic, partition } = work;
    return again(
      work,
      () => inSlot(work, step),
      ({ error, attempt }) => {
        retries.add(1, { group, kind: "transient" });
        const details = { topic, partition, step: what, failed: attempt, err: error };
        // An error of our own is waited for too, since nothing may be lost, but it is nobody's outage.
        if (!isOutage(error) && failureKindOf(error) !== "transient") {
          log.error(details, "a record waits, and not for an outage");
          return;
        }
        noteOutage(error);
        log.warn(details, "a record waits");
      },
    );
  }

  async function untilReleased(work: Work, delivery: Delivery): Promise<void> {
    const { signal } = work.revoked;
    const waits = pauses(pausePolicy, signal);
    for (;;) {
      const isHeld = inbox.isHeld
        ? await untilDone(work, "held key", () => inbox.isHeld!(delivery))
        : heldKeys.has(heldKeyOf(delivery));
      if (!isHeld) {
        heldKeys.delete(heldKeyOf(delivery));
        return;
      }
      if (waits.failures === 0)
        log.warn({ key: delivery.aggregateId, topic: delivery.topic }, "the key is held behind a dead letter");
      noteOutage(new Error(`${delivery.aggregateId} is held behind a dead letter`));
      await waits.failed();
      signal.throwIfAborted();
    }
  }

  async function inSlot<T>(work: Work, step: () => Promise<T>): Promise<T> {
    const { signal } = work.revoked;
    if (signal.aborted) throw handedBack;
    const turn = slots.take(work.name);
    if (turn) await turn;
    work.running += 1;
    try {
      if (signal.aborted) throw handedBack;
      return await step();
    } finally {
      work.running -= 1;
      slots.release(work.name);
    }
  }

  const { retryBaseMs, retryMaxMs } = settings;
  const pausePolicy = { firstMs: retryBaseMs, maxMs: retryMaxMs, floorMs: Math.min(10, retryBaseMs) };

  /** Tries again until it is done, or rejects with `handedBack` when the partition goes away. */
  function again<T>(work: Work, step: () => Promise<T>, onRetry?: RetryPolicy["onRetry"]): Promise<T> {
    const mayRetry = (error: unknown) => error !== handedBack;
    const policy = { ...pausePolicy, mayRetry, afterMs: () => undefined, ...(onRetry && { onRetry }) };
    return retry(policy, step, work.revoked.signal);
  }

  /** Of the records that hold the committed offset of their partition, the one that was begun first. */
  function oldestRecord(): ConsumerState["oldest"] {
    const now = performance.now();
    let oldest: ConsumerState["oldest"];
    for (const { topic, partition, lanes } of works.values()) {
      let first: IncomingRecord | undefined;
      for (const [record] of lanes.values()) if (record && !(first && first.offset < record.offset)) first = record;
      if (!first) continue;
      const ageMs = Math.round(now - (begunAt.get(first) ?? now));
      if (oldest && oldest.ageMs >= ageMs) continue;
      oldest = { topic, partition, offset: first.offset, key: first.key?.toString() ?? null, ageMs };
    }
    return oldest;
  }

  function noteOutage(error: unknown): void {
    outage = { message: describeFailure(error), at: performance.now() };
  }

  async function checkTopics(): Promise<void> {
    const dlq = deadLetterTopic(group);
    const policy: RetryPolicy = {
      firstMs: 200,
      maxMs: 5000,
      floorMs: 50,
      mayRetry: (error) => BrokerUnavailable.is(error),
      onRetry: ({ error, attempt }) => log.warn({ failed: attempt, err: error }, "waiting for Kafka"),
    };
    const check = async () => {
      const existing = new Set((await broker.topics()).map(({ topic }) => topic));
      const missing = [...topics, dlq].filter((topic) => !existing.has(topic));
      if (missing.length > 0) throw missingTopics(missing);
    };
    await retry(policy, check, stopping.signal).catch((error) => {
      if (!stopping.signal.aborted) throw error;
    });
  }

  return {
    name: `consumer ${group}`,

    async start() {
      if (topics.length === 0) return;
      await checkTopics();
      if (stopping.signal.aborted) return;
      joiningSince = performance.now();
      subscription = await broker.subscribe({ group, topics, signal: stopping.signal }, sink);
      commits.soon();
      watch.start();
    },

    async stop() {
      stopping.abort();
      await subscription?.stop();
      await commits.stop();
      await watch.stop();
      subscription = undefined;
    },

    counts: () => ({ ...counts }),

    health() {
      const oldest = oldestRecord();
      const now = performance.now();
      const isWaiting = outage !== undefined && now - outage.at < 2 * settings.retryMaxMs + settings.handlerTimeoutMs;
      return consumerHealth({
        counts,
        progressAgeMs: counts.inHand === 0 ? 0 : Math.round(now - lastProgressAt),
        wedgedAfterMs: settings.wedgedAfterMs,
        oldest,
        waitingFor: isWaiting ? outage?.message : undefined,
        subscription,
        troubles: watch.known(),
        joiningMs: joiningSince === undefined ? undefined : Math.round(now - joiningSince),
      });
    },
  };
}

interface KeptPlace {
  delivery: Delivery;
  reason: GapReason;
}

const wentBack = "its publisher's database went back; run `weft outbox resequence` there";
const notSent = "no relay has sent it, or the topic lost what was between";

const heldKeyOf = ({ topic, aggregateId }: Delivery) => `${topic} ${aggregateId}`;

/** Settles as `work` does, or rejects with `HandlerTimeout`; whatever `work` still does then is not looked at any more. */
function before<T>(timeoutMs: number, eventType: string, work: () => Promise<T>): Promise<T> {
  return within(timeoutMs, work(), () => {
    throw new HandlerTimeout({ eventType, timeoutMs });
  });
}
