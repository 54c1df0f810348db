import { randomUUID } from "node:crypto";
import { contractOf, type Envelope } from "@weft/contracts";
import { ValidationFailed } from "@weft/core";

/**
 * What a person writes: `data` alone, or an envelope (an object with `eventType` and `data`), of which anything but these two
 * may be missing. Filled up here, judged by the schema afterwards.
 * @throws ValidationFailed for an envelope of another type
 */
export function completeEnvelope(type: string, input: unknown): Envelope {
  const isEnvelope = typeof input === "object" && input !== null && "eventType" in input && "data" in input;
  if (isEnvelope && input.eventType !== type) {
    throw new ValidationFailed({
      what: type,
      fieldErrors: { eventType: `is ${String(input.eventType)}, not ${type}` },
    });
  }
  return {
    eventId: randomUUID(),
    eventType: type,
    version: contractOf(type)?.version ?? "",
    timestamp: new Date().toISOString(),
    source: "weft-cli",
    ...(isEnvelope ? input : { data: input }),
  } as Envelope;
}
