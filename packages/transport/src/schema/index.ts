// What schemas are made of, without the servers that check with them.
export type { JsonSchema } from "./json-schema.ts";
export { closed, field, orNull } from "./pieces.ts";
