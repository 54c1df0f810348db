import { expect } from "@jest/globals";
import { closed, type RegistryScripts } from "./schema-registry-session.ts";

const text = { type: "string" };
const whole = { type: "integer" };
const nothing = { type: "null" };
const open = (properties: Record<string, unknown>, more: Record<string, unknown> = {}) => ({
  type: "object",
  properties,
  ...more,
});
const field = (schema: unknown, more: Record<string, unknown> = {}) => closed({ field: schema }, more);
const list = (more: Record<string, unknown>) => field({ type: "array", ...more });
const shape = (of: unknown) => field({ $ref: "#/definitions/shape" }, { definitions: { shape: of } });

interface Change {
  before: unknown;
  after: unknown;
  /** Whether the new schema reads what the old one allowed (BACKWARD), and the other way round (FORWARD). */
  reads: { old: boolean; new: boolean };
}

const widens = { old: true, new: false };
const narrows = { old: false, new: true };
const same = { old: true, new: true };
const breaks = { old: false, new: false };

/**
 * One change of a JSON Schema each, with the verdicts of Confluent's registry in both directions. Source: the list of
 * compatible differences in its documentation ("JSON Schema compatibility rules") and the cases its own tests publish.
 */
const changes: Record<string, Change> = {
  // Fields of a closed object, and of an open one.
  "an optional field joins a closed object": { before: closed({}), after: field(text), reads: widens },
  "a required field joins a closed object": {
    before: closed({}),
    after: field(text, { required: ["field"] }),
    reads: breaks,
  },
  "a required field with a default joins a closed object": {
    before: closed({}),
    after: field({ ...text, default: "" }, { required: ["field"] }),
    reads: widens,
  },
  "an optional field leaves a closed object": { before: field(text), after: closed({}), reads: narrows },
  "a field joins an open object": { before: open({}), after: open({ field: text }), reads: narrows },
  "a field of any kind joins an open object": { before: open({}), after: open({ field: {} }), reads: same },
  "a field leaves an open object": { before: open({ field: text }), after: open({}), reads: widens },
  "a field is renamed in a closed object": {
    before: closed({ name: text }),
    after: closed({ fullName: text }),
    reads: breaks,
  },
  "an optional field becomes required": {
    before: field(text),
    after: field(text, { required: ["field"] }),
    reads: narrows,
  },
  "a field that has a default becomes required": {
    before: field({ ...text, default: "" }),
    after: field({ ...text, default: "" }, { required: ["field"] }),
    reads: same,
  },
  "a required field becomes optional": {
    before: field(text, { required: ["field"] }),
    after: field(text),
    reads: widens,
  },
  "an object is opened": { before: field(text), after: open({ field: text }), reads: widens },
  "an object is closed": { before: open({ field: text }), after: field(text), reads: narrows },
  "further fields are allowed of one type": {
    before: field(text),
    after: open({ field: text }, { additionalProperties: text }),
    reads: widens,
  },
  "the type of further fields is changed": {
    before: open({}, { additionalProperties: text }),
    after: open({}, { additionalProperties: whole }),
    reads: breaks,
  },
  "more fields are allowed at once": {
    before: open({}, { maxProperties: 2 }),
    after: open({}, { maxProperties: 3 }),
    reads: widens,
  },
  "more fields are wanted at least": {
    before: open({}, { minProperties: 1 }),
    after: open({}, { minProperties: 2 }),
    reads: narrows,
  },
  "a field wants another one beside it": {
    before: closed({ a: text, b: text }),
    after: closed({ a: text, b: text }, { dependencies: { a: ["b"] } }),
    reads: narrows,
  },
  // Types.
  "a type is changed": { before: field(text), after: field({ type: "boolean" }), reads: breaks },
  "integer becomes number": { before: field(whole), after: field({ type: "number" }), reads: widens },
  "number becomes integer": { before: field({ type: "number" }), after: field(whole), reads: narrows },
  "null becomes possible": { before: field(text), after: field({ type: ["string", "null"] }), reads: widens },
  "null becomes impossible": { before: field({ type: ["string", "null"] }), after: field(text), reads: narrows },
  "anything becomes possible": { before: field(text), after: field({}), reads: widens },
  // Bounds of text.
  "a length is limited": { before: field(text), after: field({ ...text, maxLength: 9 }), reads: narrows },
  "a length's limit is raised": {
    before: field({ ...text, maxLength: 9 }),
    after: field({ ...text, maxLength: 10 }),
    reads: widens,
  },
  "a least length is lowered": {
    before: field({ ...text, minLength: 2 }),
    after: field({ ...text, minLength: 1 }),
    reads: widens,
  },
  "a pattern is added": { before: field(text), after: field({ ...text, pattern: "^a" }), reads: narrows },
  "a pattern is changed": {
    before: field({ ...text, pattern: "^a" }),
    after: field({ ...text, pattern: "^b" }),
    reads: breaks,
  },
  "a format is changed": {
    before: field({ ...text, format: "date" }),
    after: field({ ...text, format: "email" }),
    reads: same,
  },
  // Bounds of numbers.
  "a maximum is lowered": {
    before: field({ ...whole, maximum: 9 }),
    after: field({ ...whole, maximum: 8 }),
    reads: narrows,
  },
  "a minimum is removed": { before: field({ ...whole, minimum: 1 }), after: field(whole), reads: widens },
  "an exclusive maximum is added": {
    before: field(whole),
    after: field({ ...whole, exclusiveMaximum: 9 }),
    reads: narrows,
  },
  "a step is divided": {
    before: field({ ...whole, multipleOf: 10 }),
    after: field({ ...whole, multipleOf: 5 }),
    reads: widens,
  },
  "a step is changed to one that divides nothing": {
    before: field({ ...whole, multipleOf: 10 }),
    after: field({ ...whole, multipleOf: 3 }),
    reads: breaks,
  },
  // Enumerations and constants.
  "a value joins an enumeration": {
    before: field({ enum: ["a"] }),
    after: field({ enum: ["a", "b"] }),
    reads: widens,
  },
  "one value of an enumeration is another": {
    before: field({ enum: ["a", "b"] }),
    after: field({ enum: ["a", "c"] }),
    reads: breaks,
  },
  "an enumeration has another order": {
    before: field({ enum: ["a", "b"] }),
    after: field({ enum: ["b", "a"] }),
    reads: same,
  },
  "a constant is changed": { before: field({ const: "a" }), after: field({ const: "b" }), reads: breaks },
  // Lists.
  "the type of a list's items is changed": {
    before: list({ items: text }),
    after: list({ items: whole }),
    reads: breaks,
  },
  "the items of a list are widened": {
    before: list({ items: whole }),
    after: list({ items: { type: "number" } }),
    reads: widens,
  },
  "a list is limited": { before: list({}), after: list({ maxItems: 3 }), reads: narrows },
  "items may be there twice": { before: list({ uniqueItems: true }), after: list({}), reads: widens },
  "an item joins a closed tuple": {
    before: list({ items: [text], additionalItems: false }),
    after: list({ items: [text, text], additionalItems: false }),
    reads: widens,
  },
  // Combined schemas and references.
  "an alternative joins": {
    before: field({ oneOf: [text, whole] }),
    after: field({ oneOf: [text, whole, nothing] }),
    reads: widens,
  },
  "an alternative leaves": {
    before: field({ anyOf: [text, whole, nothing] }),
    after: field({ anyOf: [text, whole] }),
    reads: narrows,
  },
  "a condition joins": {
    before: field({ allOf: [{ minLength: 1 }] }),
    after: field({ allOf: [{ minLength: 1 }, { maxLength: 9 }] }),
    reads: narrows,
  },
  "one alternative becomes several": { before: field(text), after: field({ oneOf: [text, nothing] }), reads: widens },
  "what a reference names gets a field": { before: shape(closed({})), after: shape(field(text)), reads: widens },
  "what a reference names gets a required field": {
    before: shape(closed({})),
    after: shape(field(text, { required: ["field"] })),
    reads: breaks,
  },
  "a definition is renamed": {
    before: shape(text),
    after: field({ $ref: "#/definitions/form" }, { definitions: { form: text } }),
    reads: same,
  },
  "one of several becomes any of them": {
    before: field({ oneOf: [text, whole] }),
    after: field({ anyOf: [text, whole] }),
    reads: widens,
  },
  "a reference is written out": { before: shape(text), after: field(text), reads: same },
  // What says nothing about the data.
  "a title, a description and a default are changed": {
    before: field({ ...text, title: "A", description: "a", default: "a" }),
    after: field({ ...text, title: "B", description: "b", default: "b" }),
    reads: same,
  },
};

export const changeScripts: RegistryScripts = Object.fromEntries(
  Object.entries(changes).flatMap(([change, { before, after, reads }]) =>
    (
      [
        ["BACKWARD", reads.old],
        ["FORWARD", reads.new],
      ] as const
    ).map(([level, isCompatible]): [string, RegistryScripts[string]] => [
      `${isCompatible ? "accepts" : "refuses"} under ${level} that ${change}`,
      async (session) => expect(await session.mayFollow(level, before, after)).toBe(isCompatible),
    ]),
  ),
);
