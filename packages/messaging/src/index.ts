// The ports
export type {
  Broker,
  BrokerSubscription,
  IncomingRecord,
  NewTopic,
  OutgoingRecord,
  PartitionOffsets,
  Rebuilds,
  RecordSink,
  StalledPartition,
  SubscribeOptions,
  TailOptions,
  TopicDescription,
  TopicPartition,
} from "./broker.ts";
// Consuming
export {
  type EventConsumer,
  type EventConsumerCollaborators,
  eventConsumer,
  type RecordCounts,
  type RecordOutcome,
} from "./consumer.ts";
export type { EventConsumerOptions, Tombstone } from "./consumer-options.ts";
export { type DeadLetter, deadLetterRecord } from "./dead-letter.ts";
// What can go wrong
export {
  BrokerUnavailable,
  HandlerTimeout,
  Poison,
  RecordRefused,
  SchemaIncompatible,
  SchemaRegistryUnavailable,
  SchemaUnknown,
  SubscriptionsInvalid,
  TopicMissing,
} from "./errors.ts";
export { describeFailure, type FailureKind, failureKindOf } from "./failures.ts";
export {
  headersAsTexts,
  headerTexts,
  lastHeader,
  type OutgoingHeaders,
  type RecordHeader,
} from "./headers.ts";
export {
  type Acceptance,
  type Delivery,
  type GapReason,
  type Inbox,
  type InboxReading,
  type InboxTrouble,
  noInbox,
} from "./inbox.ts";
export type { ParkedRecord, ParkingStore } from "./parking.ts";
// Publishing
export { type DirectPublisher, directPublisher, type PublishOptions, recordOf, type StoredEvent } from "./publisher.ts";
export { type SchemaRegistryOptions, schemaRegistry } from "./schema-registry.ts";
export type { SchemaRegistry } from "./schemas.ts";
export { on, type ReceivedEvent, type Subscription } from "./subscription.ts";
