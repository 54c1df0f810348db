/**
 * What a partition remembers of idempotent and transactional producers (KIP-98): per producer id its epoch, its last five
 * batches, and where the transaction begins that it has not ended.
 * A batch whose sequence numbers are among those five is a repetition and gets the offset it got first. The next one must
 * follow without a gap. A producer that is not known (new, or forgotten) may begin anywhere, as in Kafka since KIP-360.
 */
export interface SequencedBatch {
  producerId: number;
  producerEpoch: number;
  baseSequence: number;
  lastOffsetDelta: number;
  baseOffset: number;
  maxTimestamp: number;
}
export type SequenceVerdict =
  | { kind: "next" }
  | { kind: "duplicate"; baseOffset: number; maxTimestamp: number }
  | { kind: "stale-epoch" }
  | { kind: "out-of-order"; expected: number };

interface Remembered {
  firstSequence: number;
  lastSequence: number;
  baseOffset: number;
  maxTimestamp: number;
}
interface ProducerState {
  epoch: number;
  batches: Remembered[];
}
/** As it is stored beside a closed segment. */
export type ProducerSnapshot = [
  producerId: number,
  epoch: number,
  batches: Remembered[],
  openSince?: number | undefined,
][];
/** A transaction that was aborted: from its first record to the marker that ended it. */
export interface AbortedTransaction {
  producerId: number;
  firstOffset: number;
  lastOffset: number;
}

const remembered = 5;
/** More are forgotten, the one quiet for longest first. */
const maxProducers = 10_000;
const maxSequence = 2 ** 31 - 1;

const advance = (sequence: number, by: number) =>
  sequence > maxSequence - by ? by - (maxSequence - sequence) - 1 : sequence + by;

export class ProducerStates {
  // A Map keeps insertion order; each append moves its producer to the end.
  private readonly states = new Map<number, ProducerState>();
  /** First offset of each open transaction, by producer. In order of these offsets, since a log only grows. */
  private readonly open = new Map<number, number>();

  check(batch: Omit<SequencedBatch, "baseOffset">): SequenceVerdict {
    const state = this.states.get(batch.producerId);
    if (!state) return { kind: "next" };
    if (batch.producerEpoch < state.epoch) return { kind: "stale-epoch" };
    const { baseSequence } = batch;
    if (batch.producerEpoch > state.epoch)
      return baseSequence === 0 ? { kind: "next" } : { kind: "out-of-order", expected: 0 };
    const lastSequence = advance(baseSequence, batch.lastOffsetDelta);
    const same = state.batches.find((b) => b.firstSequence === baseSequence && b.lastSequence === lastSequence);
    if (same) return { kind: "duplicate", baseOffset: same.baseOffset, maxTimestamp: same.maxTimestamp };
    const last = state.batches.at(-1);
    const expected = last ? advance(last.lastSequence, 1) : baseSequence;
    return baseSequence === expected ? { kind: "next" } : { kind: "out-of-order", expected };
  }

  /** Takes note of a batch that is in the log. */
  remember(batch: SequencedBatch): void {
    const known = this.states.get(batch.producerId);
    const state: ProducerState =
      known && known.epoch === batch.producerEpoch ? known : { epoch: batch.producerEpoch, batches: [] };
    state.batches.push({
      firstSequence: batch.baseSequence,
      lastSequence: advance(batch.baseSequence, batch.lastOffsetDelta),
      baseOffset: batch.baseOffset,
      maxTimestamp: batch.maxTimestamp,
    });
    if (state.batches.length > remembered) state.batches.shift();
    this.states.delete(batch.producerId);
    this.states.set(batch.producerId, state);
    this.forgetSurplus();
  }

  private forgetSurplus(): void {
    if (this.states.size <= maxProducers) return;
    for (const id of this.states.keys())
      if (!this.open.has(id)) {
        this.states.delete(id);
        return;
      }
  }

  /** Takes note that a transactional batch is in the log. */
  begin(producerId: number, firstOffset: number): void {
    if (!this.open.has(producerId)) this.open.set(producerId, firstOffset);
  }

  /** Takes note of the marker that ends a transaction. @returns where that began, if it had records here */
  end(producerId: number, producerEpoch: number): number | undefined {
    const firstOffset = this.open.get(producerId);
    this.open.delete(producerId);
    const known = this.states.get(producerId);
    if (known?.epoch !== producerEpoch) this.states.set(producerId, { epoch: producerEpoch, batches: [] });
    this.forgetSurplus();
    return firstOffset;
  }

  /** Where the transaction of a producer begins that has records here and no end. */
  openSince(producerId: number): number | undefined {
    return this.open.get(producerId);
  }
  get firstOpenOffset(): number | undefined {
    return this.open.values().next().value;
  }

  snapshot(): ProducerSnapshot {
    return [...this.states].map(([id, { epoch, batches }]) => [
      id,
      epoch,
      batches.map((batch) => ({ ...batch })),
      this.open.get(id),
    ]);
  }
  restore(snapshot: ProducerSnapshot): void {
    this.states.clear();
    this.open.clear();
    const open: [number, number][] = [];
    for (const [id, epoch, batches, openSince] of snapshot) {
      this.states.set(id, { epoch, batches: [...batches] });
      // JSON has no undefined in arrays: it comes back as null.
      if (typeof openSince === "number") open.push([id, openSince]);
    }
    for (const [id, firstOffset] of open.sort(([, a], [, b]) => a - b)) this.open.set(id, firstOffset);
  }
}
