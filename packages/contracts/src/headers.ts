import { contextFields } from "@weft/core";

/** Names of the headers that an event's Kafka record carries, all UTF-8. */
export const eventHeaders = {
  eventId: "event-id",
  eventType: "event-type",
  eventVersion: "event-version",
  /** The service that published it. */
  source: "source",
  /** The key of the record. */
  aggregateId: "aggregate-id",
  /** 1, 2, 3, … per topic and aggregate; absent from foreign producers, whose records claim no order. */
  eventSequence: "event-sequence",
  /**
   * Where it belongs in the order of its aggregate, where that is not its `event-sequence`: a decimal number below it. Only an
   * event that got another sequence later, after others had gone out, carries it.
   */
  eventPlace: "event-place",
  /** The request id that began the chain. */
  correlationId: contextFields.correlationId.event[0],
  /** The event id that caused this one, where one did. */
  causationId: contextFields.causationId.event[0],
  /** Where the request had one. */
  idempotencyKey: contextFields.idempotencyKey.event[0],
  /** W3C Trace Context. */
  traceparent: contextFields.trace.event[0],
  tracestate: contextFields.tracestate.event[0],
  /** W3C Baggage, its whole members up to 1,024 characters. */
  baggage: contextFields.baggage.event[0],
  /** Who called the service that published. */
  caller: contextFields.caller.event[0],
  /** Who began the chain, where somebody did: for records of who did what, never for what they may do. */
  userId: contextFields.user.event[0],
  userRole: contextFields.user.event[1],
  contentType: "content-type",
} as const;

/** Value of the `content-type` header. */
export const eventContentType = "application/json";

/** Names of the headers that a dead letter has besides the original ones. */
export const deadLetterHeaders = {
  reason: "dlq-reason",
  error: "dlq-error",
  topic: "dlq-topic",
  partition: "dlq-partition",
  offset: "dlq-offset",
  timestamp: "dlq-timestamp",
  consumer: "dlq-consumer",
  attempts: "dlq-attempts",
  failedAt: "dlq-failed-at",
} as const;

/** Why a record is a dead letter: the value of `dlq-reason`. */
export type DeadLetterReason =
  | "undecodable" // not the wire format, not JSON, or JSON that no program should read
  | "unknown_schema" // the registry does not know the schema id
  | "schema_invalid" // the open form of its schema refuses it
  | "unknown_type" // no document declares its event type
  | "unknown_version" // a major that this consumer does not read
  | "untrusted_source" // published by someone who may not
  | "too_large"
  | "rejected" // the handler says that it can never be handled
  | "attempts_exhausted"
  | "sequence_reused"; // its event-sequence is one that another event of its aggregate has had
