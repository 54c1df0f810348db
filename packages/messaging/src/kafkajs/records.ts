import type { IHeaders, KafkaMessage } from "kafkajs";
import type { IncomingRecord } from "../broker.ts";

export function recordFrom(topic: string, partition: number, message: KafkaMessage): IncomingRecord {
  return {
    topic,
    partition,
    offset: BigInt(message.offset),
    timestampMs: Number(message.timestamp),
    key: message.key,
    value: message.value,
    headers: headersFrom(message.headers),
  };
}

/** A header that came several times counts with its last value, as `lastHeader` of the Java client has it. */
function headersFrom(headers: IHeaders | undefined): Record<string, Buffer> {
  const result: Record<string, Buffer> = Object.create(null);
  for (const name in headers) {
    const given = headers[name];
    const value = Array.isArray(given) ? given.at(-1) : given;
    result[name] = value === undefined || value === null ? Buffer.alloc(0) : Buffer.from(value as Buffer);
  }
  return result;
}
