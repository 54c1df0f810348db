import { contracts, type Envelope, type EventType, eventHeaders, eventTypes } from "@weft/contracts";
import { silentLogger, sleep } from "@weft/core";
import { type EventConsumer, eventConsumer } from "../consumer.ts";
import type { EventConsumerOptions } from "../consumer-options.ts";
import type { Acceptance, Delivery, Inbox, InboxTrouble } from "../inbox.ts";
import { recordOf } from "../publisher.ts";
import type { SchemaRegistry } from "../schemas.ts";
import { type MemoryBroker, memoryBroker } from "./memory-broker.ts";

export const group = "catalog-service";
export const pricing = "pricing.events";
export const dlq = `${group}.dlq`;

/** Id 1 + the place of the type in the list; nothing else is known. */
export function memorySchemas(): SchemaRegistry & { away?: Error } {
  const registry: SchemaRegistry & { away?: Error } = {
    name: "schemas",
    async start() {},
    async stop() {},
    idOf: async (type) => eventTypes.indexOf(type) + 1,
    async typeOf(id) {
      if (registry.away) throw registry.away;
      const eventType = eventTypes[id - 1];
      return eventType ? { eventType, major: 1 } : undefined;
    },
    registerAll: async () => [],
  };
  return registry;
}

export interface MemoryInbox extends Inbox<Delivery> {
  readonly applied: Delivery[];
  readonly gaps: Map<string, string>;
  /** Event id → what `once` says of it instead. */
  readonly refused: Map<string, Acceptance>;
  readonly passed: Delivery[];
  /** `topic partition` → the next offset. */
  readonly next: Map<string, bigint>;
  found: InboxTrouble[];
}

/** Positions and gaps as `outbox` keeps them, in a map; the effect's "transaction" is its delivery. */
export function memoryInbox(): MemoryInbox {
  const positions = new Map<string, number>();
  const ids = new Set<string>();
  const gaps = new Map<string, string>();
  const applied: Delivery[] = [];
  const refused = new Map<string, Acceptance>();
  const passed: Delivery[] = [];
  const next = new Map<string, bigint>();
  const keyOf = ({ topic, aggregateId }: Delivery) => `${topic} ${aggregateId}`;
  const inbox: MemoryInbox = {
    applied,
    gaps,
    refused,
    passed,
    next,
    found: [],
    async once(delivery, effect) {
      const { sequence, eventId } = delivery;
      const refusal = refused.get(eventId);
      if (refusal) return refusal;
      const isKnown =
        sequence === undefined
          ? ids.has(eventId)
          : sequence <= (positions.get(keyOf(delivery)) ?? 0) && !gaps.has(`${keyOf(delivery)} ${sequence}`);
      if (isKnown) return "duplicate";
      await effect(delivery);
      ids.add(eventId);
      if (sequence !== undefined) positions.set(keyOf(delivery), sequence);
      applied.push(delivery);
      return "applied";
    },
    async keepGap(delivery, reason) {
      if (reason === "skipped" && delivery.sequence !== (positions.get(keyOf(delivery)) ?? 0) + 1) return;
      gaps.set(`${keyOf(delivery)} ${delivery.sequence}`, reason);
      positions.set(keyOf(delivery), Math.max(positions.get(keyOf(delivery)) ?? 0, delivery.sequence ?? 0));
    },
    async pass(delivery) {
      passed.push(delivery);
    },
    reading: {
      next: async (_consumer, { topic, partition }) => next.get(`${topic} ${partition}`),
      async begin(_consumer, { topic, partition, offset }) {
        next.set(`${topic} ${partition}`, offset);
      },
      async done(_consumer, offsets) {
        for (const { topic, partition, offset } of offsets) next.set(`${topic} ${partition}`, offset);
      },
    },
    troubles: async () => inbox.found,
  };
  return inbox;
}

export interface PriceOptions {
  key?: string;
  sequence?: number;
  eventId?: string;
  type?: EventType;
  change?: (envelope: Envelope) => void;
  headers?: Record<string, string>;
}

let made = 0;

/** A record as the outbox's relay makes it. */
export function eventRecord(options: PriceOptions = {}) {
  const type = options.type ?? "PriceChanged";
  const contract = contracts[type];
  made += 1;
  const envelope = structuredClone(contract.examples[0]!) as Envelope;
  const key = options.key ?? "prod_1";
  (envelope.data as unknown as Record<string, unknown>)[contract.key] = key;
  envelope.eventId = options.eventId ?? `event-${made}`;
  options.change?.(envelope);
  const record = recordOf(
    {
      text: JSON.stringify(envelope),
      topic: contract.topic,
      aggregateId: key,
      eventId: envelope.eventId,
      eventType: type,
      version: envelope.version,
      ...(options.sequence === undefined ? {} : { sequence: options.sequence }),
      headers: { [eventHeaders.source]: envelope.source, [eventHeaders.correlationId]: "req-1" },
    },
    eventTypes.indexOf(type) + 1,
  );
  Object.assign(record.headers, options.headers);
  return record;
}

export interface Harness {
  broker: MemoryBroker;
  schemas: ReturnType<typeof memorySchemas>;
  inbox: MemoryInbox;
  consumer: EventConsumer;
}

/** A started consumer of `pricing.events` with short pauses. */
export async function startConsumer(
  options: Partial<EventConsumerOptions<Delivery>> & Pick<EventConsumerOptions<Delivery>, "subscriptions">,
  partitions = 3,
): Promise<Harness> {
  const broker = memoryBroker({ [pricing]: partitions, [dlq]: 1, "catalog.events": 1, "promotion.events": 1 });
  const schemas = memorySchemas();
  const inbox = memoryInbox();
  const consumer = eventConsumer(
    { broker, schemas, inbox, log: silentLogger },
    { group, retryBaseMs: 1, retryMaxMs: 5, commitEveryMs: 5, ...options },
  );
  await consumer.start();
  return { broker, schemas, inbox, consumer };
}

export async function until(condition: () => boolean, timeoutMs = 20_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${condition}`);
    await sleep(2);
  }
}
