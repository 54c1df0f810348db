import type { TopicPartition } from "./broker.ts";

/** An event that has come, and all that is needed to know whether it came before. */
export interface Delivery {
  /** The consumer group. */
  consumer: string;
  topic: string;
  partition: number;
  offset: bigint;
  eventId: string;
  eventType: string;
  aggregateId: string;
  /** 1, 2, 3, … per topic and aggregate; absent: deduplicated by `eventId` alone, without order. */
  sequence?: number;
  /**
   * When it was published at the latest, in milliseconds since the epoch: an inbox forgets ids, and an event from before
   * that is never taken for a new one. @defaultValue now
   */
  timestampMs?: number;
}

/**
 * `reused`: its sequence is one that another event of its aggregate has had: the publisher's database went back.
 * `jumped`: its sequence is more than one above the last, though the group has read all that came between: its publisher's
 * relay has not sent it. Neither has an effect, and the position stays.
 */
export type Acceptance = "applied" | "duplicate" | "reused" | "jumped";

/** Something that is not as it should be in what a consumer has read of a topic. */
export interface InboxTrouble {
  /** Gaps by their reason, refused events by theirs; `unread`: records that the group passed over. */
  trouble: GapReason | "reused" | "jumped" | "unread";
  topic: string;
  events: number;
  /** An aggregate that it concerns. */
  example?: string;
}

/** Port: makes a handler's effect happen once. `outbox` has the PostgreSQL form. */
export interface Inbox<Tx> {
  /** Runs `effect` in one transaction with the note that it happened; what is not `applied` has no effect. */
  once(delivery: Delivery, effect: (tx: Tx) => Promise<void>): Promise<Acceptance>;
  /**
   * Keeps a place in the aggregate's order for an event that was not applied, so that it can be applied later.
   * Done before its offset is committed. A place that is only `skipped` is one that a record claims which nobody could read
   * or believe: it is kept for any event, and only where it is the next one.
   */
  keepGap(delivery: Delivery, reason: GapReason): Promise<void>;
  /** Notes the place of an event that no subscription takes. Without this function, places are missing where it was. */
  pass?(delivery: Delivery): Promise<void>;
  /**
   * Whether an earlier event of this aggregate is dead or parked and was neither replayed nor discarded: a strict
   * subscription waits for that. Without this function, a key is held only for as long as the process that saw the dead letter lives.
   */
  isHeld?(delivery: Delivery): Promise<boolean>;
  /** How far each partition was read, kept beside the effects. Without it nothing is known of what a group passed over. */
  reading?: InboxReading;
  /** What is not as it should be; nothing where all is well. */
  troubles?(consumer: string): Promise<InboxTrouble[]>;
}

export interface InboxReading {
  /** The offset after the last one that is noted; nothing for a partition that was never read. */
  next(consumer: string, at: TopicPartition): Promise<bigint | undefined>;
  /** Notes that records from `offset` on follow; between `next` and it some may have been passed over. */
  begin(consumer: string, at: TopicPartition & { offset: bigint }): Promise<void>;
  /** Notes next offsets, before the group commits them. */
  done(consumer: string, offsets: readonly (TopicPartition & { offset: bigint })[]): Promise<void>;
}

export type GapReason = "parked" | "dead" | "skipped";

/** For a consumer whose effects are idempotent in themselves, or that has no database: at least once, nothing more. */
export const noInbox: Inbox<undefined> = {
  async once(_delivery, effect) {
    await effect(undefined);
    return "applied";
  },
  async keepGap() {},
};
