import { defineError } from "@weft/core";

/** The cluster did not answer, or not in time. What was asked may have happened. */
export const BrokerUnavailable = defineError<{ operation: string; message?: string }>({
  code: "BROKER_UNAVAILABLE",
  kind: "unavailable",
  retryable: true,
  message: ({ operation, message }) => `Kafka did not answer (${operation})${message ? `: ${message}` : ""}`,
});

/** The cluster will never take this record. */
export const RecordRefused = defineError<{ topic: string; reason: string; message: string }>({
  code: "RECORD_REFUSED",
  kind: "invalid",
  message: ({ topic, message }) => `a record for ${topic} was refused: ${message}`,
  details: ({ topic, reason }) => ({ topic, reason }),
});

/** Topics are declared and created on purpose, never by the first one who asks. */
export const TopicMissing = defineError<{ topics: readonly string[]; commands: readonly string[] }>({
  code: "TOPIC_MISSING",
  kind: "not-found",
  message: ({ topics, commands }) =>
    `${topics.length === 1 ? "topic" : "topics"} ${topics.join(", ")} ${topics.length === 1 ? "does" : "do"} not exist; ` +
    `\`pnpm dev\` creates those of schemas/topics.json, elsewhere run: ${commands.join(" && ")}`,
  details: ({ topics }) => ({ topics }),
});

/** The registry has no schema under which this event type could be published. */
export const SchemaUnknown = defineError<{ eventType: string; major: number; subject: string }>({
  code: "SCHEMA_UNKNOWN",
  kind: "not-found",
  message: ({ eventType, major, subject }) =>
    `the schema of ${eventType} ${major}.x is not registered under ${subject}; run \`pnpm weft schemas register\``,
  details: ({ eventType, subject }) => ({ event_type: eventType, subject }),
});

export const SchemaRegistryUnavailable = defineError<{ operation: string; message?: string }>({
  code: "SCHEMA_REGISTRY_UNAVAILABLE",
  kind: "unavailable",
  retryable: true,
  message: ({ operation, message }) =>
    `the Schema Registry did not answer (${operation})${message ? `: ${message}` : ""}`,
});

/** The registry refuses a schema, because older data or older consumers would break. */
export const SchemaIncompatible = defineError<{ subject: string; reasons: string }>({
  code: "SCHEMA_INCOMPATIBLE",
  kind: "conflict",
  message: ({ subject, reasons }) =>
    `the schema for ${subject} is not compatible with those registered before; publish it as a new major instead: ${reasons}`,
  details: ({ subject, reasons }) => ({ subject, reasons }),
});

/** Thrown by a handler: this event can never be handled, no retry will help. It becomes a dead letter at once. */
export const Poison = defineError<{ message: string }>({
  code: "EVENT_REJECTED",
  kind: "invalid",
  message: ({ message }) => message,
});

/** A handler did not come back in time; its transaction was abandoned, and its event is tried again. */
export const HandlerTimeout = defineError<{ eventType: string; timeoutMs: number }>({
  code: "HANDLER_TIMEOUT",
  kind: "timeout",
  retryable: true,
  message: ({ eventType, timeoutMs }) => `the handler of ${eventType} took longer than ${timeoutMs} ms`,
});

/** A consumer whose subscriptions cannot be carried out as they are declared. */
export const SubscriptionsInvalid = defineError<{ group: string; problems: readonly string[] }>({
  code: "SUBSCRIPTIONS_INVALID",
  kind: "invalid",
  message: ({ group, problems }) => `the subscriptions of ${group} are wrong: ${problems.join("; ")}`,
});
