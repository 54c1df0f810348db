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
}

/** Port: makes a handler's effect happen once. `outbox` has the PostgreSQL form. */
export interface Inbox<Tx> {
  /** Runs `effect` in one transaction with the note that it happened, or finds that note and does nothing. */
  once(delivery: Delivery, effect: (tx: Tx) => Promise<void>): Promise<"applied" | "duplicate">;
  /**
   * Keeps a place in the aggregate's order for an event that was not applied, so that it can be applied later.
   * Done before its offset is committed.
   */
  keepGap(delivery: Delivery, reason: GapReason): Promise<void>;
  /**
   * Whether an earlier event of this aggregate is dead or parked and was neither replayed nor discarded: a strict
   * subscription waits for that. Without this function, a key is held only for as long as the process that saw the dead letter lives.
   */
  isHeld?(delivery: Delivery): Promise<boolean>;
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
