import { type DeadLetterReason, deadLetterHeaders, deadLetterTopic } from "@weft/contracts";
import { withoutCredentials } from "@weft/core";
import type { IncomingRecord, OutgoingRecord } from "./broker.ts";

export interface DeadLetter {
  record: IncomingRecord;
  /** The consumer group. */
  consumer: string;
  reason: DeadLetterReason;
  error: string;
  /** How often the handler was asked; 0 when it never was. */
  attempts: number;
}

const maxErrorCharacters = 1000;

/**
 * The record for `<group>.dlq`: original key, value, headers and timestamp, and where it came from and why in headers of
 * its own. A dead letter that becomes one again (after a replay) names the newest failure.
 */
export function deadLetterRecord({ record, consumer, reason, error, attempts }: DeadLetter): OutgoingRecord {
  const text = withoutCredentials(error).replaceAll(/\p{Cc}+/gu, " ");
  return {
    topic: deadLetterTopic(consumer),
    key: record.key,
    value: record.value,
    timestampMs: record.timestampMs,
    headers: {
      ...record.headers,
      [deadLetterHeaders.reason]: reason,
      [deadLetterHeaders.error]: text.slice(0, maxErrorCharacters),
      [deadLetterHeaders.topic]: record.topic,
      [deadLetterHeaders.partition]: String(record.partition),
      [deadLetterHeaders.offset]: record.offset.toString(),
      [deadLetterHeaders.timestamp]: String(record.timestampMs),
      [deadLetterHeaders.consumer]: consumer,
      [deadLetterHeaders.attempts]: String(attempts),
      [deadLetterHeaders.failedAt]: new Date().toISOString(),
    },
  };
}

/** For a value that leaves no room for the headers: everything but the value, which stays where it was read. */
export function withoutValue(letter: OutgoingRecord): OutgoingRecord {
  const error = letter.headers[deadLetterHeaders.error];
  const note = `the value (${letter.value?.length ?? 0} bytes) does not fit into a dead letter and was left in its topic; ${error}`;
  return { ...letter, value: null, headers: { ...letter.headers, [deadLetterHeaders.error]: note } };
}
