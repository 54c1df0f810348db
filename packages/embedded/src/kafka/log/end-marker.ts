import { crc32c } from "../bytes/crc32c.ts";
import { Writer } from "../bytes/writer.ts";
import { batchHeaderBytes } from "./record-batch.ts";

/** What ends a transaction in a partition: a batch of one control record (KIP-98). */
export interface EndMarker {
  producerId: number;
  /** Also the epoch that the partition holds the producer to from then on. */
  producerEpoch: number;
  isCommit: boolean;
  timestamp: number;
}

const isTransactionalAndControl = 16 | 32;
const commitType = 1;
const abortType = 0;
/** In the body: length, attributes, timestamp delta, offset delta, key length, all one byte; then the key's version. */
const typeAt = batchHeaderBytes + 5 + 2;

export function endMarkerBatch({ producerId, producerEpoch, isCommit, timestamp }: EndMarker): Buffer {
  const record = new Writer();
  record.int8(0);
  record.varlong(0);
  record.varint(0);
  record.varint(4);
  record.int16(0);
  record.int16(isCommit ? commitType : abortType);
  record.varint(6);
  record.int16(0);
  record.int32(0);
  record.varint(0);
  const checked = new Writer();
  checked.int16(isTransactionalAndControl);
  checked.int32(0);
  checked.int64(timestamp);
  checked.int64(timestamp);
  checked.int64(producerId);
  checked.int16(producerEpoch);
  checked.int32(-1);
  checked.int32(1);
  checked.varint(record.length);
  checked.raw(record.toBuffer());
  const content = checked.toBuffer();
  const batch = new Writer();
  batch.int64(0);
  batch.int32(content.length + 9);
  batch.int32(0);
  batch.int8(2);
  batch.int32(crc32c(content) | 0);
  batch.raw(content);
  return batch.toBuffer();
}

/** @param at where a control batch begins */
export const marksCommit = (buffer: Buffer, at: number): boolean =>
  buffer.length >= at + typeAt + 2 && buffer.readInt16BE(at + typeAt) === commitType;
