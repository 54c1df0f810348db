import type { ComponentHealth } from "@weft/core";
import type { BrokerSubscription } from "./broker.ts";
import type { InboxTrouble } from "./inbox.ts";
import { eventsOf } from "./inbox-watch.ts";

export interface ConsumerState {
  counts: { inHand: number; dead: number; read: number };
  /** How long there has been work in hand and nothing was finished, in milliseconds. */
  progressAgeMs: number;
  wedgedAfterMs: number;
  /** Of the records that hold the committed offset of their partition, the one that was begun first. */
  oldest: { topic: string; partition: number; offset: bigint; key: string | null; ageMs: number } | undefined;
  /** The outage that something in hand waits for. */
  waitingFor: string | undefined;
  /** Absent before the start. */
  subscription: Pick<BrokerSubscription, "idleMs" | "sessionTimeoutMs" | "stalled" | "rebuilds"> | undefined;
  /** How long no partitions have been assigned, in milliseconds; absent while some are. */
  joiningMs: number | undefined;
  /** What is not as it should be in the inbox, as it was seen last. */
  troubles: readonly InboxTrouble[];
}

/** Waiting for a dependency is shown from here on, in milliseconds: shorter waits are everyday retries. */
const worthSayingMs = 1000;

/** One restart of a broker ends a client once; one of each broker of a cluster, some times. */
const tooManyRebuilds = 5;

/**
 * What a consumer says of itself, the worst first:
 *
 *   unhealthy  wedged: work in hand, nothing finished for too long, and no outage as the reason. A restart may help.
 *   degraded   a partition whose committed offset is gone, or whose next batch cannot be unpacked; a cluster that has not
 *              answered for two sessions; a group that has assigned nothing for as long; a client that is built anew again and
 *              again; a dependency that the work in hand waits for; a record that holds the committed offset of its partition
 *              while others finish; events with a sequence that another one has had; records that the group passed over. A
 *              restart would not help.
 *   healthy    also while joining: after a crash the group waits for the dead member's session first.
 */
export function consumerHealth(state: ConsumerState): ComponentHealth {
  const { counts, progressAgeMs, wedgedAfterMs, oldest, waitingFor, subscription, joiningMs, troubles } = state;
  const { inHand, dead, read } = counts;
  const details: ComponentHealth["details"] = { inHand, progressAgeMs, dead, read };
  if (subscription) details.state = joiningMs === undefined ? "consuming" : "joining";
  for (const { trouble } of troubles) details[trouble] = eventsOf(troubles, trouble);

  if (progressAgeMs > wedgedAfterMs && waitingFor === undefined) {
    return { status: "unhealthy", message: `work in hand and nothing finished for ${progressAgeMs} ms`, details };
  }
  const reason = subscription && reasonNotToRead(subscription, joiningMs);
  if (reason !== undefined) return { status: "degraded", message: reason, details };
  if (progressAgeMs > worthSayingMs && waitingFor !== undefined) {
    return { status: "degraded", message: `waiting: ${waitingFor}`, details };
  }
  if (oldest && oldest.ageMs > wedgedAfterMs) {
    const { topic, partition, offset, key, ageMs } = oldest;
    const name = key === null ? "no key" : `key ${key.slice(0, 100)}`;
    const message = `${topic}/${partition} commits nothing past offset ${offset} (${name}), not finished for ${ageMs} ms`;
    return { status: "degraded", message, details };
  }
  const trouble = troubleOf(troubles);
  return trouble ? { status: "degraded", message: trouble, details } : { status: "healthy", details };
}

function troubleOf(troubles: readonly InboxTrouble[]): string | undefined {
  const [reused] = troubles.filter(({ trouble }) => trouble === "reused");
  if (reused)
    return `${eventsOf(troubles, "reused")} events have a sequence that another one has had (${reused.topic}, ${reused.example}): its publisher's database went back`;
  const unread = troubles.filter(({ trouble }) => trouble === "unread");
  if (unread.length === 0) return undefined;
  return `${eventsOf(troubles, "unread")} records of ${unread.map(({ topic }) => topic).join(", ")} were passed over`;
}

function reasonNotToRead(
  { idleMs, sessionTimeoutMs, stalled, rebuilds }: NonNullable<ConsumerState["subscription"]>,
  joiningMs = 0,
): string | undefined {
  const partitions = stalled();
  if (partitions.length > 0) {
    return partitions.map(({ topic, partition, reason }) => `${topic}/${partition} is not read: ${reason}`).join("; ");
  }
  const tooLongMs = 2 * sessionTimeoutMs;
  const silentMs = Math.round(idleMs());
  if (silentMs > tooLongMs) return `no answer from the cluster for ${silentMs} ms`;
  if (joiningMs > tooLongMs) return `the group has assigned no partitions for ${joiningMs} ms`;
  const { count, withinMs, reason } = rebuilds();
  if (count >= tooManyRebuilds) {
    return `its Kafka client ended and was built anew ${count} times in ${withinMs / 1000} s, the last time: ${reason}`;
  }
  return undefined;
}
