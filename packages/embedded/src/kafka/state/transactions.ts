import type { Logger } from "@weft/core";
import type { Disk } from "../log/disk.ts";
import { Journal } from "../log/journal.ts";
import type { BrokerSettings } from "../options.ts";
import type { ErrorName } from "../protocol/error-codes.ts";
import type { Cluster } from "./cluster.ts";
import type { OffsetOf, OffsetStore } from "./offsets.ts";

/**
 * One transactional id (KIP-98, KIP-360; the states are those of Kafka's transaction coordinator).
 *
 * Empty            a producer id and an epoch, nothing begun. The first partition or group added moves it on.
 * Ongoing          has partitions, groups and offsets that wait. Ends by EndTxn, by a newer producer of the same id, or by its
 *                  timeout; the latter two abort it under a higher epoch, which fences whoever began it.
 * PrepareCommit    decided and on disk: whatever happens now, markers and offsets follow; while the disk refuses, every second,
 *                  after a crash at the next start.
 * PrepareAbort     the same for an abort; its offsets are dropped.
 * CompleteCommit   every partition has its marker. The next partition added begins anew.
 * CompleteAbort    likewise.
 */
type TransactionState = "Empty" | "Ongoing" | "PrepareCommit" | "PrepareAbort" | "CompleteCommit" | "CompleteAbort";

export interface Transaction {
  id: string;
  producerId: number;
  epoch: number;
  timeoutMs: number;
  state: TransactionState;
  /** Milliseconds since 1970; -1 while nothing is begun. */
  startedAt: number;
  partitions: { topic: string; topicId: string; partition: number }[];
  groups: { group: string; offsets: OffsetOf[] }[];
  /** Who asked to go on and became this producer: asking again, because the answer was lost, gets the same answer (KIP-360). */
  wentOnFrom?: ProducerIdentity | undefined;
}

export interface ProducerIdentity {
  producerId: number;
  producerEpoch: number;
}

const maxEpoch = 32_766;
/** Pause before something is tried again that the disk refused. */
const retryMs = 1000;
const nothingBegun = { startedAt: -1, partitions: [], groups: [] };

/** The transactions of this broker, in a journal of their own: each change is on disk before it is answered. */
export class Transactions {
  private readonly transactions = new Map<string, Transaction>();
  private readonly timers = new Map<string, NodeJS.Timeout>();
  private readonly journal: Journal<Transaction>;
  private readonly cluster: Cluster;
  private readonly offsets: OffsetStore;
  private readonly log: Logger;
  private readonly settings: BrokerSettings;

  constructor(
    { disk, cluster, offsets, log }: { disk: Disk; cluster: Cluster; offsets: OffsetStore; log: Logger },
    options: { path: string; settings: BrokerSettings },
  ) {
    this.cluster = cluster;
    this.offsets = offsets;
    this.log = log;
    this.settings = options.settings;
    this.journal = new Journal(
      { disk, log, apply: (one) => this.apply(one), current: () => this.all() },
      { path: options.path, fsync: options.settings.fsync },
    );
  }

  /** Reads everything back, ends what was decided, and waits for what was not. */
  open(): void {
    this.journal.open();
    for (const one of this.all()) {
      if (isDecided(one)) this.endUnattended(one.id);
      if (one.state === "Ongoing") this.watch(one);
    }
  }

  private apply(one: Transaction): void {
    // Versions before took whatever producer id a client claimed. One that no marker can be written for would never end.
    if (!Number.isSafeInteger(one.producerId) || one.producerId < 0)
      throw new Error(`transactional id ${one.id} has ${one.producerId} as its producer id`);
    // The one changed last is the last to be forgotten.
    this.transactions.delete(one.id);
    this.transactions.set(one.id, one);
  }
  private save(one: Transaction): Transaction {
    this.journal.append(one);
    return one;
  }

  all(): Transaction[] {
    return [...this.transactions.values()];
  }
  find(id: string): Transaction | undefined {
    return this.transactions.get(id);
  }

  /**
   * Gives a transactional id its producer: the same producer id with a higher epoch, so that an earlier producer is fenced. What
   * that one had not ended is aborted.
   * @param expected  what a producer that recovers by itself believes to be (KIP-360)
   */
  begin(id: string, timeoutMs: number, expected: ProducerIdentity | undefined): ErrorName | ProducerIdentity {
    if (timeoutMs <= 0 || timeoutMs > this.settings.maxTransactionTimeoutMs) return "INVALID_TRANSACTION_TIMEOUT";
    let known = this.settled(id);
    if (!known) {
      if (!this.hasRoom()) return "COORDINATOR_NOT_AVAILABLE";
      // Also for somebody whose id was forgotten: the producer id that he claims may be another's.
      const producerId = this.cluster.newProducerId();
      return identityOf(this.save({ id, producerId, epoch: 0, timeoutMs, state: "Empty", ...nothingBegun }));
    }
    if (expected && !isSame(expected, identityOf(known))) {
      const isRepetition = known.state !== "Ongoing" && known.wentOnFrom && isSame(expected, known.wentOnFrom);
      return isRepetition ? identityOf(known) : "PRODUCER_FENCED";
    }
    if (known.state === "Ongoing") known = this.abort(known, expected);
    const isSpent = known.epoch >= maxEpoch;
    const next = this.save({
      ...known,
      ...nothingBegun,
      producerId: isSpent ? this.cluster.newProducerId() : known.producerId,
      epoch: isSpent ? 0 : known.epoch + 1,
      timeoutMs,
      state: "Empty",
      wentOnFrom: expected,
    });
    return identityOf(next);
  }

  private hasRoom(): boolean {
    if (this.transactions.size < this.settings.maxTransactionalIds) return true;
    for (const [id, { state }] of this.transactions)
      if (state !== "Ongoing" && !isDecided({ state })) {
        this.transactions.delete(id);
        return true;
      }
    return false;
  }

  /** What the disk kept from being carried out is tried again first. @throws while the disk still refuses */
  private settled(id: string): Transaction | undefined {
    const known = this.transactions.get(id);
    return known && isDecided(known) ? this.complete(known, true) : known;
  }

  /** @returns the transaction when this producer may work on it now */
  private check(id: string, { producerId, producerEpoch }: ProducerIdentity): ErrorName | Transaction {
    const known = this.settled(id);
    if (!known || known.producerId !== producerId) return "INVALID_PRODUCER_ID_MAPPING";
    if (known.epoch !== producerEpoch) return "PRODUCER_FENCED";
    return known;
  }

  private begun(known: Transaction): Transaction {
    return known.state === "Ongoing" ? known : { ...known, ...nothingBegun, state: "Ongoing", startedAt: Date.now() };
  }
  private saveOngoing(next: Transaction): void {
    this.save(next);
    this.watch(next);
  }

  addPartitions(id: string, producer: ProducerIdentity, partitions: Transaction["partitions"]): ErrorName {
    const known = this.check(id, producer);
    if (typeof known === "string") return known;
    const { partitions: before, ...begun } = this.begun(known);
    const isNew = (one: Transaction["partitions"][number]) =>
      !before.some((other) => other.topicId === one.topicId && other.partition === one.partition);
    const added = partitions.filter(isNew);
    if (added.length > 0) this.saveOngoing({ ...begun, partitions: [...before, ...added] });
    return "NONE";
  }

  addGroup(id: string, producer: ProducerIdentity, group: string): ErrorName {
    const known = this.check(id, producer);
    if (typeof known === "string") return known;
    const { groups, ...begun } = this.begun(known);
    if (!groups.some((one) => one.group === group))
      this.saveOngoing({ ...begun, groups: [...groups, { group, offsets: [] }] });
    return "NONE";
  }

  /** Offsets that become visible when the transaction commits. */
  addOffsets(id: string, producer: ProducerIdentity, group: string, offsets: readonly OffsetOf[]): ErrorName {
    const known = this.check(id, producer);
    if (typeof known === "string") return known === "PRODUCER_FENCED" ? "INVALID_PRODUCER_EPOCH" : known;
    if (known.state !== "Ongoing" || !known.groups.some((one) => one.group === group)) return "INVALID_TXN_STATE";
    const groups = known.groups.map((one) =>
      one.group === group ? { group, offsets: newestOf([...one.offsets, ...offsets]) } : one,
    );
    this.save({ ...known, groups });
    return "NONE";
  }

  /** Whether a partition's offset of a group waits for a transaction to end. */
  hasPendingOffset(group: string, topic: string, partition: number): boolean {
    for (const { state, groups } of this.transactions.values())
      if (state === "Ongoing")
        for (const one of groups)
          if (one.group === group && one.offsets.some((o) => o.topic === topic && o.partition === partition))
            return true;
    return false;
  }

  /** @returns whether this producer may write to this partition now: only where its transaction says so (KIP-890) */
  mayWrite(id: string, producer: ProducerIdentity, topicId: string, partition: number): ErrorName {
    const known = this.check(id, producer);
    if (typeof known === "string") return known === "PRODUCER_FENCED" ? "INVALID_PRODUCER_EPOCH" : known;
    const isAdded = known.partitions.some((one) => one.topicId === topicId && one.partition === partition);
    return known.state === "Ongoing" && isAdded ? "NONE" : "INVALID_TXN_STATE";
  }

  end(id: string, producer: ProducerIdentity, isCommit: boolean): ErrorName {
    const known = this.check(id, producer);
    if (typeof known === "string") return known;
    if (known.state === "Ongoing") {
      this.finish(known, isCommit);
      return "NONE";
    }
    // A repetition: the answer got lost on the way.
    return known.state === (isCommit ? "CompleteCommit" : "CompleteAbort") ? "NONE" : "INVALID_TXN_STATE";
  }

  private finish(one: Transaction, isCommit: boolean): Transaction {
    const decided = this.save({ ...one, state: isCommit ? "PrepareCommit" : "PrepareAbort" });
    this.endIn(decided.id, retryMs);
    return this.complete(decided, false);
  }

  /** Aborts under an epoch that nobody was told, so that the old producer can go on only where he asked to. */
  private abort(one: Transaction, wentOnFrom: ProducerIdentity | undefined): Transaction {
    return this.finish({ ...one, epoch: one.epoch + 1, wentOnFrom }, false);
  }

  /** Carries out what is decided. @param isAgain  after a crash: partitions that have their marker do not get another */
  private complete(one: Transaction, isAgain: boolean): Transaction {
    const isCommit = one.state === "PrepareCommit";
    for (const { topicId, partition } of one.partitions) {
      const topic = this.cluster.byId(topicId);
      const log = topic?.partitions[partition];
      if (!topic || !log || (isAgain && !log.hasOpenTransaction(one.producerId))) continue;
      const marker = { producerId: one.producerId, producerEpoch: one.epoch, isCommit, timestamp: Date.now() };
      const result = log.appendMarker(marker, this.cluster.limitsOf(topic));
      if (result.error !== "NONE") throw result.cause;
    }
    if (isCommit) for (const { group, offsets } of one.groups) this.offsets.commit(group, offsets);
    const completed = this.save({ ...one, ...nothingBegun, state: isCommit ? "CompleteCommit" : "CompleteAbort" });
    clearTimeout(this.timers.get(one.id));
    this.timers.delete(one.id);
    return completed;
  }

  private watch(one: Transaction): void {
    this.endIn(one.id, Math.max(0, one.startedAt + one.timeoutMs - Date.now()));
  }
  private endIn(id: string, ms: number): void {
    clearTimeout(this.timers.get(id));
    const timer = setTimeout(() => this.endUnattended(id), ms);
    timer.unref();
    this.timers.set(id, timer);
  }

  /** Aborts what took too long, and carries out what is decided. */
  private endUnattended(id: string): void {
    const known = this.transactions.get(id);
    if (!known) return;
    try {
      if (isDecided(known)) this.complete(known, true);
      if (known.state === "Ongoing") this.abort(known, undefined);
    } catch (err) {
      this.log.error({ err, transactionalId: id }, "could not end a transaction; trying again");
      this.endIn(id, retryMs);
    }
  }

  close(): void {
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.timers.clear();
    this.journal.close();
  }
}

const isDecided = ({ state }: Pick<Transaction, "state">) => state === "PrepareCommit" || state === "PrepareAbort";
const identityOf = ({ producerId, epoch }: Transaction): ProducerIdentity => ({ producerId, producerEpoch: epoch });
const isSame = (one: ProducerIdentity, other: ProducerIdentity) =>
  one.producerId === other.producerId && one.producerEpoch === other.producerEpoch;

const newestOf = (offsets: readonly OffsetOf[]): OffsetOf[] => [
  ...new Map(offsets.map((offset) => [`${offset.partition}/${offset.topic}`, offset])).values(),
];
