import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { readOrNothing, writeFileAtomically } from "../../data-directory.ts";
import type { Disk } from "./disk.ts";
import { type EndMarker, endMarkerBatch } from "./end-marker.ts";
import { type AbortedTransaction, ProducerStates } from "./producers.ts";
import {
  type BatchHeader,
  batchHeaderBytes,
  everyRecordHasKey,
  firstRecordAtOrAfter,
  hasValidChecksum,
  placeBatch,
  readBatchHeader,
  recordsAreWellFormed,
} from "./record-batch.ts";
import { Segment } from "./segment.ts";

export interface LogLimits {
  segmentBytes: number;
  /** Age by the producers' clocks at which a segment is closed. */
  segmentMs?: number;
  /** Compaction needs a key to go by. */
  needsKeys?: boolean;
  /** How far a producer's clock may be ahead. */
  maxAheadMs?: number;
  maxMessageBytes: number;
  fsync: boolean;
}

type AppendRefusal =
  | "CORRUPT_MESSAGE"
  | "INVALID_RECORD"
  | "INVALID_TIMESTAMP"
  | "MESSAGE_TOO_LARGE"
  | "UNSUPPORTED_COMPRESSION_TYPE"
  | "UNSUPPORTED_VERSION"
  | "INVALID_PRODUCER_EPOCH"
  | "OUT_OF_ORDER_SEQUENCE_NUMBER"
  | "INVALID_TXN_STATE"
  | "KAFKA_STORAGE_ERROR";
export type AppendResult =
  | { error: "NONE"; baseOffset: number }
  | { error: AppendRefusal; message: string; cause?: unknown };

/** There is one broker, which leads from the first record on. */
export const leaderEpoch = 0;
const noWaiters: ReadonlySet<(bytes: number) => void> = new Set();

const refused = (error: AppendRefusal, message: string, cause?: unknown): AppendResult => ({ error, message, cause });

/**
 * The log of one partition: segments in a folder, appended to at the end, read from anywhere.
 * Offsets are given once: after a crash the log ends with the last whole batch, and everything acknowledged is before that.
 */
export class PartitionLog {
  private readonly disk: Disk;
  private readonly directory: string;
  private readonly producers = new ProducerStates();
  private readonly segments: Segment[] = [];
  private waiters: Set<(bytes: number) => void> | undefined;
  private start = 0;

  private constructor(disk: Disk, directory: string) {
    this.disk = disk;
    this.directory = directory;
  }

  /** @param onRepair told how many bytes at the end were no whole batch */
  static open(
    { disk, onRepair }: { disk: Disk; onRepair: (lostBytes: number) => void },
    directory: string,
  ): PartitionLog {
    const log = new PartitionLog(disk, directory);
    mkdirSync(directory, { recursive: true });
    const bases = readdirSync(directory)
      .filter((name) => /^\d{20}\.log$/.test(name))
      .map((name) => Number(name.slice(0, 20)))
      .sort((a, b) => a - b);
    for (const [index, base] of bases.entries()) {
      const segment = new Segment(disk, directory, base);
      const surplus = segment.recover(log.producers);
      log.segments.push(segment);
      if (surplus === 0) continue;
      onRepair(surplus);
      if (index === bases.length - 1) segment.truncate();
    }
    log.start = Math.max(bases[0] ?? 0, Number(readOrNothing(join(directory, "start-offset")) ?? 0));
    if (bases.length === 0 && log.start === 0) log.segments.push(new Segment(disk, directory, 0));
    // Earlier versions made the file of a segment with its first record: with all before deleted, the end was lost.
    else if (bases.length === 0 || log.endOffset < log.start) log.beginSegment(log.start);
    // Theirs may also have no index yet, and compaction relies on the producers in it.
    log.active.checkpoint(log.producers);
    return log;
  }

  private get active(): Segment {
    return this.segments[this.segments.length - 1] as Segment;
  }
  get startOffset(): number {
    return this.start;
  }
  /** The offset that the next record gets; with one replica also the high watermark. */
  get endOffset(): number {
    return this.active.nextOffset;
  }
  /** Before it, every transaction has ended: how far `read_committed` reads. */
  get lastStableOffset(): number {
    // A transaction may be open whose first records are deleted.
    return Math.max(this.start, this.producers.firstOpenOffset ?? this.endOffset);
  }
  hasOpenTransaction(producerId: number): boolean {
    return this.producers.openSince(producerId) !== undefined;
  }
  /** Aborted transactions with records in `[from, to)`. */
  abortedBetween(from: number, to: number): AbortedTransaction[] {
    return this.segments.flatMap(({ aborted }) =>
      aborted.filter(({ firstOffset, lastOffset }) => lastOffset >= from && firstOffset < to),
    );
  }

  /** Checks one batch as a producer sent it, gives it its offsets and writes it. */
  append(batch: Buffer, limits: LogLimits): AppendResult {
    const magic = batch.length > 16 ? batch.readInt8(16) : 2;
    if (magic < 2) return refused("INVALID_RECORD", `message format ${magic} is older than what is stored here (2)`);
    const header = readBatchHeader(batch);
    if (!header || header.sizeBytes < batchHeaderBytes || header.sizeBytes > batch.length)
      return refused("CORRUPT_MESSAGE", "not a whole record batch");
    if (header.sizeBytes < batch.length) return refused("INVALID_RECORD", "more than one record batch");
    if (header.magic !== 2) return refused("CORRUPT_MESSAGE", `unknown message format ${header.magic}`);
    if (batch.length > limits.maxMessageBytes)
      return refused(
        "MESSAGE_TOO_LARGE",
        `the batch has ${batch.length} bytes, the topic takes ${limits.maxMessageBytes}`,
      );
    if (!hasValidChecksum(batch, 0, batch.length)) return refused("CORRUPT_MESSAGE", "the checksum is wrong");
    if (header.compression === "unknown")
      return refused("UNSUPPORTED_COMPRESSION_TYPE", "the compression type is unknown");
    if (header.isControl) return refused("INVALID_RECORD", "a client cannot write control batches");
    if (header.recordsCount < 1 || header.lastOffsetDelta !== header.recordsCount - 1)
      return refused(
        "INVALID_RECORD",
        `${header.recordsCount} records with a last offset of ${header.lastOffsetDelta}`,
      );
    const baseOffset = this.endOffset;
    const placed = { ...header, baseOffset, lastOffset: baseOffset + header.lastOffsetDelta };
    if (!recordsAreWellFormed(batch, placed)) return refused("INVALID_RECORD", "the records contradict their header");
    if (limits.needsKeys && !everyRecordHasKey(batch, placed))
      return refused("INVALID_RECORD", "Compacted topic cannot accept message without key");
    if (limits.maxAheadMs !== undefined && header.maxTimestamp > Date.now() + limits.maxAheadMs)
      return refused("INVALID_TIMESTAMP", `the timestamp ${header.maxTimestamp} is too far ahead`);
    if (header.isTransactional && header.producerId < 0)
      return refused("INVALID_RECORD", "a transactional batch without a producer id");
    if (header.producerId >= 0) {
      if (!header.isTransactional && this.hasOpenTransaction(header.producerId))
        return refused("INVALID_TXN_STATE", `producer ${header.producerId} is in a transaction`);
      if (header.baseSequence < 0 || header.producerEpoch < 0)
        return refused("INVALID_RECORD", "a producer id without epoch or sequence");
      const verdict = this.producers.check(header);
      if (verdict.kind === "duplicate") return { error: "NONE", baseOffset: verdict.baseOffset };
      if (verdict.kind === "stale-epoch")
        return refused("INVALID_PRODUCER_EPOCH", `producer ${header.producerId} has a newer epoch`);
      if (verdict.kind === "out-of-order")
        return refused(
          "OUT_OF_ORDER_SEQUENCE_NUMBER",
          `producer ${header.producerId} sent sequence ${header.baseSequence} where ${verdict.expected} follows`,
        );
    }
    return this.write(batch, placed, limits);
  }

  /** Ends the transaction of a producer here. @returns an error only when the disk refuses */
  appendMarker(marker: EndMarker, limits: LogLimits): AppendResult {
    const batch = endMarkerBatch(marker);
    const header = readBatchHeader(batch) as BatchHeader;
    const result = this.write(batch, { ...header, baseOffset: this.endOffset, lastOffset: this.endOffset }, limits);
    // More has become stable than the marker alone: whoever waits looks again.
    if (result.error === "NONE") for (const wake of this.waiters ?? noWaiters) wake(Number.POSITIVE_INFINITY);
    return result;
  }

  private write(batch: Buffer, placed: BatchHeader, limits: LogLimits): AppendResult {
    const { baseOffset } = placed;
    try {
      this.rollIfDue(batch.length, placed.maxTimestamp, limits);
      placeBatch(batch, baseOffset, leaderEpoch);
      this.active.append(batch, placed, { producers: this.producers, fsync: limits.fsync });
    } catch (error) {
      return refused("KAFKA_STORAGE_ERROR", "the batch could not be written", error);
    }
    for (const wake of this.waiters ?? noWaiters) wake(batch.length);
    return { error: "NONE", baseOffset };
  }

  private rollIfDue(nextBytes: number, timestamp: number, { segmentBytes, segmentMs }: LogLimits): void {
    const { size, firstTimestamp } = this.active;
    if (size === 0 || firstTimestamp === undefined) return;
    const isFull = size + nextBytes > segmentBytes;
    if (isFull || (segmentMs !== undefined && timestamp - firstTimestamp > segmentMs)) this.roll();
  }
  private roll(): void {
    const closing = this.active;
    closing.checkpoint(this.producers);
    this.beginSegment(closing.nextOffset);
  }
  private beginSegment(baseOffset: number): void {
    const segment = new Segment(this.disk, this.directory, baseOffset);
    segment.create(this.producers);
    this.segments.push(segment);
  }

  /**
   * Whole batches from `offset` on, up to `maxBytes`, at least one where there is one; empty at the end of the log.
   * @param before  batches from this offset on are left out
   */
  read(offset: number, maxBytes: number, before = this.endOffset): Buffer {
    const found = this.readAny(offset, maxBytes);
    if (before >= this.endOffset) return found;
    let end = 0;
    for (
      let header = readBatchHeader(found);
      header && header.baseOffset < before;
      header = readBatchHeader(found, end)
    )
      end += header.sizeBytes;
    return found.subarray(0, end);
  }

  private readAny(offset: number, maxBytes: number): Buffer {
    for (let index = this.segmentIndex(offset); index < this.segments.length; index++) {
      const segment = this.segments[index] as Segment;
      if (offset >= segment.nextOffset) continue;
      const found = segment.read(offset, maxBytes);
      if (found.length > 0) return found;
    }
    return Buffer.alloc(0);
  }

  private segmentIndex(offset: number): number {
    let index = this.segments.length - 1;
    while (index > 0 && (this.segments[index] as Segment).baseOffset > offset) index--;
    return index;
  }

  /** Offset and timestamp of the first record at or after a time, in milliseconds. */
  offsetForTime(timestamp: number): { offset: number; timestamp: number } | undefined {
    for (const segment of this.segments) {
      if (segment.maxTimestamp < timestamp) continue;
      const found = segment.firstBatchAtOrAfter(timestamp, this.start);
      if (found) return firstRecordAtOrAfter(found.batch, found.header, timestamp);
    }
    return undefined;
  }

  get maxTimestamp(): number {
    return Math.max(-1, ...this.segments.map((segment) => segment.maxTimestamp));
  }

  /** Forgets what is before `offset`: readers see the new start at once, whole segments leave the disk. */
  deleteBefore(offset: number): void {
    if (offset <= this.start) return;
    writeFileAtomically(join(this.directory, "start-offset"), String(offset));
    this.start = offset;
    while (this.segments.length > 1 && (this.segments[0] as Segment).nextOffset <= offset)
      this.segments.shift()?.remove();
  }

  /**
   * Retention: forgets segments whose newest record is older than a time, then the oldest ones over a size. The newest segment
   * is closed first when its turn has come.
   */
  expire({ before, maxBytes }: { before: number; maxBytes: number }): void {
    let total = this.segments.reduce((sum, { size }) => sum + size, 0);
    let keepFrom = this.start;
    for (const segment of [...this.segments]) {
      if (segment.size === 0 && segment === this.active) break;
      const isOld = segment.size === 0 || segment.newestTimestamp < before;
      if (!isOld && total - segment.size < maxBytes) break;
      total -= segment.size;
      keepFrom = segment.nextOffset;
    }
    if (keepFrom <= this.start) return;
    if (keepFrom === this.endOffset && this.active.size > 0) this.roll();
    this.deleteBefore(keepFrom);
  }

  /** Segments that nothing is appended to any more and in which every transaction has ended, oldest first. */
  closedSegments(): readonly Segment[] {
    const stable = this.lastStableOffset;
    return this.segments.filter((segment) => segment !== this.active && segment.nextOffset <= stable);
  }

  /** Takes a segment that compaction has emptied away; the first stays, because the log begins with it. */
  dropIfEmpty(segment: Segment): void {
    const index = this.segments.indexOf(segment);
    if (segment.size > 0 || index <= 0 || segment === this.active) return;
    this.segments.splice(index, 1);
    segment.remove();
  }

  /** Tells `wake` how many bytes each append adds; infinitely many when the partition goes away. @returns how to end that */
  watch(wake: (bytes: number) => void): () => void {
    this.waiters ??= new Set();
    this.waiters.add(wake);
    return () => this.waiters?.delete(wake);
  }

  close(): void {
    for (const segment of this.segments) segment.close();
  }
  /** Before a clean stop: the next start need not read the log. */
  checkpoint(): void {
    for (const segment of this.segments) segment.checkpoint(this.producers);
  }
  /** Deletes the partition. */
  remove(): void {
    this.close();
    rmSync(this.directory, { recursive: true, force: true });
    for (const wake of this.waiters ?? noWaiters) wake(Number.POSITIVE_INFINITY);
  }
}
