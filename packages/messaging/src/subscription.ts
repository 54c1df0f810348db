import type { EventData, EventType } from "@weft/contracts";
import type { CallContext } from "@weft/core";

/** What a service does with one type of event. `Tx` is the transaction that its effect shares with the inbox. */
export interface Subscription<Tx, T extends EventType = EventType> {
  type: T;
  /** Majors that the handler reads. @defaultValue [1] */
  majors?: number[];
  /** Paths of `data` that the handler reads: the event map and the contract tests look at them. */
  reads: string[];
  /**
   * After a dead letter, `strict` holds the later events of its key until it is replayed or discarded; `relaxed` goes on
   * and keeps the gap. @defaultValue "relaxed"
   */
  order?: "relaxed" | "strict";
  /**
   * Services that may send it; what comes from others becomes a dead letter, `untrusted_source`.
   * @defaultValue `publishers` of its document, and `alsoFrom` of the consumer
   */
  sources?: readonly string[];
  handle(event: ReceivedEvent<T>, tx: Tx): Promise<void>;
}

/** A subscription that says whom it takes events from. */
export type TrustingSubscription<Tx> = Subscription<Tx> & { sources: readonly string[] };

export interface ReceivedEvent<T extends EventType = EventType> {
  id: string;
  type: T;
  version: string;
  source: string;
  /** RFC 3339. */
  timestamp: string;
  data: EventData<T>;
  key: string;
  /** Absent for foreign producers, which claim no order. */
  sequence?: number;
  /** Where it belongs in the order of its aggregate: what projections compare. The sequence, but for a few that got theirs late. */
  place?: number;
  topic: string;
  partition: number;
  offset: bigint;
  /** 1 for the first attempt. */
  attempt: number;
  context: CallContext;
}

/** Gives the subscription's type to its handler: `on("PriceChanged", { reads: [...], handle })`. */
export function on<Tx, T extends EventType>(type: T, rest: Omit<Subscription<Tx, T>, "type">): Subscription<Tx> {
  return { type, ...rest } as unknown as Subscription<Tx>;
}
