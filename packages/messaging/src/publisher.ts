import {
  contractOf,
  createEnvelope,
  type Envelope,
  type EventData,
  EventInvalid,
  type EventType,
  EventTypeUnknown,
  encodeWire,
  eventContentType,
  eventHeaders,
  eventTypes,
  keyOf,
  serializeEnvelope,
  validateClosed,
} from "@weft/contracts";
import { currentContext, writeContext } from "@weft/core";
import type { Broker, OutgoingRecord } from "./broker.ts";
import type { SchemaRegistry } from "./schemas.ts";

/** An event as an outbox keeps it: what every send of it is made from. */
export interface StoredEvent {
  /** The envelope as it was serialized once; every send has these bytes. */
  text: string;
  topic: string;
  /** The key of the record. */
  aggregateId: string;
  eventId: string;
  eventType: string;
  version: string;
  /** Absent: the event claims no order, consumers deduplicate by its id. */
  sequence?: number;
  /** What its columns do not say: `source`, and the call context as `writeContext` gives it. */
  headers: Readonly<Record<string, string>>;
}

/** The Kafka record of a stored event: the five bytes of the Confluent format before its text, its facts as headers. */
export function recordOf(event: StoredEvent, schemaId: number): OutgoingRecord & { headers: Record<string, string> } {
  const headers: Record<string, string> = {
    ...event.headers,
    [eventHeaders.eventId]: event.eventId,
    [eventHeaders.eventType]: event.eventType,
    [eventHeaders.eventVersion]: event.version,
    [eventHeaders.aggregateId]: event.aggregateId,
    [eventHeaders.contentType]: eventContentType,
  };
  if (event.sequence !== undefined) headers[eventHeaders.eventSequence] = String(event.sequence);
  return { topic: event.topic, key: event.aggregateId, value: encodeWire(schemaId, event.text), headers };
}

export interface DirectPublisher {
  /**
   * Builds, validates and sends one event, and resolves when all in-sync replicas have it.
   * @throws EventInvalid, EventTooLarge, EventTypeUnknown (nothing was sent)
   * @throws BrokerUnavailable (it may have been sent: repeating makes a second event, unless `eventId` is given)
   */
  publish<T extends EventType>(type: T, data: EventData<T>, options?: PublishOptions): Promise<Envelope<T>>;
  /** The same for a whole envelope, which must meet the closed form of its schema. */
  publishEnvelope(envelope: Envelope, options?: Pick<PublishOptions, "key">): Promise<Envelope>;
}

export interface PublishOptions {
  eventId?: string;
  /** RFC 3339. @defaultValue now */
  timestamp?: string;
  /** Key of the record. @defaultValue the field of `data` that the contract names */
  key?: string;
}

/**
 * Publishes straight to the broker, for tools and for services without a database: no outbox, so a crash between a state
 * change and the send loses the event; no `event-sequence`, so consumers deduplicate by id and claim no order.
 */
export function directPublisher(
  { broker, schemas }: { broker: Pick<Broker, "send">; schemas: Pick<SchemaRegistry, "idOf"> },
  { source }: { source: string },
): DirectPublisher {
  async function send(envelope: Envelope, key: string | undefined): Promise<void> {
    const major = Number(envelope.version.split(".")[0]);
    const contract = contractOf(envelope.eventType, major);
    if (!contract) throw new EventTypeUnknown({ eventType: envelope.eventType, known: eventTypes });
    const text = serializeEnvelope(envelope);
    const context = currentContext();
    const record = recordOf(
      {
        ...envelope,
        text,
        topic: contract.topic,
        aggregateId: key ?? keyOf(envelope),
        headers: { [eventHeaders.source]: envelope.source, ...(context ? writeContext("event", context) : {}) },
      },
      await schemas.idOf(contract.eventType, major),
    );
    await broker.send([record]);
  }

  return {
    async publish(type, data, { key, ...options } = {}) {
      const envelope = createEnvelope(type, data, { source, ...options });
      await send(envelope, key);
      return envelope;
    },
    async publishEnvelope(envelope, { key } = {}) {
      const fieldErrors = validateClosed(envelope);
      if (fieldErrors) throw new EventInvalid({ eventType: String(envelope?.eventType), fieldErrors });
      await send(envelope, key);
      return envelope;
    },
  };
}
