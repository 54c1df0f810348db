import { randomUUID } from "node:crypto";
import { type FieldErrors, fieldErrorsOf } from "@weft/core";
import type { Envelope, EventContract, EventData, EventType } from "./contract.ts";
import { contractOf, eventTypes } from "./contracts.ts";
import type { SchemaForm } from "./envelope-schema.ts";
import { EventInvalid, EventTooLarge, EventTypeUnknown } from "./errors.ts";
import { dataValidators, envelopeValidators } from "./generated/validators.ts";
import { readabilityProblem } from "./readability.ts";
import { maxEventBytes } from "./wire.ts";

export interface CreateEnvelopeOptions {
  /** The service that publishes, as in Consul. */
  source: string;
  /** Identity of the event. @defaultValue a random UUID */
  eventId?: string;
  /** When it happened, RFC 3339. @defaultValue now */
  timestamp?: string;
}

/**
 * Builds an envelope in the newest version of its type and checks it against the closed form of its schema.
 * @throws EventTypeUnknown when no document declares the type
 * @throws EventInvalid with every wrong field under `details.field_errors` (`data.rules.actions.discountValue`)
 */
export function createEnvelope<T extends EventType>(
  type: T,
  data: EventData<T>,
  options: CreateEnvelopeOptions,
): Envelope<T> {
  const contract = contractOf(type);
  if (!contract) throw new EventTypeUnknown({ eventType: String(type), known: eventTypes });
  const envelope: Envelope<T> = {
    eventId: options.eventId ?? randomUUID(),
    eventType: type,
    version: contract.version,
    timestamp: options.timestamp ?? new Date().toISOString(),
    source: options.source,
    data,
  };
  const fieldErrors = closedProblems(envelope, contract);
  if (fieldErrors) throw new EventInvalid({ eventType: type, fieldErrors });
  return envelope;
}

/**
 * The text of an envelope, as it is stored and sent: made once, so that every send has the same bytes.
 * @throws EventTooLarge above `maxEventBytes`
 */
export function serializeEnvelope(envelope: Envelope): string {
  const text = JSON.stringify(envelope);
  const bytes = Buffer.byteLength(text);
  if (bytes > maxEventBytes) {
    throw new EventTooLarge({ eventType: envelope.eventType, bytes, limitBytes: maxEventBytes });
  }
  return text;
}

/**
 * The key of the Kafka record: what must keep its order among itself.
 * @throws EventTypeUnknown when no document declares the type
 */
export function keyOf(envelope: Envelope): string {
  const contract = contractOf(envelope.eventType, majorOf(envelope.version));
  if (!contract) throw new EventTypeUnknown({ eventType: envelope.eventType, known: eventTypes });
  return (envelope.data as unknown as Record<string, string>)[contract.key] ?? "";
}

export type ReadOutcome =
  | { ok: true; envelope: Envelope }
  | {
      ok: false;
      reason: "schema_invalid" | "unknown_type" | "unknown_version";
      /** Only for `schema_invalid`. */
      fieldErrors?: FieldErrors;
      message: string;
    };

/**
 * What a consumer asks of a value that came from a topic: the open form of its schema, so that newer minors pass.
 * Never throws, and changes nothing in the value.
 */
export function readEnvelope(value: unknown): ReadOutcome {
  const found = findContract(value);
  if ("reason" in found) return found;
  const fieldErrors = problemsOf("open", value, found);
  return fieldErrors ? schemaInvalid(found.eventType, fieldErrors) : { ok: true, envelope: value as Envelope };
}

/**
 * What a publisher asks of a whole envelope: the closed form of its schema.
 * @returns what is wrong, field by field, or nothing
 */
export function validateClosed(value: unknown): FieldErrors | undefined {
  const found = findContract(value);
  if (!("reason" in found)) return closedProblems(value, found);
  return found.fieldErrors ?? { [found.reason === "unknown_type" ? "eventType" : "version"]: found.message };
}

function closedProblems(envelope: unknown, contract: EventContract): FieldErrors | undefined {
  const fieldErrors = problemsOf("closed", envelope, contract);
  if (fieldErrors) return fieldErrors;
  const unreadable = readabilityProblem(envelope);
  if (unreadable !== undefined) return { "(root)": unreadable };
  // Not in every schema: what other teams registered before allows an empty text.
  const { data } = envelope as { data: Record<string, unknown> };
  return data[contract.key] === "" ? { [`data.${contract.key}`]: "must not be empty, it is the key" } : undefined;
}

function findContract(value: unknown): EventContract | Extract<ReadOutcome, { ok: false }> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return schemaInvalid("the value", { "(root)": "must be an envelope, an object" });
  }
  const { eventType, version } = value as { eventType?: unknown; version?: unknown };
  if (typeof eventType !== "string") return schemaInvalid("the value", { eventType: wrongText(eventType) });
  const newest = contractOf(eventType);
  if (!newest) {
    const message = new EventTypeUnknown({ eventType, known: eventTypes }).message;
    return { ok: false, reason: "unknown_type", message };
  }
  if (typeof version !== "string") return schemaInvalid(eventType, { version: wrongText(version) });
  const major = majorOf(version);
  if (major === undefined) return schemaInvalid(eventType, { version: "must be MAJOR.MINOR, such as 1.0" });
  const contract = contractOf(eventType, major);
  if (contract) return contract;
  const message = `${eventType} is known up to ${newest.version}, not in version ${version.slice(0, 20)}`;
  return { ok: false, reason: "unknown_version", message };
}

const wrongText = (value: unknown) => (value === undefined ? "is required" : "must be string");

function majorOf(version: string): number | undefined {
  const match = /^(\d{1,6})\.\d+$/.exec(version);
  return match ? Number(match[1]) : undefined;
}

function schemaInvalid(what: string, fieldErrors: FieldErrors): Extract<ReadOutcome, { ok: false }> {
  const problems = Object.entries(fieldErrors).map(([field, problem]) => `${field} ${problem}`);
  return { ok: false, reason: "schema_invalid", fieldErrors, message: `${what} is invalid: ${problems.join("; ")}` };
}

function problemsOf(form: SchemaForm, value: unknown, { eventType, major }: EventContract): FieldErrors | undefined {
  const validateEnvelope = envelopeValidators[form];
  const validateData = dataValidators[`${eventType} ${major}`]?.[form];
  if (!validateData) throw new Error(`no validator was generated for ${eventType} ${major}`);
  const errors = validateEnvelope(value) ? [] : (validateEnvelope.errors ?? []);
  const { data } = value as { data?: unknown };
  if (data !== undefined && !validateData(data, { instancePath: "/data" })) errors.push(...(validateData.errors ?? []));
  return errors.length === 0 ? undefined : fieldErrorsOf(errors);
}
