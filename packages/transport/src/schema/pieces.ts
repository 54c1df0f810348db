import { idPattern } from "@weft/core";
import type { JsonSchema } from "./json-schema.ts";

/** An object whose fields are all named: any other is refused with its path. */
export const closed = (properties: JsonSchema, required: string[] = []) => ({
  type: "object",
  properties,
  required,
  additionalProperties: false,
});

// Lone surrogates are no text in UTF-8.
const wellFormed = { pattern: "^\\P{Cs}*$" };

/** What the fields of requests and answers are made of, the same in every service (surfaces.md, section 3). */
export const field = {
  id: { type: "string", pattern: idPattern },
  /** @param maxLength in UTF-16 code units */
  text: (maxLength: number) => ({ type: "string", minLength: 1, maxLength, ...wellFormed }),
  /** In units of the currency, with at most two decimals. */
  money: { type: "number", minimum: 0, maximum: 10_000_000, multipleOf: 0.01 },
  /** RFC 3339. */
  moment: { type: "string", format: "date-time", maxLength: 40 },
  tier: { type: "string", enum: ["bronze", "silver", "gold", "platinum"] },
  /**
   * For an object whose fields are whatever the client wants to keep. What lies deeper is bounded by the server: 32 levels,
   * 10,000 fields, 1 MiB. Schemas that spell the levels out take longer to compile than everything else at start.
   */
  free: (maxProperties: number) => ({
    maxProperties,
    propertyNames: { type: "string", minLength: 1, maxLength: 64, ...wellFormed },
    additionalProperties: {
      type: ["string", "number", "boolean", "null", "array", "object"],
      maxLength: 2000,
      maxItems: 100,
      maxProperties,
    },
  }),
};

/** The same, or null. */
export const orNull = <Piece extends { type: string }>(piece: Piece) => ({ ...piece, type: [piece.type, "null"] });
