import type { KafkaMessage } from "kafkajs";
import type { IncomingRecord } from "../broker.ts";
import type { DecodedMessage } from "./record-batch.ts";

export function recordFrom(topic: string, partition: number, message: KafkaMessage): IncomingRecord {
  return {
    topic,
    partition,
    offset: BigInt(message.offset),
    timestampMs: Number(message.timestamp),
    key: message.key,
    value: message.value,
    // A list, other than the type says (`records-patch.ts`); records of the oldest formats have none.
    headers: (message as unknown as Partial<DecodedMessage>).headers ?? [],
  };
}
