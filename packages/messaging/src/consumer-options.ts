import { contractOf, eventTypes, publishersOf } from "@weft/contracts";
import { type CallContext, option, takeOptions } from "@weft/core";
import { SubscriptionsInvalid } from "./errors.ts";
import type { Subscription, TrustingSubscription } from "./subscription.ts";

export interface EventConsumerOptions<Tx> {
  /** Consumer group: the service's name. Its dead letters are in `<group>.dlq`. */
  group: string;
  subscriptions: readonly Subscription<Tx>[];
  /**
   * Sources that are trusted besides the publishers of each event type, where a subscription has no `sources` of its own:
   * `weft-cli` in development. @defaultValue none
   */
  alsoFrom?: readonly string[];
  /** Called with records whose value is null; without it they are counted and skipped. */
  onTombstone?: (tombstone: Tombstone, tx: Tx) => Promise<void>;
  /** Times that a handler is asked in all before its event becomes a dead letter; outages do not count. @defaultValue 5 */
  attempts?: number;
  /** Handlers that run at once for one partition. @defaultValue 16 */
  lanesPerPartition?: number;
  /** Handlers that run at once in all. @defaultValue 64 */
  lanes?: number;
  /** Records of one partition that are read and not finished; beyond it the partition is paused. @defaultValue 500 */
  maxInHand?: number;
  /**
   * Records of one partition from its oldest unfinished one to the newest read, finished ones included; beyond it the
   * partition is paused until the oldest is finished. So many are read again after a crash. @defaultValue 100000
   */
  maxUncommittable?: number;
  /** Bytes of all records that are read and not finished; beyond it every partition is paused. @defaultValue 33554432 */
  maxInHandBytes?: number;
  /** How long one attempt of a handler may take, in milliseconds; then its transaction is abandoned and tried again. @defaultValue 30000 */
  handlerTimeoutMs?: number;
  /** Upper bound of the first pause between attempts, in milliseconds. @defaultValue 100 */
  retryBaseMs?: number;
  /** Upper bound of any pause between attempts, in milliseconds. @defaultValue 10000 */
  retryMaxMs?: number;
  /** How long a finished record may wait for its commit, in milliseconds. @defaultValue 50 */
  commitEveryMs?: number;
  /** How long running handlers may finish when partitions go away or the consumer stops, in milliseconds. @defaultValue 8000 */
  revokeGraceMs?: number;
  /**
   * Work in hand and nothing finished for so long, in milliseconds, without an outage as the reason: wedged. One record
   * that holds its partition's committed offset for so long while others finish: degraded. @defaultValue 60000
   */
  wedgedAfterMs?: number;
}

const rules = {
  // Kafka allows these in a topic's name, and the group is part of one.
  group: option.text(/^[A-Za-z0-9._-]{1,200}$/, "must be letters, digits, '.', '_' and '-'"),
  attempts: option.count(5),
  lanesPerPartition: option.count(16),
  lanes: option.count(64),
  maxInHand: option.count(500),
  maxUncommittable: option.count(100_000),
  maxInHandBytes: option.count(32 * 1024 * 1024),
  handlerTimeoutMs: option.milliseconds(30_000),
  retryBaseMs: option.milliseconds(100),
  retryMaxMs: option.milliseconds(10_000),
  commitEveryMs: option.milliseconds(50),
  revokeGraceMs: option.milliseconds(8000),
  wedgedAfterMs: option.milliseconds(60_000),
};

/** @throws OptionsInvalid naming every wrong field */
export const consumerSettings = <Tx>(options: EventConsumerOptions<Tx>) =>
  takeOptions("the consumer's options", rules, options);

/** A record whose value is null. */
export interface Tombstone {
  topic: string;
  partition: number;
  offset: bigint;
  key: string | null;
  context: CallContext;
}

/** @returns subscriptions by event type   @throws SubscriptionsInvalid naming everything that is wrong */
export function checkedSubscriptions<Tx>({
  group,
  subscriptions,
  alsoFrom = [],
}: Pick<EventConsumerOptions<Tx>, "group" | "subscriptions" | "alsoFrom">): Map<string, TrustingSubscription<Tx>[]> {
  const problems: string[] = [];
  const byType = new Map<string, TrustingSubscription<Tx>[]>();
  for (const subscription of subscriptions) {
    const { type, majors = [1] } = subscription;
    if (!contractOf(type)) {
      problems.push(`there is no event type ${type}; there are ${eventTypes.join(", ")}`);
      continue;
    }
    const others = byType.get(type) ?? [];
    for (const major of majors) {
      if (!contractOf(type, major)) problems.push(`${type} has no major ${major}`);
      if (others.some((other) => (other.majors ?? [1]).includes(major)))
        problems.push(`${type} ${major} is subscribed to twice`);
    }
    const sources = subscription.sources ?? [...publishersOf(type, majors), ...alsoFrom];
    byType.set(type, [...others, { ...subscription, sources }]);
  }
  if (problems.length > 0) throw new SubscriptionsInvalid({ group, problems });
  return byType;
}
