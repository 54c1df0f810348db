import { readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomically } from "../../data-directory.ts";
import type { Disk } from "./disk.ts";
import { marksCommit } from "./end-marker.ts";
import type { AbortedTransaction, ProducerSnapshot, ProducerStates } from "./producers.ts";
import { type BatchHeader, batchHeaderBytes, hasValidChecksum, readBatchHeader } from "./record-batch.ts";

/** Distance between index entries. A read skips at most so much. */
const indexIntervalBytes = 16 * 1024;
/** How much is appended before the index is written again; recovery reads at most about so much per partition. */
const checkpointBytes = 8 * 1024 * 1024;
const scanChunkBytes = 1024 * 1024;

/** What `<base offset>.index` holds: everything known about the first `size` bytes of the log file. */
interface Checkpoint {
  size: number;
  nextOffset: number;
  maxTimestamp: number;
  /** offset, position, largest timestamp before it; each array as long as the others. */
  index: [number[], number[], number[]];
  producers: ProducerSnapshot;
  /** Absent in an index from before there were transactions. */
  aborted?: AbortedTransaction[];
}

/**
 * One `.log` file: record batches, one after the other, named by the offset of the first. Beside it, `.index` saves a scan at
 * the next start; it may be missing or old, never newer than the log, and everything after it is read and checked again.
 */
export class Segment {
  readonly baseOffset: number;
  nextOffset: number;
  size = 0;
  maxTimestamp = -1;
  /** Transactions whose abort marker is in this segment (Kafka's `.txnindex`). */
  aborted: AbortedTransaction[] = [];
  private readonly disk: Disk;
  private readonly path: string;
  private opened: number | undefined;
  private offsets: number[] = [];
  private positions: number[] = [];
  private timestampsBefore: number[] = [];
  /** How much of the log the index covers; -1 when there is none to be read. */
  private checkpointed = 0;
  private oldest: number | undefined;

  constructor(disk: Disk, directory: string, baseOffset: number) {
    this.disk = disk;
    this.path = join(directory, String(baseOffset).padStart(20, "0"));
    this.baseOffset = baseOffset;
    this.nextOffset = baseOffset;
  }

  private get fd(): number {
    this.opened ??= this.disk.open(`${this.path}.log`);
    return this.opened;
  }

  /**
   * Makes the files of a segment in which nothing is yet: the log must know its end when all before is gone, and its producers
   * when compaction has taken their batches.
   * @throws whatever the disk says
   */
  create(producers: ProducerStates): void {
    writeFileAtomically(`${this.path}.index`, JSON.stringify(this.checkpointOf(producers.snapshot())));
    this.opened = this.disk.open(`${this.path}.log`);
  }

  /**
   * Reads the state back. Batches that are whole, in order and of a right checksum count; the first that is not ends the log.
   * @returns bytes after that end
   */
  recover(producers: ProducerStates): number {
    const fileSize = this.disk.size(this.fd);
    const checkpoint = this.readCheckpoint(fileSize);
    this.checkpointed = -1;
    if (checkpoint) {
      this.size = checkpoint.size;
      this.checkpointed = checkpoint.size;
      this.nextOffset = checkpoint.nextOffset;
      this.maxTimestamp = checkpoint.maxTimestamp;
      [this.offsets, this.positions, this.timestampsBefore] = checkpoint.index;
      this.aborted = checkpoint.aborted ?? [];
      producers.restore(checkpoint.producers);
    }
    for (const { header, chunk, at } of this.scan(this.size, fileSize)) {
      if (header.magic !== 2 || header.baseOffset < this.nextOffset || header.lastOffsetDelta < 0) break;
      if (!hasValidChecksum(chunk, at, header.sizeBytes)) break;
      this.note(header, producers, chunk, at);
    }
    return fileSize - this.size;
  }

  truncate(): void {
    this.disk.truncate(this.fd, this.size);
  }

  /** @throws whatever the disk says; the segment is then as before */
  append(batch: Buffer, header: BatchHeader, options: { producers: ProducerStates; fsync: boolean }): void {
    try {
      this.disk.write(this.fd, batch, this.size);
      if (options.fsync) this.disk.sync(this.fd);
    } catch (error) {
      this.cutOff();
      throw error;
    }
    this.note(header, options.producers, batch, 0);
    if (this.size - this.checkpointed >= checkpointBytes) this.checkpoint(options.producers);
  }

  /** Half a batch may be in the file. The next one overwrites it; cutting it off now only keeps the file tidy. */
  private cutOff(): void {
    try {
      this.truncate();
    } catch {
      // The disk is not well. Recovery would cut it as well.
    }
  }

  private note(header: BatchHeader, producers: ProducerStates, chunk: Buffer, at: number): void {
    this.place(header);
    const { producerId, baseOffset } = header;
    if (producerId < 0) return;
    if (header.isControl) {
      const firstOffset = producers.end(producerId, header.producerEpoch);
      if (firstOffset !== undefined && !marksCommit(chunk, at))
        this.aborted.push({ producerId, firstOffset, lastOffset: baseOffset });
      return;
    }
    producers.remember(header);
    if (header.isTransactional) producers.begin(producerId, baseOffset);
  }

  private place(header: BatchHeader): void {
    const lastPosition = this.positions.at(-1);
    if (lastPosition === undefined || this.size - lastPosition >= indexIntervalBytes) {
      this.offsets.push(header.baseOffset);
      this.positions.push(this.size);
      this.timestampsBefore.push(this.maxTimestamp);
    }
    this.size += header.sizeBytes;
    this.nextOffset = header.lastOffset + 1;
    if (header.maxTimestamp > this.maxTimestamp) this.maxTimestamp = header.maxTimestamp;
  }

  /** Bytes from the batch that holds `offset` to the end, or a little more. */
  bytesFrom(offset: number): number {
    return this.size - this.positionOf(offset);
  }

  private positionOf(offset: number): number {
    return this.positions[lastAtMost(this.offsets, offset)] ?? 0;
  }

  /**
   * Whole batches from the one that holds `offset`, or the next one. The first comes even when it is larger than `maxBytes`.
   * @returns an empty buffer when there is none
   */
  read(offset: number, maxBytes: number): Buffer {
    const from = this.positionOf(offset);
    const chunk = this.load(from, Math.min(this.size - from, maxBytes + indexIntervalBytes + batchHeaderBytes));
    let at = 0;
    let header = readBatchHeader(chunk, at);
    while (header && header.lastOffset < offset) {
      at += header.sizeBytes;
      header = readBatchHeader(chunk, at);
    }
    if (!header) return this.readFurther(offset, from + at);
    const start = at;
    if (at + header.sizeBytes > chunk.length) return this.load(from + at, header.sizeBytes);
    do {
      at += header.sizeBytes;
      header = readBatchHeader(chunk, at);
    } while (header && at + header.sizeBytes <= chunk.length && at + header.sizeBytes - start <= maxBytes);
    return chunk.subarray(start, at);
  }

  /** What was read ended before the wanted batch: that one alone. */
  private readFurther(offset: number, position: number): Buffer {
    for (const { header, chunk, at } of this.scan(position, this.size))
      if (header.lastOffset >= offset) return chunk.subarray(at, at + header.sizeBytes);
    return Buffer.alloc(0);
  }

  /** The first batch whose largest timestamp is not before `timestamp`. */
  firstBatchAtOrAfter(timestamp: number, leastOffset: number): { header: BatchHeader; batch: Buffer } | undefined {
    const entry = lastAtMost(this.timestampsBefore, timestamp - 1);
    for (const { header, chunk, at } of this.scan(this.positions[entry] ?? 0, this.size))
      if (header.maxTimestamp >= timestamp && header.lastOffset >= leastOffset)
        return { header, batch: chunk.subarray(at, at + header.sizeBytes) };
    return undefined;
  }

  private *scan(from: number, end: number): Generator<{ header: BatchHeader; chunk: Buffer; at: number }> {
    let position = from;
    let chunk: Buffer = Buffer.alloc(0);
    let at = 0;
    while (position + batchHeaderBytes <= end) {
      let header = readBatchHeader(chunk, at);
      if (!header || at + header.sizeBytes > chunk.length) {
        const wanted = Math.max(header?.sizeBytes ?? 0, scanChunkBytes);
        chunk = this.load(position, Math.min(wanted, end - position));
        at = 0;
        header = readBatchHeader(chunk, at);
      }
      if (!header || header.sizeBytes < batchHeaderBytes || at + header.sizeBytes > chunk.length) return;
      yield { header, chunk, at };
      position += header.sizeBytes;
      at += header.sizeBytes;
    }
  }

  private load(position: number, length: number): Buffer {
    const buffer = Buffer.allocUnsafe(length);
    return buffer.subarray(0, this.disk.read(this.fd, buffer, position));
  }

  /** Writes the index. Failing to do so costs time at the next start, nothing else. */
  checkpoint(producers: ProducerStates): void {
    if (this.checkpointed === this.size) return;
    this.checkpointed = this.size;
    this.writeCheckpoint(this.checkpointOf(producers.snapshot()));
  }

  private checkpointOf(producers: ProducerSnapshot): Checkpoint {
    return {
      size: this.size,
      nextOffset: this.nextOffset,
      maxTimestamp: this.maxTimestamp,
      index: [this.offsets, this.positions, this.timestampsBefore],
      producers,
      aborted: this.aborted,
    };
  }

  private writeCheckpoint(content: Checkpoint): void {
    try {
      writeFileAtomically(`${this.path}.index`, JSON.stringify(content));
    } catch {
      rmSync(`${this.path}.index.next`, { force: true });
    }
  }

  private readCheckpoint(fileSize: number): Checkpoint | undefined {
    try {
      const checkpoint = JSON.parse(readFileSync(`${this.path}.index`, "utf8")) as Checkpoint;
      return checkpoint.size <= fileSize ? checkpoint : undefined;
    } catch {
      return undefined;
    }
  }

  /** When the oldest batch was made, by its producer's clock; nothing in an empty segment. */
  get firstTimestamp(): number | undefined {
    if (this.size === 0) return undefined;
    this.oldest ??= readBatchHeader(this.load(0, batchHeaderBytes))?.maxTimestamp;
    return this.oldest;
  }

  /** When the newest record was made; where its producer did not say, when it was written. */
  get newestTimestamp(): number {
    return this.maxTimestamp >= 0 ? this.maxTimestamp : statSync(`${this.path}.log`).mtimeMs;
  }

  /** Every batch, oldest first. The bytes are only good until the next one. */
  *batches(): Generator<{ header: BatchHeader; batch: Buffer }> {
    for (const { header, chunk, at } of this.scan(0, this.size))
      yield { header, batch: chunk.subarray(at, at + header.sizeBytes) };
  }

  /**
   * Writes the segment anew with what `keep` makes of each batch; offsets stay. The new file takes the old one's place at once
   * when it is whole, so a crash leaves either, and never the old index beside the new file.
   */
  rewrite(keep: (header: BatchHeader, batch: Buffer) => Buffer | undefined): void {
    const producers = this.readCheckpoint(this.size)?.producers;
    const next = `${this.path}.log.next`;
    rmSync(next, { force: true });
    const fd = this.disk.open(next);
    const kept: BatchHeader[] = [];
    let size = 0;
    try {
      for (const { header, batch } of this.batches()) {
        const bytes = keep(header, batch);
        if (!bytes) continue;
        this.disk.write(fd, bytes, size);
        size += bytes.length;
        kept.push(readBatchHeader(bytes) as BatchHeader);
      }
      if (size === this.size) return;
      this.disk.sync(fd);
      rmSync(`${this.path}.index`, { force: true });
      renameSync(next, `${this.path}.log`);
    } finally {
      this.disk.close(fd);
      rmSync(next, { force: true });
    }
    const { nextOffset } = this;
    this.close();
    this.size = 0;
    this.maxTimestamp = -1;
    this.oldest = undefined;
    [this.offsets, this.positions, this.timestampsBefore] = [[], [], []];
    for (const header of kept) this.place(header);
    // Offsets after the last kept record were given out too.
    this.nextOffset = nextOffset;
    this.checkpointed = this.size;
    if (producers) this.writeCheckpoint(this.checkpointOf(producers));
  }

  close(): void {
    if (this.opened !== undefined) this.disk.close(this.opened);
    this.opened = undefined;
  }

  remove(): void {
    this.close();
    rmSync(`${this.path}.log`, { force: true });
    rmSync(`${this.path}.index`, { force: true });
  }
}

/** Index of the last element that is not above `limit` in an ascending array; -1 when there is none. */
function lastAtMost(ascending: readonly number[], limit: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] as number) <= limit) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
