import { option, type Taken, takeOptions } from "@weft/core";
import { onlyThisMachine, serverRules } from "../server.ts";

export interface EmbeddedKafkaOptions {
  /** Folder that holds topics, offsets and the cluster's identity. Made when missing. */
  dataDir: string;
  /** Address to listen on; only loopback, unless `unsafeBind` is set. @defaultValue "127.0.0.1" */
  host?: string;
  /** 0 takes a free one. @defaultValue 9092 */
  port?: number;
  /** host:port told to clients. @defaultValue where it listens */
  advertised?: string;
  /** Allows an address that other machines can reach. There is no authentication here. @defaultValue false */
  unsafeBind?: boolean;
  /** Lets a client that asks for an unknown topic create it. @defaultValue false */
  autoCreateTopics?: boolean;
  /** Partitions of a topic whose creator does not say how many. @defaultValue 1 */
  defaultPartitions?: number;
  /** Flush each append to the disk before it is acknowledged. Without it, `kill -9` loses nothing and a power cut may. @defaultValue false */
  fsync?: boolean;
  /** Size at which a segment file is closed and the next one begun. @defaultValue 64 MiB */
  segmentBytes?: number;
  /** Largest record batch, where a topic does not say. @defaultValue 1048588, as Kafka */
  maxMessageBytes?: number;
  /** Largest request frame. Checked before anything is allocated. @defaultValue 32 MiB */
  maxFrameBytes?: number;
  /** Largest fetch answer, beyond the one batch that is always given. @defaultValue 32 MiB */
  maxFetchBytes?: number;
  /** Connections at once; more are closed. @defaultValue 1000 */
  maxConnections?: number;
  /** Requests read ahead of their answers, per connection. @defaultValue 64 */
  maxInFlightRequests?: number;
  /** A connection that says nothing for so long is closed, in milliseconds. @defaultValue 600000 */
  idleTimeoutMs?: number;
  /** Partitions of all topics together. @defaultValue 4000 */
  maxPartitions?: number;
  /** Consumer groups that have members or offsets. @defaultValue 2000 */
  maxGroups?: number;
  /** Members of one consumer group. @defaultValue 250 */
  maxGroupMembers?: number;
  /** Bounds of what a consumer may ask for as session timeout, in milliseconds. @defaultValue 6000 */
  minSessionTimeoutMs?: number;
  /** @defaultValue 1800000 */
  maxSessionTimeoutMs?: number;
  /** Pause before the first rebalance of an empty group, so that its first members join together, in milliseconds. @defaultValue 50 */
  initialRebalanceDelayMs?: number;
  /** Longest transaction that a producer may ask for, in milliseconds. @defaultValue 900000 */
  maxTransactionTimeoutMs?: number;
  /** Transactional ids remembered; the one quiet for longest is forgotten first. @defaultValue 10000 */
  maxTransactionalIds?: number;
  /** Pause between two looks at what retention and compaction may take, in milliseconds. @defaultValue 10000 */
  cleanupIntervalMs?: number;
}

const rules = {
  ...serverRules(9092),
  autoCreateTopics: option.flag(false),
  defaultPartitions: option.count(1, { to: 1000 }),
  fsync: option.flag(false),
  segmentBytes: option.count(64 * 1024 * 1024, { from: 1024, to: 2 ** 31 - 1 }),
  maxMessageBytes: option.count(1_048_588, { from: 1024, to: 2 ** 30 }),
  maxFrameBytes: option.count(32 * 1024 * 1024, { from: 4096, to: 2 ** 30 }),
  maxFetchBytes: option.count(32 * 1024 * 1024, { from: 1024, to: 2 ** 30 }),
  maxConnections: option.count(1000, { to: 100_000 }),
  maxInFlightRequests: option.count(64, { to: 10_000 }),
  idleTimeoutMs: option.milliseconds(600_000, { from: 1000 }),
  maxPartitions: option.count(4000, { to: 100_000 }),
  maxGroups: option.count(2000, { to: 100_000 }),
  maxGroupMembers: option.count(250, { to: 10_000 }),
  minSessionTimeoutMs: option.milliseconds(6000),
  maxSessionTimeoutMs: option.milliseconds(1_800_000),
  initialRebalanceDelayMs: option.milliseconds(50, { from: 0, to: 60_000 }),
  maxTransactionTimeoutMs: option.milliseconds(900_000),
  maxTransactionalIds: option.count(10_000, { to: 1_000_000 }),
  cleanupIntervalMs: option.milliseconds(10_000, { from: 10 }),
  advertised: option.optional({
    default: "",
    problem: (value) => (parseAddress(String(value)) ? undefined : "must be host:port"),
  }),
};

/** Options with every default filled in. */
export type BrokerSettings = Taken<typeof rules>;

/** @throws OptionsInvalid with every bad field */
export const settingsOf = (options: EmbeddedKafkaOptions): BrokerSettings =>
  takeOptions("embedded Kafka", rules, options, (taken, wrong) => {
    onlyThisMachine(taken, wrong);
    if (taken.minSessionTimeoutMs > taken.maxSessionTimeoutMs)
      wrong("minSessionTimeoutMs", "must not exceed maxSessionTimeoutMs");
  });

/** `host:port` or `[ipv6]:port`. */
export function parseAddress(text: string): { host: string; port: number } | undefined {
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([^\s:]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  const host = match?.[1] ?? match?.[2];
  return host !== undefined && port > 0 && port < 65536 ? { host, port } : undefined;
}
