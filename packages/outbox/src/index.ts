// The database of a service
export type { Database, Queryable, Row, Transaction } from "./database.ts";
export {
  CommitUnknown,
  DatabaseTooNew,
  DatabaseUnavailable,
  EventNotDeclared,
  MigrationFailed,
} from "./errors.ts";
// Repeated requests
export { type IdempotencyKeysOptions, idempotencyKeys } from "./idempotency.ts";
// Effects once
export { postgresInbox } from "./inbox.ts";
// Events with state
export { type AggregateKey, createOutbox, type Outbox, type OutboxOptions } from "./outbox.ts";
export { type PostgresOptions, postgres } from "./postgres/postgres.ts";
export { outboxRelay, type RelayCollaborators, type RelayOptions } from "./relay/relay.ts";
// After a restore
export {
  type PublishedEvent,
  type PublishedState,
  type ReaderPosition,
  type Resequenced,
  type ResequencedAggregate,
  type ResequenceOptions,
  resequence,
} from "./resequence/resequence.ts";
export { shardCount, shardOf } from "./shard.ts";
