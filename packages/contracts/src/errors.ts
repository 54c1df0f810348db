import { defineError, type FieldErrors } from "@weft/core";

/** The data is not what the schema of its event type asks for. */
export const EventInvalid = defineError<{ eventType: string; fieldErrors: FieldErrors }>({
  code: "EVENT_INVALID",
  kind: "invalid",
  message: ({ eventType, fieldErrors }) =>
    `${eventType} is invalid: ${Object.entries(fieldErrors)
      .map(([field, problem]) => `${field} ${problem}`)
      .join("; ")}`,
  details: ({ fieldErrors }) => ({ field_errors: fieldErrors }),
});

/** No document in `schemas/` declares this event type. */
export const EventTypeUnknown = defineError<{ eventType: string; known: readonly string[] }>({
  code: "EVENT_TYPE_UNKNOWN",
  kind: "invalid",
  message: ({ eventType, known }) => `there is no event type ${eventType.slice(0, 100)}; there are ${known.join(", ")}`,
  details: ({ eventType }) => ({ event_type: eventType }),
});

export const EventTooLarge = defineError<{ eventType: string; bytes: number; limitBytes: number }>({
  code: "EVENT_TOO_LARGE",
  kind: "too-large",
  message: ({ eventType, bytes, limitBytes }) =>
    `${eventType} takes ${bytes} bytes, and an event may take ${limitBytes}; publish a reference to the large part instead`,
  details: ({ bytes, limitBytes }) => ({ bytes, limit_bytes: limitBytes }),
});
