import { idPattern, largestAmount } from "@weft/core";
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

/** What the fields of requests and answers are made of, the same in every service. */
export const field = {
  id: { type: "string", pattern: idPattern },
  /**
   * A name, a title, a SKU: one line, without blanks at its ends, control characters and bidi controls.
   * @param maxLength in Unicode code points
   */
  text: (maxLength: number) => ({ type: "string", format: "line", minLength: 1, maxLength }),
  /**
   * What somebody wrote, in one line or several: no control characters but `\n`, no bidi controls, something to see in it.
   * @param maxLength in Unicode code points
   */
  longText: (maxLength: number) => ({ type: "string", format: "lines", maxLength }),
  /**
   * What somebody looks for: any text.
   * @param maxLength in Unicode code points
   */
  search: (maxLength: number) => ({ type: "string", maxLength, ...wellFormed }),
  /** One price or what many cost together, in units of the currency, with at most two decimals. */
  money: { type: "number", minimum: 0, maximum: largestAmount, multipleOf: 0.01 },
  /** RFC 3339 in the years 1 to 9999 of UTC; `momentOf` gives the instant. */
  moment: { type: "string", format: "date-time", maxLength: 40 },
  tier: { type: "string", enum: ["bronze", "silver", "gold", "platinum"] },
  /**
   * For an object whose fields are whatever the client wants to keep. What lies deeper is bounded by the server: 32 levels,
   * 10,000 fields, 1 MiB. Schemas that spell the levels out take longer to compile than everything else at start.
   */
  free: (maxProperties: number) => ({
    maxProperties,
    propertyNames: { type: "string", format: "line", minLength: 1, maxLength: 64 },
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
