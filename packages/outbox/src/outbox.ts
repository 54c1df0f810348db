import {
  contractOf,
  createEnvelope,
  type Envelope,
  type EventData,
  type EventType,
  eventHeaders,
  keyOf,
  serializeEnvelope,
} from "@weft/contracts";
import { type Clock, currentContext, option, systemClock, takeOptions, writeContext } from "@weft/core";
import type { Queryable, Transaction } from "./database.ts";
import { EventNotDeclared } from "./errors.ts";
import { shardOf } from "./shard.ts";

export interface AggregateKey {
  topic: string;
  aggregateId: string;
}

/** @typeParam Type the event types that it takes: one that takes more stands in for one that takes fewer, never the reverse */
export interface Outbox<in Type extends EventType = EventType> {
  /**
   * Locks aggregates in one fixed order, so that two transactions with the same ones cannot deadlock. First thing in a
   * transaction that touches business rows too: whoever locks business rows first can wait for the other crosswise.
   */
  lock(tx: Queryable, keys: readonly AggregateKey[]): Promise<void>;
  /**
   * Writes an event into the transaction: it is published if, and only if, the transaction commits, and in the order of
   * the commits of its aggregate. Takes the aggregate's lock. `tx` may also be a `pg` client with a transaction of its own.
   * @throws EventInvalid, EventTypeUnknown, EventTooLarge, EventNotDeclared: then let the transaction fail
   */
  append<T extends Type>(tx: Queryable, type: T, data: EventData<T>): Promise<Envelope<T>>;
  /** Calls back after each commit of a transaction of ours that appended, with the shards that have news. */
  onAppended(listener: (shards: ReadonlySet<number>) => void): () => void;
}

// One statement: the id is drawn after the aggregate's lock is held, so neither order can contradict the other.
const insertEvent = `
  WITH aggregate AS (
    INSERT INTO weft.aggregates AS a (topic, aggregate_id, last_sequence) VALUES ($1, $2, 1)
    ON CONFLICT (topic, aggregate_id) DO UPDATE SET last_sequence = a.last_sequence + 1
    RETURNING last_sequence
  )
  INSERT INTO weft.outbox (topic, aggregate_id, event_sequence, event_id, event_type, event_version, envelope, headers, shard)
  SELECT $1, $2, last_sequence, $3, $4, $5, $6, $7, $8 FROM aggregate`;

const lockAggregates = `
  INSERT INTO weft.aggregates AS a (topic, aggregate_id)
  SELECT topic, aggregate_id FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS k (topic, aggregate_id, n) ORDER BY n
  ON CONFLICT (topic, aggregate_id) DO UPDATE SET last_sequence = a.last_sequence`;

export interface OutboxOptions<Type extends EventType> {
  /** The service that publishes, as in Consul. */
  source: string;
  /** The event types that it takes. @defaultValue any */
  publishes?: readonly Type[];
}

const rules = { source: option.text(/./s, "must name the service") };

/** @throws OptionsInvalid */
export function createOutbox<const Type extends EventType = EventType>(
  { clock = systemClock }: { clock?: Clock },
  options: OutboxOptions<Type>,
): Outbox<Type> {
  const { source, publishes } = takeOptions("createOutbox", rules, options);
  const listeners = new Set<(shards: ReadonlySet<number>) => void>();
  const news = new WeakMap<Queryable, Set<number>>();

  function note(tx: Queryable, shard: number): void {
    const shards = news.get(tx);
    if (shards) return void shards.add(shard);
    if (!("afterCommit" in tx)) return; // a foreign client: the relay's poll finds the row
    const first = new Set([shard]);
    news.set(tx, first);
    (tx as Transaction).afterCommit(() => {
      for (const listener of listeners) listener(first);
    });
  }

  return {
    async lock(tx, keys) {
      const sorted = [...new Map(keys.map((key) => [`${key.topic}\0${key.aggregateId}`, key]))].sort(([a], [b]) =>
        a < b ? -1 : 1,
      );
      if (sorted.length === 0) return;
      const column = (name: keyof AggregateKey) => sorted.map(([, key]) => key[name]);
      await tx.query(lockAggregates, [column("topic"), column("aggregateId")]);
    },

    async append(tx, type, data) {
      if (publishes && !publishes.includes(type)) throw new EventNotDeclared({ eventType: type, source, publishes });
      const envelope = createEnvelope(type, data, { source, timestamp: clock.now().toISOString() });
      const text = serializeEnvelope(envelope);
      const topic = contractOf(type)?.topic as string; // createEnvelope has looked it up
      const aggregateId = keyOf(envelope);
      const shard = shardOf(topic, aggregateId);
      const { eventId, eventType, version } = envelope;
      const context = currentContext();
      const headers = JSON.stringify({
        [eventHeaders.source]: source,
        ...(context ? writeContext("event", context) : {}),
      });
      await tx.query(insertEvent, [topic, aggregateId, eventId, eventType, version, text, headers, shard]);
      note(tx, shard);
      return envelope;
    },

    onAppended(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
