import {
  contractOf,
  type DeadLetterReason,
  decodeWire,
  type Envelope,
  eventHeaders,
  keyOf,
  maxEventBytes,
  readEnvelope,
} from "@weft/contracts";
import { type CallContext, newContext, readContext } from "@weft/core";
import type { IncomingRecord } from "./broker.ts";
import { headerTexts, lastHeader, type RecordHeader } from "./headers.ts";
import type { Delivery } from "./inbox.ts";
import type { SchemaRegistry } from "./schemas.ts";
import type { ReceivedEvent, Subscription, TrustingSubscription } from "./subscription.ts";

/** What a consumer makes of one record before any handler sees it. */
export type Reading<Tx> =
  | { kind: "tombstone" }
  | { kind: "ignored"; eventType: string }
  | { kind: "event"; subscription: Subscription<Tx>; delivery: Delivery; event: Omit<ReceivedEvent, "attempt"> }
  | { kind: "dead"; reason: DeadLetterReason; message: string; delivery?: Delivery };

const wirePrefixBytes = 5;
const sequencePattern = /^[1-9]\d{0,15}$/;

/** Subscriptions by event type; more than one where a consumer reads several majors with a handler each. */
export type SubscriptionsByType<Tx> = ReadonlyMap<string, readonly TrustingSubscription<Tx>[]>;

/**
 * Decodes a record, checks it and finds its subscription. Bytes decide, headers only add what the envelope does not have.
 * @throws SchemaRegistryUnavailable when the schema id is not known yet and the registry is away: the record waits
 */
export async function readRecord<Tx>(
  record: IncomingRecord,
  consumer: string,
  schemas: Pick<SchemaRegistry, "typeOf">,
  subscriptions: SubscriptionsByType<Tx>,
): Promise<Reading<Tx>> {
  const { value } = record;
  if (value === null) return { kind: "tombstone" };
  if (value.length > maxEventBytes + wirePrefixBytes) {
    return { kind: "dead", reason: "too_large", message: `${value.length} bytes, an event may take ${maxEventBytes}` };
  }
  const wire = decodeWire(value);
  if (!wire.ok) return { kind: "dead", reason: wire.reason, message: wire.message };

  const schema = await schemas.typeOf(wire.schemaId);
  if (!schema) {
    const message = `schema id ${wire.schemaId} is not one of an event in the registry`;
    return { kind: "dead", reason: "unknown_schema", message };
  }
  const { eventType } = (wire.json ?? {}) as { eventType?: unknown };
  if (eventType !== schema.eventType) {
    const message = `schema id ${wire.schemaId} is that of ${schema.eventType}, the envelope says ${String(eventType).slice(0, 100)}`;
    return { kind: "dead", reason: "schema_invalid", message };
  }
  const candidates = subscriptions.get(schema.eventType);
  // Another team's event that happens to share the topic: not read, so not judged either.
  if (!candidates && contractOf(schema.eventType)) return { kind: "ignored", eventType: schema.eventType };

  const read = readEnvelope(wire.json);
  if (!read.ok) return { kind: "dead", reason: read.reason, message: read.message };
  return toEvent(record, consumer, read.envelope, candidates ?? []);
}

function toEvent<Tx>(
  record: IncomingRecord,
  consumer: string,
  envelope: Envelope,
  candidates: readonly TrustingSubscription<Tx>[],
): Reading<Tx> {
  const contradiction = contradictionIn(record, envelope);
  if (contradiction) return { kind: "dead", ...contradiction };
  const aggregateId = keyOf(envelope);
  const sequenceText = lastHeader(record.headers, eventHeaders.eventSequence);
  if (sequenceText !== undefined) {
    // Order is kept by the record's key; a sequence of another aggregate would be compared with the wrong position.
    const key = record.key?.toString();
    const problem = !sequencePattern.test(sequenceText)
      ? `event-sequence is not a whole number from 1: ${sequenceText.slice(0, 40)}`
      : key !== aggregateId && `the record's key is ${key?.slice(0, 100)}, its event belongs to ${aggregateId}`;
    if (problem) return { kind: "dead", reason: "schema_invalid", message: problem };
  }
  const { topic, partition, offset } = record;
  const delivery: Delivery = {
    consumer,
    topic,
    partition,
    offset,
    eventId: envelope.eventId,
    eventType: envelope.eventType,
    aggregateId,
    ...(sequenceText === undefined ? {} : { sequence: Number(sequenceText) }),
    timestampMs: Math.min(record.timestampMs, Date.parse(envelope.timestamp) || record.timestampMs),
  };
  const major = Number(envelope.version.split(".")[0]);
  const subscription = candidates.find(({ majors = [1] }) => majors.includes(major));
  // Before the version is judged, and without a delivery: a gap would move the aggregate's position to whatever sequence
  // the forger chose, and every genuine event below it would count as a duplicate.
  const readers = subscription ? [subscription] : candidates;
  if (readers.length > 0 && readers.every(({ sources }) => !sources.includes(envelope.source))) {
    const allowed = readers.flatMap(({ sources }) => sources).join(", ");
    const message = `${envelope.source} may not publish ${envelope.eventType}, ${allowed} may`;
    return { kind: "dead", reason: "untrusted_source", message };
  }
  if (!subscription) {
    const majors = candidates.flatMap(({ majors: read = [1] }) => read).join(", ");
    const message = `${envelope.eventType} came in version ${envelope.version}, ${consumer} reads ${majors}`;
    return { kind: "dead", reason: "unknown_version", message, delivery };
  }
  const event: Omit<ReceivedEvent, "attempt"> = {
    id: envelope.eventId,
    type: envelope.eventType,
    version: envelope.version,
    source: envelope.source,
    timestamp: envelope.timestamp,
    data: envelope.data,
    key: aggregateId,
    ...(delivery.sequence === undefined ? {} : { sequence: delivery.sequence }),
    ...placeIn(record, delivery.sequence),
    topic,
    partition,
    offset,
    context: contextOf(record, envelope.eventId),
  };
  return { kind: "event", subscription, delivery, event };
}

/** Its place in the order of its aggregate: the sequence, unless it got that one after others had gone out. */
function placeIn({ headers }: IncomingRecord, sequence: number | undefined): { place?: number } {
  if (sequence === undefined) return {};
  const told = Number(lastHeader(headers, eventHeaders.eventPlace) ?? Number.NaN);
  return { place: told > 0 && told < sequence ? told : sequence };
}

/**
 * The place in an order that a record claims by its key and headers alone, where its value was not read. A relay's records
 * have it; what others claim is never believed beyond that.
 */
export function claimOf(record: IncomingRecord, consumer: string, eventType = ""): Delivery | undefined {
  const { topic, partition, offset, timestampMs, headers } = record;
  const text = (name: string) => lastHeader(headers, name);
  const aggregateId = record.key?.toString();
  const sequence = text(eventHeaders.eventSequence) ?? "";
  const eventId = text(eventHeaders.eventId);
  if (!aggregateId || !eventId || text(eventHeaders.aggregateId) !== aggregateId || !sequencePattern.test(sequence))
    return undefined;
  const place = { aggregateId, eventId: eventId.slice(0, 200), sequence: Number(sequence) };
  return { consumer, topic, partition, offset, eventType, timestampMs, ...place };
}

/**
 * Headers repeat what the envelope says. Whoever wrote two different things is not to be believed in either, nor in a place in
 * the order: such a record becomes a dead letter without a gap. A header that is absent says nothing.
 */
function contradictionIn(
  { headers, key }: IncomingRecord,
  { source, eventId, eventType, version }: Envelope,
): { reason: DeadLetterReason; message: string } | undefined {
  const said: (readonly [name: string, expected: string, reason: DeadLetterReason])[] = [
    [eventHeaders.source, source, "untrusted_source"],
    [eventHeaders.eventId, eventId, "schema_invalid"],
    [eventHeaders.eventType, eventType, "schema_invalid"],
    [eventHeaders.eventVersion, version, "schema_invalid"],
    // Where there is no key there is no order that it could be mistaken for.
    ...(key === null ? [] : [[eventHeaders.aggregateId, key.toString(), "schema_invalid"] as const]),
  ];
  for (const [name, expected, reason] of said) {
    const other = headerTexts(headers, name).find((text) => text !== expected);
    if (other === undefined) continue;
    const what = name === eventHeaders.aggregateId ? "the record's key is" : "the envelope says";
    return { reason, message: `the header ${name} is ${shown(other)}, ${what} ${shown(expected)}` };
  }
  return severalPlaces(headers);
}

/** Where it stands in the order is said by headers alone: it cannot stand in two places. */
function severalPlaces(headers: readonly RecordHeader[]): { reason: DeadLetterReason; message: string } | undefined {
  for (const name of [eventHeaders.eventSequence, eventHeaders.eventPlace]) {
    const told = new Set(headerTexts(headers, name));
    if (told.size < 2) continue;
    return {
      reason: "schema_invalid",
      message: `the header ${name} says several things: ${shown([...told].join(", "))}`,
    };
  }
  return undefined;
}

const shown = (text: string) => JSON.stringify(text.slice(0, 100));

/**
 * The context of the request that began the chain goes on; what the handler publishes was caused by this event. Headers are
 * what a producer wrote, of ours or not: what is not valid counts as absent, and the user says who began it and no more.
 */
export function contextOf({ headers }: IncomingRecord, eventId?: string): CallContext {
  const parts = readContext("event", (name) => lastHeader(headers, name));
  return newContext({ ...parts, causationId: eventId });
}
