import { crc32c } from "../bytes/crc32c.ts";
import { Writer } from "../bytes/writer.ts";

export interface TestBatch {
  values: (string | null)[];
  /** One for each value. @defaultValue none have any */
  keys?: string[];
  timestamps?: number[];
  producerId?: number;
  producerEpoch?: number;
  baseSequence?: number;
  attributes?: number;
}

/** A record batch as a producer would send it; uncompressed. */
export function batchForTests(options: TestBatch): Buffer {
  const { values, producerId = -1, producerEpoch = -1, baseSequence = -1, attributes = 0 } = options;
  const timestamps = options.timestamps ?? values.map(() => 1_700_000_000_000);
  const base = timestamps[0] as number;
  const body = new Writer();
  for (const [index, value] of values.entries()) {
    const record = new Writer();
    record.int8(0);
    record.varlong((timestamps[index] as number) - base);
    record.varint(index);
    for (const part of [options.keys?.[index] ?? null, value]) {
      record.varint(part === null ? -1 : Buffer.byteLength(part));
      if (part !== null) record.raw(Buffer.from(part));
    }
    record.varint(0);
    body.varint(record.length);
    body.raw(record.toBuffer());
  }
  const checked = new Writer();
  checked.int16(attributes);
  checked.int32(values.length - 1);
  checked.int64(base);
  checked.int64(Math.max(...timestamps));
  checked.int64(producerId);
  checked.int16(producerEpoch);
  checked.int32(baseSequence);
  checked.int32(values.length);
  checked.raw(body.toBuffer());
  const content = checked.toBuffer();
  const batch = new Writer();
  batch.int64(0);
  batch.int32(content.length + 9);
  batch.int32(-1);
  batch.int8(2);
  batch.int32(crc32c(content) | 0);
  batch.raw(content);
  return batch.toBuffer();
}
