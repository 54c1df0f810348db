import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { largestMatching, problemsOfReading } from "./compare.ts";
import { type Json, schemaDocument } from "./node.ts";
import { explain } from "./problems.ts";

const read = (writer: Json, reader: Json) =>
  problemsOfReading({ writer: schemaDocument(writer), reader: schemaDocument(reader) }).map(
    ({ kind, path }) => `${kind} ${path}`,
  );

const text: Json = { type: "string" };
const number: Json = { type: "number" };
const open = (properties: Json, more: Record<string, Json> = {}): Json => ({ type: "object", properties, ...more });
const closed = (properties: Json, more: Record<string, Json> = {}): Json =>
  open(properties, { additionalProperties: false, ...more });

/** Change, writer, reader, and the problems of reading; none means compatible. Verdicts are those of Confluent's registry. */
const matrix: [string, Json, Json, string[]][] = [
  ["nothing", closed({ a: text }), closed({ a: text }), []],
  ["title and description", { type: "string", title: "a" }, { type: "string", title: "b", description: "c" }, []],
  ["anything to something", {}, text, ["TYPE_CHANGED #/"]],
  ["something to anything", text, {}, []],
  ["something to false", text, false, ["TYPE_CHANGED #/"]],
  ["type", text, number, ["TYPE_CHANGED #/"]],
  ["integer to number", { type: "integer" }, number, []],
  ["number to integer", number, { type: "integer" }, ["TYPE_NARROWED #/"]],
  ["one type to a list with it", text, { type: ["string", "null"] }, []],
  ["a list to one of its types", { type: ["string", "null"] }, text, ["TYPE_CHANGED #/"]],
  ["a list that grows", { type: ["string", "null"] }, { type: ["string", "null", "number"] }, []],
  ["a list that shrinks", { type: ["string", "null"] }, { type: ["string"] }, ["SUM_TYPE_NARROWED #/"]],
  ["optional property into a closed model", closed({ a: text }), closed({ a: text, b: text }), []],
  [
    "optional property into an open model",
    open({ a: text }),
    open({ a: text, b: text }),
    ["OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL #/properties/b"],
  ],
  ["a property that may be anything into an open model", open({}), open({ b: {} }), []],
  [
    "required property into a closed model",
    closed({}),
    closed({ b: text }, { required: ["b"] }),
    ["REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL #/properties/b"],
  ],
  [
    "required property with a default",
    closed({}),
    closed({ b: { type: "string", default: "" } }, { required: ["b"] }),
    [],
  ],
  [
    "property out of a closed model",
    closed({ a: text, b: text }),
    closed({ a: text }),
    ["PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL #/properties/b"],
  ],
  ["property out of an open model", open({ a: text, b: text }), open({ a: text }), []],
  [
    "a property renamed",
    closed({ a: text }),
    closed({ b: text }),
    ["PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL #/properties/a"],
  ],
  [
    "optional to required",
    closed({ a: text }),
    closed({ a: text }, { required: ["a"] }),
    ["REQUIRED_ATTRIBUTE_ADDED #/required/a"],
  ],
  ["required to optional", closed({ a: text }, { required: ["a"] }), closed({ a: text }), []],
  ["closing a model", open({ a: text }), closed({ a: text }), ["ADDITIONAL_PROPERTIES_REMOVED #/additionalProperties"]],
  ["opening a model", closed({ a: text }), open({ a: text }), []],
  [
    "limiting other properties",
    open({}),
    open({}, { additionalProperties: text }),
    ["ADDITIONAL_PROPERTIES_NARROWED #/additionalProperties"],
  ],
  [
    "other properties of another type",
    open({}, { additionalProperties: text }),
    open({}, { additionalProperties: number }),
    ["TYPE_CHANGED #/additionalProperties"],
  ],
  [
    "a property that other properties covered",
    open({}, { additionalProperties: text }),
    open({ a: text }, { additionalProperties: text }),
    [],
  ],
  [
    "a property that other properties did not cover",
    open({}, { additionalProperties: text }),
    open({ a: number }, { additionalProperties: text }),
    ["TYPE_CHANGED #/properties/a", "PROPERTY_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL #/properties/a"],
  ],
  [
    "deep inside",
    closed({ data: closed({ a: text }) }),
    closed({ data: closed({ a: number }) }),
    ["TYPE_CHANGED #/properties/data/properties/a"],
  ],
  ["maxLength added", text, { type: "string", maxLength: 9 }, ["MAX_LENGTH_ADDED #/maxLength"]],
  [
    "maxLength lower",
    { type: "string", maxLength: 9 },
    { type: "string", maxLength: 8 },
    ["MAX_LENGTH_DECREASED #/maxLength"],
  ],
  ["maxLength higher", { type: "string", maxLength: 9 }, { type: "string", maxLength: 10 }, []],
  [
    "minLength higher",
    { type: "string", minLength: 1 },
    { type: "string", minLength: 2 },
    ["MIN_LENGTH_INCREASED #/minLength"],
  ],
  ["minLength removed", { type: "string", minLength: 1 }, text, []],
  ["pattern added", text, { type: "string", pattern: "^a" }, ["PATTERN_ADDED #/pattern"]],
  [
    "pattern changed",
    { type: "string", pattern: "^a" },
    { type: "string", pattern: "^b" },
    ["PATTERN_CHANGED #/pattern"],
  ],
  ["pattern removed", { type: "string", pattern: "^a" }, text, []],
  ["minimum added", number, { type: "number", minimum: 0 }, ["MINIMUM_ADDED #/minimum"]],
  ["maximum lower", { type: "number", maximum: 5 }, { type: "number", maximum: 4 }, ["MAXIMUM_DECREASED #/maximum"]],
  ["exclusive minimum lower", { type: "number", exclusiveMinimum: 5 }, { type: "number", exclusiveMinimum: 4 }, []],
  ["multipleOf smaller", { type: "number", multipleOf: 10 }, { type: "number", multipleOf: 2 }, []],
  [
    "multipleOf larger",
    { type: "number", multipleOf: 0.5 },
    { type: "number", multipleOf: 10 },
    ["MULTIPLE_OF_EXPANDED #/multipleOf"],
  ],
  [
    "multipleOf another",
    { type: "number", multipleOf: 10 },
    { type: "number", multipleOf: 11 },
    ["MULTIPLE_OF_CHANGED #/multipleOf"],
  ],
  ["value added to an enumeration", { enum: ["a"] }, { enum: ["b", "a"] }, []],
  ["value taken from an enumeration", { enum: ["a", "b"] }, { enum: ["a"] }, ["ENUM_ARRAY_NARROWED #/enum"]],
  ["value exchanged", { enum: ["a"] }, { enum: ["b"] }, ["ENUM_ARRAY_CHANGED #/enum"]],
  ["enumeration of strings to any string", { type: "string", enum: ["a"] }, text, []],
  ["any string to an enumeration", text, { type: "string", enum: ["a"] }, ["TYPE_CHANGED #/"]],
  ["constant", { const: "a" }, { const: "b" }, ["ENUM_ARRAY_CHANGED #/const"]],
  ["items of another type", { type: "array", items: text }, { type: "array", items: number }, ["TYPE_CHANGED #/items"]],
  ["items limited at all", { type: "array" }, { type: "array", items: text }, ["SCHEMA_ADDED #/items"]],
  ["more items allowed", { type: "array", maxItems: 1 }, { type: "array", maxItems: 2 }, []],
  [
    "unique items wanted",
    { type: "array" },
    { type: "array", uniqueItems: true },
    ["UNIQUE_ITEMS_ADDED #/uniqueItems"],
  ],
  ["alternative added", { oneOf: [text] }, { oneOf: [number, text] }, []],
  ["alternative removed", { oneOf: [number, text] }, { oneOf: [text] }, ["SUM_TYPE_NARROWED #/"]],
  [
    "alternative exchanged",
    { anyOf: [text, number] },
    { anyOf: [text, { type: "null" }] },
    ["COMBINED_TYPE_SUBSCHEMAS_CHANGED #/"],
  ],
  ["demand added", { allOf: [text] }, { allOf: [text, { maxLength: 5 }] }, ["PRODUCT_TYPE_EXTENDED #/"]],
  ["demand removed", { allOf: [text, { enum: ["a"] }] }, { allOf: [text] }, []],
  ["oneOf to anyOf", { oneOf: [text, number] }, { anyOf: [text, number] }, []],
  ["anyOf to oneOf", { anyOf: [text, number] }, { oneOf: [text, number] }, ["COMBINED_TYPE_CHANGED #/"]],
  ["exclusion narrowed", { not: number }, { not: { type: "integer" } }, []],
  ["exclusion widened", { not: { type: "integer" } }, { not: number }, ["NOT_TYPE_EXTENDED #/not"]],
  [
    "dependency added",
    open({ a: text }),
    open({ a: text }, { dependencies: { a: ["b"] } }),
    ["DEPENDENCY_ARRAY_ADDED #/dependencies/a"],
  ],
  [
    "behind a reference",
    { $ref: "#/$defs/a", $defs: { a: text } },
    { $ref: "#/$defs/a", $defs: { a: number } },
    ["TYPE_CHANGED #/"],
  ],
];

describe("compatibility of JSON Schemas", () => {
  it.each(matrix)("%s", (_, writer, reader, problems) => {
    expect(read(writer, reader)).toEqual(problems);
  });

  it("explains every problem of the matrix with its path", () => {
    for (const [, writer, reader] of matrix)
      for (const problem of problemsOfReading({ writer: schemaDocument(writer), reader: schemaDocument(reader) }))
        expect(explain(problem)).toContain(`'${problem.path}'`);
  });

  it("ends on schemas that refer to themselves, and still finds what changed in them", () => {
    const tree = (leaf: Json): Json => ({
      $ref: "#/definitions/node",
      definitions: { node: closed({ leaf, children: { type: "array", items: { $ref: "#/definitions/node" } } }) },
    });
    expect(read(tree(text), tree(text))).toEqual([]);
    expect(read(tree(text), tree(number))).toContain("TYPE_CHANGED #/properties/leaf");
  });

  it("does not take a circle for compatible when a branch of it is not", () => {
    const schema = (first: string, second: string): Json => {
      const node = (id: string, ref: string): Json =>
        open({ id: { type: id }, ref: { oneOf: [{ $ref: `#/definitions/${ref}` }] } });
      return {
        ...(open({ root: { oneOf: [{ $ref: "#/definitions/a" }, { $ref: "#/definitions/b" }] } }) as object),
        definitions: { a: node(first, "c"), b: node(second, "c"), c: node("integer", "a") },
      };
    };
    expect(read(schema("integer", "boolean"), schema("boolean", "number"))).not.toEqual([]);
  });

  it("lets every schema read what it wrote itself", () => {
    const { schema } = fc.letrec<{ schema: Json }>((tie) => ({
      schema: fc.oneof(
        { maxDepth: 3 },
        fc.constantFrom<Json>(true, {}, text, number, { type: "integer" }, { type: "null" }, { enum: ["a", 1] }),
        fc.array(tie("schema"), { minLength: 1, maxLength: 3 }).map((anyOf): Json => ({ anyOf })),
        tie("schema").map((items): Json => ({ type: "array", items })),
        fc.dictionary(fc.constantFrom("a", "b", "c"), tie("schema")).map((properties): Json => closed(properties)),
      ),
    }));
    fc.assert(fc.property(schema, (one) => expect(read(one, structuredClone(one))).toEqual([])));
  });

  it("lets a closed envelope gain optional fields, whatever they are", () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string({ minLength: 1, maxLength: 8 }).filter((name) => name !== "__proto__"),
          fc.constantFrom(text, number, {}),
        ),
        (more) => {
          expect(read(closed({ data: closed({ id: text }) }), closed({ data: closed({ ...more, id: text }) }))).toEqual(
            [],
          );
        },
      ),
    );
  });
});

describe("largest matching", () => {
  it("gives up an early choice for a larger whole", () => {
    expect(
      largestMatching([
        [true, true],
        [true, false],
      ]),
    ).toBe(2);
    expect(
      largestMatching([
        [true, false],
        [true, false],
      ]),
    ).toBe(1);
    expect(largestMatching([])).toBe(0);
  });
});
