import type { Component } from "@weft/core";
import type { OutgoingHeaders, RecordHeader } from "./headers.ts";

/**
 * TELL: the port to a Kafka cluster. Everything that Weft needs of a Kafka client is here; `kafkajs/` is one driver, and
 * every driver passes the same conformance suite (`testkit`). Topics, groups, partitions, offsets mean what they mean in Kafka.
 */
export interface Broker extends Component {
  /**
   * Sends records, in this order for each partition, and resolves when all in-sync replicas have all of them (`acks=all`).
   * A rejection says nothing about which of them arrived: the caller sends the same bytes again. Not retried here for longer
   * than the driver's own request timeout, so that whoever holds a lease decides.
   * @throws BrokerUnavailable (retryable)   @throws RecordRefused where the cluster will never take it (too large, unknown topic)
   */
  send(records: readonly OutgoingRecord[]): Promise<void>;

  /**
   * Begins to join a consumer group; waits for brokers that are away, not for the first assignment (`joined`): a member that
   * died holds the group until its session is over. Records come to the sink until `stop`; the driver comes back by itself
   * from whatever ends a session. A group that never committed reads from the beginning.
   * @throws TopicMissing with the command that creates what is missing
   */
  subscribe(options: SubscribeOptions, sink: RecordSink): Promise<BrokerSubscription>;

  /** Reads without a group, from given positions, until stopped; for tools. A promise of `onRecord` is waited for. */
  tail(options: TailOptions, onRecord: (record: IncomingRecord) => unknown): Promise<{ stop(): Promise<void> }>;

  // Administration
  topics(): Promise<TopicDescription[]>;
  /** Creates what is missing, and resolves when that can be written and read; leaves the others alone. */
  createTopics(topics: readonly NewTopic[]): Promise<{ created: string[] }>;
  /** First and next offset of each partition. */
  topicOffsets(topic: string): Promise<PartitionOffsets[]>;
  /** What a group has committed; a partition without a commit is left out. */
  groupOffsets(group: string): Promise<{ topic: string; partition: number; offset: bigint }[]>;
  /** Forgets what a group has committed: whoever joins it next reads from the beginning. The group must have no members. */
  deleteGroup(group: string): Promise<void>;
  groups(): Promise<{ group: string; state: string; members: number }[]>;
}

export interface OutgoingRecord {
  topic: string;
  key: string | Buffer | null;
  value: Buffer | null;
  headers: OutgoingHeaders;
  /** Where it must go to a certain one (replay); by the key's murmur2 hash otherwise. */
  partition?: number;
  /** Milliseconds since the epoch. @defaultValue now */
  timestampMs?: number;
}

export interface IncomingRecord {
  topic: string;
  partition: number;
  offset: bigint;
  timestampMs: number;
  key: Buffer | null;
  value: Buffer | null;
  /** All of them, in the order in which they were sent. */
  headers: readonly RecordHeader[];
}

export interface SubscribeOptions {
  group: string;
  topics: string[];
  /** Ends the wait for brokers. */
  signal?: AbortSignal;
}

/**
 * Work is stamped with the epoch of the assignment it came in. A new assignment is a new epoch, also for partitions that
 * stay; what is left of an earlier one is finished or dropped, but never commits.
 */
export interface RecordSink {
  onAssigned(epoch: number, partitions: readonly TopicPartition[]): void;
  /** Called before the partitions go to someone else, and before `stop` leaves; the driver waits for it, for a bounded time. */
  onRevoked(epoch: number): Promise<void>;
  /**
   * Records of one partition, in order. Resolve when more may come from it (that is the backpressure); dispatching them is
   * enough, handling need not be over. Must not reject.
   */
  onRecords(epoch: number, records: readonly IncomingRecord[], partition: TopicPartition): Promise<void>;
}

export interface TopicPartition {
  topic: string;
  partition: number;
}

export interface StalledPartition extends TopicPartition {
  /** The next offset to read, where it is known. */
  offset?: bigint;
  /** In words that follow "is not read: ". */
  reason: string;
}

export interface Rebuilds {
  count: number;
  /** The time that was looked back on, in milliseconds. */
  withinMs: number;
  /** Of the newest one. */
  reason?: string;
}

export interface BrokerSubscription {
  /** Resolves with the first assignment, or with `stop` where that comes before. */
  readonly joined: Promise<void>;
  /** How long the cluster waits for a member that says nothing, in milliseconds. */
  readonly sessionTimeoutMs: number;
  /** Commits the next offset to read. Commits of an earlier epoch are dropped, in silence: the new owner reads again. */
  commit(epoch: number, offsets: readonly (TopicPartition & { offset: bigint })[]): Promise<void>;
  pause(partitions: readonly TopicPartition[]): void;
  resume(partitions: readonly TopicPartition[]): void;
  /** Milliseconds since the last answer of the cluster to a join, fetch or heartbeat, whatever was built anew meanwhile. */
  idleMs(): number;
  /**
   * Partitions that are not read, each with the reason: the cluster no longer has the committed offset (retention passed, or
   * the topic was made anew), or the batch that comes next cannot be unpacked. The others go on. Nothing is skipped in
   * silence: someone resets the group's offset and restarts the process.
   */
  stalled(): StalledPartition[];
  /** How often something ended while partitions were held and was built anew, lately. */
  rebuilds(): Rebuilds;
  /** Revokes what is assigned, and leaves the group. */
  stop(): Promise<void>;
}

export interface TailOptions {
  topics: string[];
  from: "beginning" | "end";
}

export interface TopicDescription {
  topic: string;
  partitions: number;
}

export interface NewTopic {
  topic: string;
  partitions: number;
  replication: number;
  config?: Record<string, string>;
}

export interface PartitionOffsets {
  partition: number;
  first: bigint;
  next: bigint;
}
