import type { IncomingRecord } from "./broker.ts";
import type { Delivery } from "./inbox.ts";

/** A record that could not be handled yet, with those of its key that came after it. */
export interface ParkedRecord {
  delivery: Delivery;
  record: IncomingRecord;
  attempts: number;
  /** When to try again. */
  notBefore: Date;
  lastError: string;
}

/**
 * Port: where the records of a failing key wait outside the partition, so that other keys flow and offsets move on. While a
 * key has parked records, every later one of that key is parked behind them: order survives retries.
 * `outbox` has the PostgreSQL form. Without one, a failing key holds its partition's committed offset until it is through.
 */
export interface ParkingStore {
  /** @throws ParkingFull when the key already has the greatest number of parked records; the partition is paused then */
  park(record: ParkedRecord): Promise<void>;
  /** Whether a record of this key must wait behind others. */
  isHeld(consumer: string, topic: string, aggregateId: string): Promise<boolean>;
  /** The first record of each held key whose time has come, claimed for this owner until `leaseMs` is over. */
  due(consumer: string, limit: number, leaseMs: number): Promise<ParkedRecord[]>;
  /** Takes a record out, after its effect or its dead letter. */
  release(delivery: Delivery): Promise<void>;
  /** Puts a claimed record back after a failed attempt. */
  retryLater(record: ParkedRecord): Promise<void>;
}
