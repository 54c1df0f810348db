import { type FieldErrors, ValidationFailed } from "@weft/core";
import type { JsonSchema } from "../schema/json-schema.ts";

interface PropertySchema {
  type?: string | string[];
  default?: unknown;
  items?: PropertySchema;
}

/**
 * Query parameters as the route's schema has them: numbers and booleans as such, repeated ones as a list where the schema
 * says so, defaults filled in. A text that is not a number stays a text, so that the schema refuses it by name.
 * @throws ValidationFailed for a parameter that is given twice and is no list, or holds NUL
 */
export function readQuery(url: string, schema: JsonSchema | undefined): Record<string, unknown> {
  const properties = (schema?.properties ?? {}) as Record<string, PropertySchema>;
  const start = url.indexOf("?");
  const parameters = new URLSearchParams(start === -1 ? "" : url.slice(start + 1));
  const query: Record<string, unknown> = Object.create(null);
  const fieldErrors: FieldErrors = {};
  for (const name of new Set(parameters.keys())) {
    const values = parameters.getAll(name);
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (values.some((value) => value.includes("\0"))) fieldErrors[name] = "must not contain NUL";
    if (property?.type === "array") {
      query[name] = values.map((value) => coerce(value, property.items));
    } else if (values.length > 1) {
      fieldErrors[name] = "is given more than once";
    } else {
      query[name] = coerce(values[0]!, property);
    }
  }
  if (Object.keys(fieldErrors).length > 0) throw new ValidationFailed({ fieldErrors });
  for (const [name, property] of Object.entries(properties)) {
    if (property.default !== undefined) query[name] ??= property.default;
  }
  return query;
}

function coerce(value: string, property: PropertySchema | undefined): unknown {
  const types = [property?.type].flat();
  if ((types.includes("number") || types.includes("integer")) && /^-?\d{1,15}(\.\d{1,15})?$/.test(value)) {
    return Number(value);
  }
  if (types.includes("boolean") && (value === "true" || value === "false")) return value === "true";
  return value;
}
