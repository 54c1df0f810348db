import type {
  Broker,
  BrokerSubscription,
  IncomingRecord,
  OutgoingRecord,
  RecordSink,
  TopicPartition,
} from "../broker.ts";
import { headerList } from "../headers.ts";

export interface MemoryBroker extends Broker {
  /** Records of a topic in the order they came, all partitions together. */
  recordsOf(topic: string): IncomingRecord[];
  committed(group: string, at: TopicPartition): bigint | undefined;
  /** Every commit that was taken, in order. */
  readonly commits: readonly (TopicPartition & { offset: bigint; epoch: number })[];
  /** Takes the partitions away and assigns them again, from what was committed. */
  rebalance(): Promise<void>;
  /** What `idleMs` answers, in milliseconds. */
  silentMs: number;
  /** Throws from `send` to a topic, until it is called with nothing. */
  refuse(topic: string, error?: Error): void;
}

const batchSize = 20;

/** One member of one group, on arrays. Follows the port to the letter; knows nothing of Kafka's ways to fail. */
export function memoryBroker(topics: Record<string, number>): MemoryBroker {
  const logs = new Map(
    Object.entries(topics).map(([topic, partitions]) => [
      topic,
      Array.from({ length: partitions }, () => [] as IncomingRecord[]),
    ]),
  );
  const committed = new Map<string, bigint>();
  const commits: (TopicPartition & { offset: bigint; epoch: number })[] = [];
  const refusals = new Map<string, Error>();
  const wakeUps = new Set<() => void>();
  let member: Member | undefined;

  interface Member {
    group: string;
    partitions: TopicPartition[];
    sink: RecordSink;
    epoch: number;
    paused: Set<string>;
    pumps: Promise<void>[];
    isLive: boolean;
  }

  const keyOf = (group: string, { topic, partition }: TopicPartition) => `${group} ${topic} ${partition}`;

  async function pump(of: Member, epoch: number, at: TopicPartition): Promise<void> {
    let position = Number(committed.get(keyOf(of.group, at)) ?? 0n);
    while (of.isLive && of.epoch === epoch) {
      const log = logs.get(at.topic)![at.partition]!;
      const batch = of.paused.has(keyOf("", at)) ? [] : log.slice(position, position + batchSize);
      if (batch.length === 0) {
        await new Promise<void>((resolve) => wakeUps.add(resolve));
        continue;
      }
      position += batch.length;
      await of.sink.onRecords(epoch, batch, at);
    }
  }

  const wake = () => {
    for (const resolve of wakeUps) resolve();
    wakeUps.clear();
  };

  async function revoke(of: Member): Promise<void> {
    await of.sink.onRevoked(of.epoch);
    of.epoch += 1;
    wake();
    await Promise.all(of.pumps);
  }

  function assign(of: Member): void {
    const { epoch } = of;
    of.sink.onAssigned(epoch, of.partitions);
    of.pumps = of.partitions.map((at) => pump(of, epoch, at));
  }

  const broker: MemoryBroker = {
    name: "memory",
    commits,
    silentMs: 0,
    async start() {},
    async stop() {},

    async send(records: readonly OutgoingRecord[]) {
      for (const { topic } of records) {
        const refusal = refusals.get(topic);
        if (refusal) throw refusal;
      }
      for (const { topic, key, value, headers, partition, timestampMs } of records) {
        const log = logs.get(topic);
        if (!log) throw new Error(`no topic ${topic}`);
        const keyBytes = key === null ? null : Buffer.from(key);
        const at = partition ?? (keyBytes?.reduce((sum, byte) => sum + byte, 0) ?? 0) % log.length;
        log[at]!.push({
          topic,
          partition: at,
          offset: BigInt(log[at]!.length),
          timestampMs: timestampMs ?? Date.now(),
          key: keyBytes,
          value,
          headers: headerList(headers).map(([name, given]) => [name, given === null ? null : Buffer.from(given)]),
        });
      }
      wake();
    },

    async subscribe({ group, topics: wanted }, sink) {
      const partitions = wanted.flatMap((topic) => logs.get(topic)!.map((_, partition) => ({ topic, partition })));
      const mine: Member = { group, partitions, sink, epoch: 1, paused: new Set(), pumps: [], isLive: true };
      member = mine;
      let announceJoined: () => void;
      const joined = new Promise<void>((resolve) => {
        announceJoined = resolve;
      });
      const subscription: BrokerSubscription = {
        joined,
        sessionTimeoutMs: 10_000,
        async commit(epoch, offsets) {
          if (epoch !== mine.epoch || !mine.isLive) return;
          for (const { topic, partition, offset } of offsets) {
            committed.set(keyOf(group, { topic, partition }), offset);
            commits.push({ topic, partition, offset, epoch });
          }
        },
        pause(at) {
          for (const one of at) mine.paused.add(keyOf("", one));
        },
        resume(at) {
          for (const one of at) mine.paused.delete(keyOf("", one));
          wake();
        },
        idleMs: () => broker.silentMs,
        stalled: () => [],
        rebuilds: () => ({ count: 0, withinMs: 0 }),
        async stop() {
          await revoke(mine);
          mine.isLive = false;
          wake();
        },
      };
      queueMicrotask(() => {
        assign(mine);
        announceJoined();
      });
      return subscription;
    },

    tail: () => Promise.reject(new Error("not here")),
    topics: async () => [...logs].map(([topic, partitions]) => ({ topic, partitions: partitions.length })),
    async createTopics(wanted) {
      const missing = wanted.filter(({ topic }) => !logs.has(topic));
      for (const { topic, partitions } of missing)
        logs.set(
          topic,
          Array.from({ length: partitions }, () => []),
        );
      return { created: missing.map(({ topic }) => topic) };
    },
    topicOffsets: async (topic) =>
      logs.get(topic)!.map((log, partition) => ({ partition, first: 0n, next: BigInt(log.length) })),
    groupOffsets: async () => [],
    deleteGroup: async () => {},
    groups: async () => [],

    recordsOf: (topic) => logs.get(topic)!.flat(),
    committed: (group, at) => committed.get(keyOf(group, at)),
    async rebalance() {
      await revoke(member!);
      assign(member!);
    },
    refuse(topic, error) {
      if (error) refusals.set(topic, error);
      else refusals.delete(topic);
    },
  };
  return broker;
}
