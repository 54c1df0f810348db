// The events that exist
export type {
  CompiledValidator,
  Envelope,
  EventContract,
  EventData,
  EventType,
  TopicDeclaration,
} from "./contract.ts";
export { contractOf, contracts, contractsOfAllMajors, eventTypes, publishersOf } from "./contracts.ts";
// Writing and reading an envelope
export {
  type CreateEnvelopeOptions,
  createEnvelope,
  keyOf,
  type ReadOutcome,
  readEnvelope,
  serializeEnvelope,
  validateClosed,
} from "./envelope.ts";
export { type JsonSchema, subjectOf } from "./envelope-schema.ts";
export { EventInvalid, EventTooLarge, EventTypeUnknown } from "./errors.ts";
export type * from "./generated/types.ts";
// On the wire
export { type DeadLetterReason, deadLetterHeaders, eventContentType, eventHeaders } from "./headers.ts";
export { deadLetterTopic, topicConfig, topics } from "./topics.ts";
export { decodeWire, encodeWire, maxEventBytes, maxNestingDepth, type WireOutcome } from "./wire.ts";
