import { withDefaults } from "@weft/core";
import { EmbeddedWrongUse } from "../errors.ts";
import { checkServerOptions } from "../server.ts";

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

const defaults = {
  host: "127.0.0.1",
  port: 9092,
  unsafeBind: false,
  autoCreateTopics: false,
  defaultPartitions: 1,
  fsync: false,
  segmentBytes: 64 * 1024 * 1024,
  maxMessageBytes: 1_048_588,
  maxFrameBytes: 32 * 1024 * 1024,
  maxFetchBytes: 32 * 1024 * 1024,
  maxConnections: 1000,
  maxInFlightRequests: 64,
  idleTimeoutMs: 600_000,
  maxPartitions: 4000,
  maxGroups: 2000,
  maxGroupMembers: 250,
  minSessionTimeoutMs: 6000,
  maxSessionTimeoutMs: 1_800_000,
  initialRebalanceDelayMs: 50,
  maxTransactionTimeoutMs: 900_000,
  maxTransactionalIds: 10_000,
  cleanupIntervalMs: 10_000,
} satisfies Omit<Required<EmbeddedKafkaOptions>, "dataDir" | "advertised">;

/** Options with every default filled in. */
export type BrokerSettings = Required<Omit<EmbeddedKafkaOptions, "advertised">> & { advertised: string | undefined };

const numericBounds: Record<string, [number, number]> = {
  defaultPartitions: [1, 1000],
  segmentBytes: [1024, 2 ** 31 - 1],
  maxMessageBytes: [1024, 2 ** 30],
  maxFrameBytes: [4096, 2 ** 30],
  maxFetchBytes: [1024, 2 ** 30],
  maxConnections: [1, 100_000],
  maxInFlightRequests: [1, 10_000],
  idleTimeoutMs: [1000, 2 ** 31 - 1],
  maxPartitions: [1, 100_000],
  maxGroups: [1, 100_000],
  maxGroupMembers: [1, 10_000],
  minSessionTimeoutMs: [1, 2 ** 31 - 1],
  maxSessionTimeoutMs: [1, 2 ** 31 - 1],
  initialRebalanceDelayMs: [0, 60_000],
  maxTransactionTimeoutMs: [1, 2 ** 31 - 1],
  maxTransactionalIds: [1, 1_000_000],
  cleanupIntervalMs: [10, 2 ** 31 - 1],
};

/** @throws EmbeddedWrongUse with every bad field */
export function settingsOf(options: EmbeddedKafkaOptions): BrokerSettings {
  checkServerOptions(options);
  const settings: BrokerSettings = withDefaults({ ...defaults, advertised: undefined }, options);
  const problems: string[] = [];
  for (const [name, [least, most]] of Object.entries(numericBounds)) {
    const value = settings[name as keyof BrokerSettings] as number;
    if (!Number.isInteger(value) || value < least || value > most)
      problems.push(`${name} must be a whole number from ${least} to ${most}`);
  }
  if (settings.minSessionTimeoutMs > settings.maxSessionTimeoutMs)
    problems.push("minSessionTimeoutMs must not exceed maxSessionTimeoutMs");
  if (settings.advertised !== undefined && !parseAddress(settings.advertised))
    problems.push("advertised must be host:port");
  if (problems.length > 0) throw new EmbeddedWrongUse({ message: problems.join("; ") });
  return settings;
}

/** `host:port` or `[ipv6]:port`. */
export function parseAddress(text: string): { host: string; port: number } | undefined {
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([^\s:]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  const host = match?.[1] ?? match?.[2];
  return host !== undefined && port > 0 && port < 65536 ? { host, port } : undefined;
}
