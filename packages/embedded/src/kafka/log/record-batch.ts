import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { crc32c } from "../bytes/crc32c.ts";
import { Malformed } from "../bytes/malformed.ts";
import { Reader } from "../bytes/reader.ts";

/**
 * Record batches, magic 2 (KIP-98, https://kafka.apache.org/documentation/#recordbatch). The broker stores them as they came;
 * it only writes the base offset and the leader epoch, which the checksum does not cover.
 *
 *   0 baseOffset int64 · 8 batchLength int32 · 12 partitionLeaderEpoch int32 · 16 magic int8 · 17 crc uint32 · 21 attributes int16
 *   23 lastOffsetDelta int32 · 27 baseTimestamp int64 · 35 maxTimestamp int64 · 43 producerId int64 · 51 producerEpoch int16
 *   53 baseSequence int32 · 57 recordsCount int32 · 61 records
 */
export const batchHeaderBytes = 61;
/** What precedes the part that `batchLength` counts. */
const batchPrefixBytes = 12;
const crcAt = 17;
const crcCoversFrom = 21;
const twoTo32 = 4_294_967_296;

type Compression = "none" | "gzip" | "snappy" | "lz4" | "zstd";
const compressions: readonly Compression[] = ["none", "gzip", "snappy", "lz4", "zstd"];

export interface BatchHeader {
  baseOffset: number;
  /** Of the whole batch. */
  sizeBytes: number;
  magic: number;
  compression: Compression | "unknown";
  isTransactional: boolean;
  isControl: boolean;
  lastOffset: number;
  lastOffsetDelta: number;
  baseTimestamp: number;
  maxTimestamp: number;
  producerId: number;
  producerEpoch: number;
  baseSequence: number;
  recordsCount: number;
}

const int64 = (buffer: Buffer, at: number) => buffer.readInt32BE(at) * twoTo32 + buffer.readUInt32BE(at + 4);

/** @returns nothing when fewer than 61 bytes are there; the sizes it tells are not checked */
export function readBatchHeader(buffer: Buffer, at = 0): BatchHeader | undefined {
  if (buffer.length - at < batchHeaderBytes) return undefined;
  const attributes = buffer.readInt16BE(at + 21);
  const baseOffset = int64(buffer, at);
  const lastOffsetDelta = buffer.readInt32BE(at + 23);
  return {
    baseOffset,
    sizeBytes: buffer.readInt32BE(at + 8) + batchPrefixBytes,
    magic: buffer.readInt8(at + 16),
    compression: compressions[attributes & 7] ?? "unknown",
    isTransactional: (attributes & 16) !== 0,
    isControl: (attributes & 32) !== 0,
    lastOffset: baseOffset + lastOffsetDelta,
    lastOffsetDelta,
    baseTimestamp: int64(buffer, at + 27),
    maxTimestamp: int64(buffer, at + 35),
    producerId: int64(buffer, at + 43),
    producerEpoch: buffer.readInt16BE(at + 51),
    baseSequence: buffer.readInt32BE(at + 53),
    recordsCount: buffer.readInt32BE(at + 57),
  };
}

export function hasValidChecksum(buffer: Buffer, at: number, sizeBytes: number): boolean {
  return crc32c(buffer, at + crcCoversFrom, at + sizeBytes) === buffer.readUInt32BE(at + crcAt);
}

/** Gives a batch its place in the log, in the bytes themselves. */
export function placeBatch(batch: Buffer, baseOffset: number, leaderEpoch: number): void {
  batch.writeInt32BE(Math.floor(baseOffset / twoTo32), 0);
  batch.writeUInt32BE(baseOffset % twoTo32, 4);
  batch.writeInt32BE(leaderEpoch, 12);
}

interface RecordPosition {
  offset: number;
  timestamp: number;
}

/** Walks the records of an uncompressed body. @throws Malformed when lengths and counts contradict each other */
function* recordPositions(body: Buffer, header: BatchHeader): Generator<RecordPosition> {
  const reader = new Reader(body);
  for (let index = 0; index < header.recordsCount; index++) {
    const length = reader.varint();
    const end = reader.position + length;
    reader.skip(1);
    const timestamp = header.baseTimestamp + reader.varlong();
    const offset = header.baseOffset + reader.varint();
    if (length < 0 || end < reader.position) throw new Malformed("a record of a wrong length");
    reader.skip(end - reader.position);
    yield { offset, timestamp };
  }
  if (reader.remaining > 0) throw new Malformed("bytes after the last record");
}

/** Checks an uncompressed batch record by record, as Kafka does; compressed ones are checked by their checksum alone. */
export function recordsAreWellFormed(batch: Buffer, header: BatchHeader): boolean {
  if (header.compression !== "none") return true;
  let expected = header.baseOffset;
  try {
    for (const { offset } of recordPositions(batch.subarray(batchHeaderBytes), header))
      if (offset !== expected++) return false;
    return true;
  } catch (error) {
    if (error instanceof Malformed) return false;
    throw error;
  }
}

/** Largest body that is unpacked to look into it. */
const maxUnpackedBytes = 64 * 1024 * 1024;

/** The records of a batch, unpacked; nothing for snappy and LZ4, which Node does not have, and for what cannot be unpacked. */
function unpacked(batch: Buffer, header: BatchHeader): Buffer | undefined {
  const body = batch.subarray(batchHeaderBytes, header.sizeBytes);
  const limit = { maxOutputLength: maxUnpackedBytes };
  try {
    if (header.compression === "none") return body;
    if (header.compression === "gzip") return gunzipSync(body, limit);
    if (header.compression === "zstd") return zstdDecompressSync(body, limit);
  } catch {
    // Not what it claims to be, or larger than anybody should unpack.
  }
  return undefined;
}

export interface KeyedRecord {
  offset: number;
  timestamp: number;
  key: Buffer | null;
  isTombstone: boolean;
  /** As it stands in the batch, length included. */
  bytes: Buffer;
}

/** @returns nothing when the records cannot be read */
export function keyedRecords(batch: Buffer, header: BatchHeader): KeyedRecord[] | undefined {
  const body = unpacked(batch, header);
  if (!body) return undefined;
  try {
    const reader = new Reader(body);
    return Array.from({ length: header.recordsCount }, () => {
      const from = reader.position;
      const length = reader.varint();
      const end = reader.position + length;
      reader.skip(1);
      const timestamp = header.baseTimestamp + reader.varlong();
      const offset = header.baseOffset + reader.varint();
      const keyBytes = reader.varint();
      const key = keyBytes < 0 ? null : reader.slice(keyBytes);
      const isTombstone = reader.varint() < 0;
      if (length < 0 || end < reader.position) throw new Malformed("a record of a wrong length");
      reader.skip(end - reader.position);
      return { offset, timestamp, key, isTombstone, bytes: body.subarray(from, end) };
    });
  } catch (error) {
    if (error instanceof Malformed) return undefined;
    throw error;
  }
}

/** What cannot be read is given the benefit of the doubt. */
export const everyRecordHasKey = (batch: Buffer, header: BatchHeader): boolean =>
  keyedRecords(batch, header)?.every(({ key }) => key !== null) ?? true;

/** The batch with fewer records: the same offsets and times, counted and checked anew, packed as before. */
export function batchWithOnly(batch: Buffer, header: BatchHeader, records: readonly KeyedRecord[]): Buffer {
  const plain = Buffer.concat(records.map(({ bytes }) => bytes));
  const body =
    header.compression === "gzip" ? gzipSync(plain) : header.compression === "zstd" ? zstdCompressSync(plain) : plain;
  const next = Buffer.concat([batch.subarray(0, batchHeaderBytes), body]);
  next.writeInt32BE(next.length - batchPrefixBytes, 8);
  next.writeBigInt64BE(BigInt(Math.max(...records.map(({ timestamp }) => timestamp))), 35);
  next.writeInt32BE(records.length, 57);
  next.writeUInt32BE(crc32c(next, crcCoversFrom), crcAt);
  return next;
}

/**
 * The first record at or after a time. Node has no snappy and no LZ4: for those the batch's first record stands for all,
 * which a consumer that seeks by time sees as some earlier records.
 */
export function firstRecordAtOrAfter(batch: Buffer, header: BatchHeader, timestamp: number): RecordPosition {
  const fallback = { offset: header.baseOffset, timestamp: header.baseTimestamp };
  const records = unpacked(batch, header);
  if (!records) return fallback;
  try {
    for (const position of recordPositions(records, header)) if (position.timestamp >= timestamp) return position;
    return fallback;
  } catch {
    return fallback;
  }
}
