/** A JSON Schema (draft 7), as plain data. */
export type JsonSchema = { readonly [keyword: string]: unknown };

const isSchema = (value: unknown): value is JsonSchema =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export type SchemaForm = "closed" | "open";

/**
 * The schema of a whole envelope of one event type and major.
 * @param form `closed` is what is registered and what a publisher must meet: no field that was not declared, at any
 * depth. `open` is what a consumer asks for: the same, but unknown fields pass, so that it reads newer minors.
 */
export function envelopeSchema(
  event: { eventType: string; major: number; description: string; schema: JsonSchema },
  form: SchemaForm,
): JsonSchema {
  const { properties, ...common } = anyEnvelopeSchema(form);
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: event.major === 1 ? event.eventType : `${event.eventType}V${event.major}`,
    description: event.description,
    ...common,
    properties: {
      ...(properties as JsonSchema),
      eventType: { const: event.eventType },
      version: { type: "string", pattern: `^${event.major}\\.\\d+$` },
      data: dataSchema(event.schema, form),
    },
  };
}

/** What the envelopes of all event types have in common. */
export function anyEnvelopeSchema(form: SchemaForm): JsonSchema {
  return {
    type: "object",
    properties: {
      eventId: { type: "string", minLength: 1, maxLength: 128 },
      eventType: { type: "string" },
      version: { type: "string" },
      timestamp: { type: "string", format: "date-time" },
      source: { type: "string", minLength: 1 },
      data: { type: "object" },
    },
    required: ["eventId", "eventType", "version", "timestamp", "source", "data"],
    ...(form === "closed" ? { additionalProperties: false } : {}),
  };
}

/** The schema of `data`: an object with declared properties is closed unless it says `additionalProperties` itself; one without stays open. */
export function dataSchema(schema: JsonSchema, form: SchemaForm): JsonSchema {
  const result: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(schema)) {
    if (keyword === "properties" && isSchema(value)) {
      result[keyword] = Object.fromEntries(
        Object.entries(value).map(([name, field]) => [name, isSchema(field) ? dataSchema(field, form) : field]),
      );
    } else if ((keyword === "items" || keyword === "additionalProperties") && isSchema(value)) {
      result[keyword] = dataSchema(value, form);
    } else if ((keyword === "anyOf" || keyword === "oneOf") && Array.isArray(value)) {
      result[keyword] = value.map((branch) => (isSchema(branch) ? dataSchema(branch, form) : branch));
    } else {
      result[keyword] = value;
    }
  }
  if (form === "open" && result.additionalProperties === false) delete result.additionalProperties;
  if (form === "closed" && isSchema(result.properties) && result.additionalProperties === undefined) {
    result.additionalProperties = false;
  }
  return result;
}

const holdsNoNul = "^[^\\u0000]*$";

/**
 * What our validators ask besides, so that no reader is narrower than what passes: an integer is one that JavaScript and a
 * `bigint` column hold exactly (±(2^53−1)), and a declared text has no NUL, which PostgreSQL has no place for. It is no part
 * of the registered schema: to narrow that one would break the readers of what was published before.
 */
export function asReadersHold(schema: JsonSchema): JsonSchema {
  const inner = Object.entries(schema).map(([keyword, value]): [string, unknown] => {
    if (keyword === "properties" && isSchema(value)) {
      return [keyword, Object.fromEntries(Object.entries(value).map(([name, field]) => [name, partAsHeld(field)]))];
    }
    if (keyword === "items" || keyword === "additionalProperties") return [keyword, partAsHeld(value)];
    if ((keyword === "anyOf" || keyword === "oneOf") && Array.isArray(value)) return [keyword, value.map(partAsHeld)];
    return [keyword, value];
  });
  return { ...Object.fromEntries(inner), ...boundsOf(schema) };
}

const partAsHeld = (part: unknown) => (isSchema(part) ? asReadersHold(part) : part);

function boundsOf({ type, minimum, maximum, pattern, format, enum: values }: JsonSchema): JsonSchema {
  const types = [type].flat();
  const isFreeText = types.includes("string") && [pattern, format, values].every((keyword) => keyword === undefined);
  return {
    ...(types.includes("integer")
      ? {
          minimum: Math.max(typeof minimum === "number" ? minimum : -Infinity, Number.MIN_SAFE_INTEGER),
          maximum: Math.min(typeof maximum === "number" ? maximum : Infinity, Number.MAX_SAFE_INTEGER),
        }
      : {}),
    ...(isFreeText ? { pattern: holdsNoNul } : {}),
  };
}

/** Subject in the Schema Registry: `<topic>-<eventType>` for major 1, `<topic>-<eventType>-v2` and so on after. */
export function subjectOf(topic: string, eventType: string, major: number): string {
  return major === 1 ? `${topic}-${eventType}` : `${topic}-${eventType}-v${major}`;
}

/** `1.2` → 1 and 2. The text has been checked against the document's pattern. */
export function versionParts(version: string): { major: number; minor: number } {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return { major, minor };
}
