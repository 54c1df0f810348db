/**
 * What a partition remembers of idempotent producers (KIP-98): per producer id its epoch and its last five batches.
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
export type ProducerSnapshot = [producerId: number, epoch: number, batches: Remembered[]][];

const remembered = 5;
/** More are forgotten, the one quiet for longest first. */
const maxProducers = 10_000;
const maxSequence = 2 ** 31 - 1;

const advance = (sequence: number, by: number) =>
  sequence > maxSequence - by ? by - (maxSequence - sequence) - 1 : sequence + by;

export class ProducerStates {
  // A Map keeps insertion order; each append moves its producer to the end.
  private readonly states = new Map<number, ProducerState>();

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
    if (this.states.size > maxProducers) this.states.delete(this.states.keys().next().value as number);
  }

  snapshot(): ProducerSnapshot {
    return [...this.states].map(([id, { epoch, batches }]) => [id, epoch, batches.map((batch) => ({ ...batch }))]);
  }
  restore(snapshot: ProducerSnapshot): void {
    this.states.clear();
    for (const [id, epoch, batches] of snapshot) this.states.set(id, { epoch, batches: [...batches] });
  }
}
