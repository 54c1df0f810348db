import { randomUUID } from "node:crypto";
import type {
  Broker,
  BrokerSubscription,
  IncomingRecord,
  OutgoingRecord,
  RecordSink,
  TopicPartition,
} from "@weft/messaging";

/** A driver to try, started, on a cluster with room for topics and groups of its own. */
export interface BrokerUnderTest {
  broker: Broker;
  /** `host:port` of the cluster, for what no driver would send. */
  brokers: readonly string[];
  stop(): Promise<void>;
  /** Session timeout that the driver joins groups with, in milliseconds. */
  sessionTimeoutMs: number;
  /** Stops the cluster, and starts it again at the same address with what it had. Absent: those scripts are skipped. */
  restart?(): Promise<void>;
}

export type BrokerScripts = Record<string, (session: BrokerSession) => Promise<void>>;
type BrokerSession = ReturnType<typeof brokerSession>;

/** A member of a group that remembers what it was given. */
export interface Member extends RecordSink {
  subscription: BrokerSubscription;
  records: IncomingRecord[];
  epochs: number[];
  revoked: number[];
  /** Of the newest epoch; none once they are revoked. */
  partitions: TopicPartition[];
  /** Epoch in which a record came, beside `records`. */
  epochOf: number[];
  stop(): Promise<void>;
}

type MemberOptions = Partial<Pick<RecordSink, "onRecords" | "onRevoked">> & { isCommitting?: boolean };

/** Topics and groups for one script; its members are gone when it closes. */
export function brokerSession({ broker, brokers, sessionTimeoutMs, restart }: BrokerUnderTest) {
  const members: Member[] = [];

  /** Resolves when the subscription does; what it is assigned comes later. */
  async function subscribe(group: string, topic: string, options: MemberOptions = {}): Promise<Member> {
    const member: Member = {
      subscription: undefined as unknown as BrokerSubscription,
      records: [],
      epochs: [],
      epochOf: [],
      revoked: [],
      partitions: [],
      onAssigned(epoch, partitions) {
        member.epochs.push(epoch);
        member.partitions = [...partitions];
      },
      async onRevoked(epoch) {
        await options.onRevoked?.(epoch);
        member.revoked.push(epoch);
        if (epoch === member.epochs.at(-1)) member.partitions = [];
      },
      async onRecords(epoch, records, at) {
        member.records.push(...records);
        member.epochOf.push(...records.map(() => epoch));
        if (options.isCommitting) {
          void member.subscription?.commit(epoch, [{ ...at, offset: records.at(-1)!.offset + 1n }]).catch(() => {});
        }
        await options.onRecords?.(epoch, records, at);
      },
      stop: async () => member.subscription.stop(),
    };
    member.subscription = await broker.subscribe({ group, topics: [topic] }, member);
    members.push(member);
    return member;
  }

  return {
    broker,
    brokers,
    sessionTimeoutMs,
    restart,
    subscribe,
    /** Resolves when partitions are assigned. */
    async join(group: string, topic: string, options?: MemberOptions): Promise<Member> {
      const member = await subscribe(group, topic, options);
      await member.subscription.joined;
      return member;
    },
    async newTopic(partitions = 1): Promise<string> {
      const topic = `conformance.${randomUUID()}`;
      await broker.createTopics([{ topic, partitions, replication: 1 }]);
      return topic;
    },
    newGroup: () => `conformance-${randomUUID()}`,
    storedIn: async (topic: string) =>
      (await broker.topicOffsets(topic)).reduce((sum, { first, next }) => sum + Number(next - first), 0),
    async close(): Promise<void> {
      await Promise.all(members.splice(0).map((member) => member.stop()));
    },
  };
}

export const record = (
  topic: string,
  key: string | null,
  value: string | null,
  rest: Partial<OutgoingRecord> = {},
): OutgoingRecord => ({ topic, key, value: value === null ? null : Buffer.from(value), headers: {}, ...rest });

export const valuesOf = ({ records }: Member) => records.map(({ value }) => String(value));
export const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);
