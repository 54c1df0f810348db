/** JSON Schema (draft 7) as plain data; requests are checked with it, and documents show it. */
export type JsonSchema = Record<string, unknown>;
