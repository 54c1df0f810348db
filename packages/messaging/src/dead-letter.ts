import { type DeadLetterReason, deadLetterHeaders, deadLetterTopic } from "@weft/contracts";
import { withoutCredentials } from "@weft/core";
import type { IncomingRecord, OutgoingRecord } from "./broker.ts";
import type { RecordHeader } from "./headers.ts";

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

/** A dead letter on its way: its headers are those of the record, and behind them the ones that say why. */
export interface DeadLetterRecord extends OutgoingRecord {
  headers: readonly RecordHeader<string | Buffer | null>[];
}

/**
 * The record for `<group>.dlq`: original key, value, timestamp and every header as it came, in order; behind them, as one
 * block that begins with `dlq-reason`, where it came from and why. The last value of a `dlq-` name is therefore always that of
 * this letter. What stands before was the record's own: a stranger's `dlq-` header, or the block of an earlier letter that
 * was replayed, oldest first.
 */
export function deadLetterRecord(letter: DeadLetter): DeadLetterRecord {
  const { record, consumer } = letter;
  return {
    topic: deadLetterTopic(consumer),
    key: record.key,
    value: record.value,
    timestampMs: record.timestampMs,
    headers: [...record.headers, ...reasonsOf(letter)],
  };
}

function reasonsOf({ record, consumer, reason, error, attempts }: DeadLetter): RecordHeader<string>[] {
  const text = withoutCredentials(error).replaceAll(/\p{Cc}+/gu, " ");
  return [
    [deadLetterHeaders.reason, reason],
    [deadLetterHeaders.error, text.slice(0, maxErrorCharacters)],
    [deadLetterHeaders.topic, record.topic],
    [deadLetterHeaders.partition, String(record.partition)],
    [deadLetterHeaders.offset, record.offset.toString()],
    [deadLetterHeaders.timestamp, String(record.timestampMs)],
    [deadLetterHeaders.consumer, consumer],
    [deadLetterHeaders.attempts, String(attempts)],
    [deadLetterHeaders.failedAt, new Date().toISOString()],
  ];
}

/** For a value that leaves no room for the headers: everything but the value, which stays where it was read. */
export function withoutValue(letter: DeadLetter): DeadLetterRecord {
  const note = `the value (${letter.record.value?.length ?? 0} bytes) does not fit into a dead letter and was left in its topic; ${letter.error}`;
  return { ...deadLetterRecord({ ...letter, error: note }), value: null };
}

/** For headers that are too large by themselves: only what this letter says. A record can be made of nothing but headers. */
export function withoutValueAndHeaders(letter: DeadLetter): DeadLetterRecord {
  const note = `the value and the ${letter.record.headers.length} headers do not fit into a dead letter and were left in their topic; ${letter.error}`;
  return { ...deadLetterRecord(letter), value: null, headers: reasonsOf({ ...letter, error: note }) };
}
