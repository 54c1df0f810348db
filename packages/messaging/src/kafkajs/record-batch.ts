import type { RecordHeader } from "../headers.ts";
import { unpack } from "./compression.ts";

/** A record as kafkajs hands it on, with its headers as the list that they are on the wire. */
export interface DecodedMessage {
  magicByte: number;
  attributes: number;
  timestamp: string;
  offset: string;
  key: Buffer | null;
  value: Buffer | null;
  headers: readonly RecordHeader[];
  isControlRecord: boolean;
  /** What kafkajs needs to leave out aborted transactions. */
  batchContext: { producerId: string; inTransaction: boolean };
}

/** A batch that cannot be made into records: nothing behind it in its partition is read. */
export interface UnreadableBatch {
  first: bigint;
  last: bigint;
  reason: string;
}

export interface DecodedRecords {
  messages: DecodedMessage[];
  /** Bytes of the batches, unpacked. */
  bytes: number;
  /** The first batch that could not be read, where there was one. */
  unreadable?: UnreadableBatch;
}

/**
 * Places in the header of a batch, format v2 (magic 2).
 * @see https://kafka.apache.org/documentation/#recordbatch
 */
const place = {
  baseOffset: 0,
  length: 8,
  magic: 16,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  count: 57,
  records: 61,
} as const;
/** What `length` does not count. */
const lengthEnd = 12;
export const magicOfBatches = 2;
const flag = { codec: 0x07, logAppendTime: 0x08, transactional: 0x10, control: 0x20 } as const;

/**
 * The records of one partition in an answer to a fetch. The last batch may be cut off, that is how brokers keep to a size.
 * @param maxBytes no batch is begun once so many bytes were unpacked; the next fetch brings it
 */
export async function decodeBatches(recordSet: Buffer, maxBytes: number): Promise<DecodedRecords> {
  const messages: DecodedMessage[] = [];
  let bytes = 0;
  for (let at = 0; at + lengthEnd < recordSet.length && bytes < maxBytes; ) {
    const end = at + lengthEnd + recordSet.readInt32BE(at + place.length);
    if (end > recordSet.length) break;
    const first = recordSet.readBigInt64BE(at + place.baseOffset);
    if (end < at + place.records) {
      return { messages, bytes, unreadable: { first, last: first, reason: "the batch is shorter than its header" } };
    }
    const batch = recordSet.subarray(at, end);
    try {
      bytes += await decodeBatch(batch, messages);
    } catch (error) {
      const last = first + BigInt(batch.readInt32BE(place.lastOffsetDelta));
      return { messages, bytes, unreadable: { first, last, reason: (error as Error).message } };
    }
    at = end;
  }
  return { messages, bytes };
}

/** Adds all of its records to `into`, or none. @returns its bytes, unpacked   @throws Error where it is not what it says */
async function decodeBatch(batch: Buffer, into: DecodedMessage[]): Promise<number> {
  const magic = batch[place.magic];
  if (magic !== magicOfBatches) throw new Error(`record format ${magic} is not known`);
  const attributes = batch.readInt16BE(place.attributes);
  const codec = attributes & flag.codec;
  const packed = batch.subarray(place.records);
  const count = batch.readInt32BE(place.count);
  const bytes = codec === 0 || count === 0 ? packed : await unpack(codec, packed);
  const reader = new RecordReader(bytes);
  const baseOffset = batch.readBigInt64BE(place.baseOffset);
  const baseTimestamp = Number(batch.readBigInt64BE(place.baseTimestamp));
  const appendedAt = attributes & flag.logAppendTime ? String(batch.readBigInt64BE(place.maxTimestamp)) : undefined;
  const isControlRecord = (attributes & flag.control) !== 0;
  const batchContext = {
    producerId: String(batch.readBigInt64BE(place.producerId)),
    inTransaction: (attributes & flag.transactional) !== 0,
  };
  const decoded: DecodedMessage[] = [];
  for (let number = 0; number < count; number += 1) {
    const { timestampDelta, offsetDelta, ...record } = reader.record();
    decoded.push({
      magicByte: magicOfBatches,
      ...record,
      timestamp: appendedAt ?? String(baseTimestamp + timestampDelta),
      offset: String(baseOffset + BigInt(offsetDelta)),
      isControlRecord,
      batchContext,
    });
  }
  for (const message of decoded) into.push(message);
  return bytes.length;
}

const maxVarintBytes = 10;

/** Reads records one behind the other; never past their end. */
class RecordReader {
  private readonly bytes: Buffer;
  private at = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  record() {
    const length = this.varint();
    const end = this.at + length;
    if (length < 0 || end > this.bytes.length) throw new Error("a record is longer than its batch");
    const attributes = this.bytes[this.at++] ?? 0;
    const timestampDelta = this.varint();
    const offsetDelta = this.varint();
    const key = this.field(end);
    const value = this.field(end);
    const headers: RecordHeader[] = [];
    for (let left = this.varint(); left > 0; left -= 1) {
      const name = this.field(end);
      if (name === null) throw new Error("a header has no name");
      headers.push([name.toString("utf8"), this.field(end)]);
    }
    this.at = end;
    return { attributes, timestampDelta, offsetDelta, key, value, headers };
  }

  private field(end: number): Buffer | null {
    const length = this.varint();
    if (length < 0) return null;
    const from = this.at;
    if (from + length > end) throw new Error("a field is longer than its record");
    this.at = from + length;
    return this.bytes.subarray(from, this.at);
  }

  /** A signed number, zigzag: of any length that a double holds exactly. */
  private varint(): number {
    let value = 0;
    for (let shift = 0; shift < maxVarintBytes; shift += 1) {
      const byte = this.bytes[this.at];
      if (byte === undefined) throw new Error("a record is cut off");
      this.at += 1;
      value += (byte & 0x7f) * 2 ** (7 * shift);
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    }
    throw new Error("a number has too many bytes");
  }
}
