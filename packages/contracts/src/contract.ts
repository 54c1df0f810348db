import type { ErrorObject } from "ajv";
import type { JsonSchema } from "./envelope-schema.ts";
import type { EventDataByType } from "./generated/types.ts";

export type EventType = keyof EventDataByType;
export type EventData<T extends EventType> = EventDataByType[T];

/** What is on the wire, after the five bytes of the Confluent format. */
export interface Envelope<T extends EventType = EventType> {
  /** Identity of the event: consumers that see it twice take it once. */
  eventId: string;
  eventType: T;
  /** `MAJOR.MINOR` of the schema that it was written with. */
  version: string;
  /** When it was made, RFC 3339. */
  timestamp: string;
  /** The service that published it, as in Consul; `weft-cli` from the command line. */
  source: string;
  data: EventData<T>;
}

/** One event type in one major version: what `schemas/` says of it, in the form that programs need. */
export interface EventContract<T extends EventType = EventType> {
  eventType: T;
  /** The newest minor: what publishers write. */
  version: string;
  major: number;
  topic: string;
  /** The field of `data` that is the key of the Kafka record. */
  key: string;
  /** The services that may publish it, as they are registered: readers take it from no other. */
  publishers: string[];
  /** In the Schema Registry. */
  subject: string;
  description: string;
  /** Of the whole envelope, closed: what is registered, and what a publisher must meet. */
  envelopeSchema: JsonSchema;
  /** The same, open: what a consumer asks for. */
  openEnvelopeSchema: JsonSchema;
  examples: Envelope<T>[];
  /** `envelope` is refused by `envelopeSchema`; `reason` says why. */
  counterExamples: { reason: string; envelope: unknown }[];
}

/** What the generator keeps of a document. */
export type ContractDocument = Omit<EventContract, "subject" | "envelopeSchema" | "openEnvelopeSchema"> & {
  /** Of `data`, as the document has it. */
  schema: JsonSchema;
};

export interface TopicDeclaration {
  name: string;
  kind: "events" | "dead-letters";
  description: string;
  partitions: number;
  /** Milliseconds; -1 keeps everything. */
  retentionMs: number;
  /** Replicas of each partition on the embedded broker, and on every other. */
  replication: { embedded: number; otherwise: number };
}

/** A compiled schema, made by Ajv when the contracts were generated. */
export interface CompiledValidator {
  /** `instancePath` is the place of `value` in the whole, for the errors. */
  (value: unknown, context?: { instancePath: string }): boolean;
  errors?: ErrorObject[] | null;
}
