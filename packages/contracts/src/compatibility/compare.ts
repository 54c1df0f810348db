import type { ArrayNode, Limits, Node, ObjectNode, Part, SchemaDocument } from "./node.ts";
import type { Problem, ProblemKind } from "./problems.ts";

/**
 * Whether a reading schema takes everything that a writing schema allowed, and if not, where. The rules, and which
 * change counts as which problem, are those of the Confluent Schema Registry: an optional property may be added to a
 * closed model and removed from an open one; a required one may only be added with a default; limits may only widen.
 *
 * Schemas may refer to themselves, so pairs are compared once and remembered. A pair met again while it is being compared
 * is taken for compatible; where that turns out wrong, everything is compared once more with what is known by then, until
 * nothing new is found. Work is bounded: a schema that needs more comparisons than `maxComparisons` is refused.
 *
 * Source: Confluent documentation, "Schema Evolution and Compatibility", section JSON Schema.
 */
export function problemsOfReading({ writer, reader }: { writer: SchemaDocument; reader: SchemaDocument }): Problem[] {
  let known: PairMap<Problem[]> = new Map();
  let count = -1;
  for (;;) {
    const run = new Comparison(known);
    const problems = run.compare(writer.root(), reader.root());
    const bad = run.incompatiblePairs();
    if (!run.hasAssumed || bad.count === count) return problems;
    known = bad.pairs;
    count = bad.count;
  }
}

export class TooComplex extends Error {}

type PairMap<Value> = Map<Node, Map<Node, Value>>;

/** Keywords whose increase narrows; for the others a decrease does. */
const lowerLimits = new Set(["minLength", "minimum", "exclusiveMinimum", "minItems", "minContains", "minProperties"]);
const maxComparisons = 200_000;

class Comparison {
  hasAssumed = false;
  private readonly done: PairMap<Problem[]> = new Map();
  private readonly open: PairMap<true> = new Map();
  private readonly known: PairMap<Problem[]>;
  private left = maxComparisons;

  constructor(known: PairMap<Problem[]>) {
    this.known = known;
  }

  incompatiblePairs(): { pairs: PairMap<Problem[]>; count: number } {
    const pairs: PairMap<Problem[]> = new Map();
    let count = 0;
    for (const [writer, readers] of this.done)
      for (const [reader, problems] of readers)
        if (problems.length > 0) {
          put(pairs, writer, reader, problems);
          count++;
        }
    return { pairs, count };
  }

  /** @returns problems with paths relative to the pair */
  compare(writer: Node, reader: Node): Problem[] {
    const before = this.done.get(writer)?.get(reader);
    if (before) return before;
    if (this.open.get(writer)?.has(reader)) {
      const learned = this.known.get(writer)?.get(reader);
      if (learned) return learned;
      this.hasAssumed = true;
      return [];
    }
    if (--this.left < 0) throw new TooComplex(`more than ${maxComparisons} pairs of schemas would have to be compared`);
    put(this.open, writer, reader, true);
    const problems = this.comparePair(writer, reader);
    this.open.get(writer)?.delete(reader);
    put(this.done, writer, reader, problems);
    return problems;
  }

  private comparePair(writer: Node, reader: Node): Problem[] {
    if (this.isAlternative(writer, reader)) return [];
    if (writer.kind !== reader.kind)
      return writer.kind === "nothing" || reader.kind === "anything" ? [] : [at("", "TYPE_CHANGED")];
    if (writer.kind === "string" && reader.kind === "string")
      return [
        ...compareLimits(writer.limits, reader.limits),
        ...compareText("pattern", writer.pattern, reader.pattern),
        ...compareText("format", writer.format, reader.format),
      ];
    if (writer.kind === "number" && reader.kind === "number")
      return [
        ...compareLimits(writer.limits, reader.limits),
        ...compareMultiples(writer.multipleOf, reader.multipleOf),
        ...(reader.integer && !writer.integer ? [at("", "TYPE_NARROWED")] : []),
      ];
    if (writer.kind === "object" && reader.kind === "object") return this.compareObjects(writer, reader);
    if (writer.kind === "array" && reader.kind === "array") return this.compareArrays(writer, reader);
    if (writer.kind === "combined" && reader.kind === "combined") return this.compareCombined(writer, reader);
    if (writer.kind === "enum" && reader.kind === "enum") return compareValues(writer.values, reader.values);
    if (writer.kind === "const" && reader.kind === "const")
      return writer.value === reader.value ? [] : [at("const", "ENUM_ARRAY_CHANGED")];
    if (writer.kind === "not" && reader.kind === "not")
      // What the reader excludes must have been excluded by the writer: the other way round.
      return this.compare(reader.schema.node(), writer.schema.node()).length > 0
        ? [at("not", "NOT_TYPE_EXTENDED")]
        : [];
    return [];
  }

  /** One schema against a combination: it is enough that one alternative of the reader, or one demand of the writer, fits. */
  private isAlternative(writer: Node, reader: Node): boolean {
    if (writer.kind !== "combined" && reader.kind === "combined")
      return (
        (reader.parts.length === 1 || reader.criterion !== "allOf") &&
        reader.parts.some((part) => this.fits(writer, part.node()))
      );
    if (writer.kind === "combined" && reader.kind !== "combined")
      return (
        (writer.parts.length === 1 || writer.criterion === "allOf") &&
        writer.parts.some((part) => this.fits(part.node(), reader))
      );
    return false;
  }

  private fits(writer: Node, reader: Node): boolean {
    return this.compare(writer, reader).length === 0;
  }

  private below(path: string, writer: Part | undefined, reader: Part | undefined): Problem[] {
    if (!reader) return [];
    if (!writer) return [at(path, "SCHEMA_ADDED")];
    return this.compare(writer.node(), reader.node()).map(({ kind, path: rest }) => ({
      kind,
      path: joined(path, rest),
    }));
  }

  private compareObjects(writer: ObjectNode, reader: ObjectNode): Problem[] {
    const problems: Problem[] = [];
    for (const name of writer.properties.keys())
      if (
        reader.properties.has(name) &&
        !writer.required.has(name) &&
        reader.required.has(name) &&
        !reader.hasDefault(name)
      )
        problems.push(at(`required/${name}`, "REQUIRED_ATTRIBUTE_ADDED"));
    for (const name of new Set([...writer.properties.keys(), ...reader.properties.keys()])) {
      const path = `properties/${name}`;
      const before = writer.properties.get(name);
      const after = reader.properties.get(name);
      if (before && after) problems.push(...this.below(path, before, after));
      else if (before) problems.push(...this.removedProperty(path, name, before, reader));
      else if (after) problems.push(...this.addedProperty(path, name, after, writer, reader));
    }
    problems.push(...this.compareDependencies(writer, reader));
    problems.push(
      ...this.compareAdditional("additionalProperties", "ADDITIONAL_PROPERTIES", writer.additional, reader.additional),
    );
    problems.push(
      ...this.compareUnevaluated(
        "unevaluatedProperties",
        "UNEVALUATED_PROPERTIES",
        writer.unevaluated,
        reader.unevaluated,
      ),
    );
    problems.push(...compareLimits(writer.limits, reader.limits));
    return problems;
  }

  private removedProperty(path: string, name: string, before: Part, reader: ObjectNode): Problem[] {
    if (isOpen(reader)) return [];
    const covering = schemaForOther(reader, name);
    if (!covering)
      return before.node().kind === "nothing" ? [] : [at(path, "PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL")];
    const problems = this.below(path, before, covering);
    return problems.length === 0
      ? []
      : [...problems, at(path, "PROPERTY_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL")];
  }

  private addedProperty(path: string, name: string, after: Part, writer: ObjectNode, reader: ObjectNode): Problem[] {
    const isRequired = reader.required.has(name);
    const hasDefault = reader.hasDefault(name);
    if (isOpen(writer)) {
      if (after.node().kind === "anything") return [];
      if (!isRequired) return [at(path, "OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL")];
      return [
        at(
          path,
          hasDefault
            ? "REQUIRED_PROPERTY_WITH_DEFAULT_ADDED_TO_OPEN_CONTENT_MODEL"
            : "REQUIRED_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL",
        ),
      ];
    }
    const covering = schemaForOther(writer, name);
    const problems = covering ? this.below(path, covering, after) : [];
    return [
      ...problems,
      ...(problems.length > 0 ? [at(path, "PROPERTY_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL")] : []),
      ...(isRequired && !hasDefault ? [at(path, "REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL")] : []),
    ];
  }

  private compareDependencies(writer: ObjectNode, reader: ObjectNode): Problem[] {
    const problems: Problem[] = [];
    for (const [name, after] of reader.requires) {
      const before = writer.requires.get(name);
      const path = `dependencies/${name}`;
      if (!before) problems.push(at(path, "DEPENDENCY_ARRAY_ADDED"));
      else if (isSubset(after, before)) continue;
      else problems.push(at(path, isSubset(before, after) ? "DEPENDENCY_ARRAY_EXTENDED" : "DEPENDENCY_ARRAY_CHANGED"));
    }
    for (const [name, after] of reader.dependentSchemas) {
      const before = writer.dependentSchemas.get(name);
      if (before) problems.push(...this.below(`dependencies/${name}`, before, after));
      else problems.push(at(`dependencies/${name}`, "DEPENDENCY_SCHEMA_ADDED"));
    }
    return problems;
  }

  private compareAdditional(
    path: string,
    what: string,
    writer: ObjectNode["additional"],
    reader: ObjectNode["additional"],
  ): Problem[] {
    if (writer.allowed !== reader.allowed) return reader.allowed ? [] : [at(path, `${what}_REMOVED` as ProblemKind)];
    if (!writer.schema && reader.schema) return [at(path, `${what}_NARROWED` as ProblemKind)];
    return this.below(path, writer.schema, reader.schema);
  }

  private compareUnevaluated(
    path: string,
    what: string,
    writer: Part | undefined,
    reader: Part | undefined,
  ): Problem[] {
    if (!reader) return [];
    const before = writer?.node().kind ?? "anything";
    const after = reader.node().kind;
    if (after === "nothing") return before === "nothing" ? [] : [at(path, `${what}_REMOVED` as ProblemKind)];
    if (before === "nothing") return [];
    if (!writer || (before === "anything" && after !== "anything"))
      return [at(path, `${what}_NARROWED` as ProblemKind)];
    return this.below(path, writer, reader);
  }

  private compareArrays(writer: ArrayNode, reader: ArrayNode): Problem[] {
    const problems = this.below("items", writer.each, reader.each);
    for (let index = 0; index < Math.max(writer.tuple.length, reader.tuple.length); index++) {
      const before = writer.tuple[index];
      const after = reader.tuple[index];
      const path = `items/${index}`;
      if (before && after) problems.push(...this.below(path, before, after));
      else if (before) problems.push(...this.removedItem(path, before, reader));
      else if (after) problems.push(...this.addedItem(path, after, writer));
    }
    problems.push(
      ...this.compareAdditional("additionalItems", "ADDITIONAL_ITEMS", writer.additional, reader.additional),
    );
    problems.push(
      ...this.compareUnevaluated("unevaluatedItems", "UNEVALUATED_ITEMS", writer.unevaluated, reader.unevaluated),
    );
    problems.push(...compareLimits(writer.limits, reader.limits));
    if (reader.unique && !writer.unique) problems.push(at("uniqueItems", "UNIQUE_ITEMS_ADDED"));
    return problems;
  }

  private removedItem(path: string, before: Part, reader: ArrayNode): Problem[] {
    if (isOpen(reader)) return [];
    const covering = schemaForOther(reader);
    if (!covering) return before.node().kind === "nothing" ? [] : [at(path, "ITEM_REMOVED_FROM_CLOSED_CONTENT_MODEL")];
    const problems = this.below(path, before, covering);
    return problems.length === 0
      ? []
      : [...problems, at(path, "ITEM_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL")];
  }

  private addedItem(path: string, after: Part, writer: ArrayNode): Problem[] {
    if (isOpen(writer)) return after.node().kind === "anything" ? [] : [at(path, "ITEM_ADDED_TO_OPEN_CONTENT_MODEL")];
    const covering = schemaForOther(writer);
    const problems = covering ? this.below(path, covering, after) : [];
    return problems.length === 0
      ? []
      : [...problems, at(path, "ITEM_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL")];
  }

  private compareCombined(writer: Node & { kind: "combined" }, reader: Node & { kind: "combined" }): Problem[] {
    if (!isCriterionReadable(writer, reader)) return [at("", "COMBINED_TYPE_CHANGED")];
    const before = distinct(writer.parts);
    const after = distinct(reader.parts);
    const problems: Problem[] = [];
    if (before.length < after.length && reader.criterion === "allOf") problems.push(at("", "PRODUCT_TYPE_EXTENDED"));
    if (before.length > after.length && writer.criterion !== "allOf") problems.push(at("", "SUM_TYPE_NARROWED"));
    const readable = before.map((one) => after.map((other) => this.fits(one.node(), other.node())));
    if (largestMatching(readable) < Math.min(before.length, after.length))
      problems.push(at("", "COMBINED_TYPE_SUBSCHEMAS_CHANGED"));
    return problems;
  }
}

function put<Value>(map: PairMap<Value>, writer: Node, reader: Node, value: Value): void {
  let inner = map.get(writer);
  if (!inner) {
    inner = new Map();
    map.set(writer, inner);
  }
  inner.set(reader, value);
}

const at = (path: string, kind: ProblemKind): Problem => ({ kind, path: `#/${path}` });
const joined = (path: string, relative: string) =>
  relative.length <= 2 ? `#/${path}` : `#/${path}/${relative.slice(2)}`;

function compareLimits(writer: Limits, reader: Limits): Problem[] {
  const problems: Problem[] = [];
  for (const [keyword, after] of reader) {
    const before = writer.get(keyword);
    const name = keyword.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
    if (before === undefined) problems.push(at(keyword, `${name}_ADDED`));
    else if (lowerLimits.has(keyword) && after > before) problems.push(at(keyword, `${name}_INCREASED`));
    else if (!lowerLimits.has(keyword) && after < before) problems.push(at(keyword, `${name}_DECREASED`));
  }
  return problems;
}

function compareText(keyword: "pattern" | "format", writer: string | undefined, reader: string | undefined): Problem[] {
  if (reader === undefined || reader === writer) return [];
  const name = keyword === "pattern" ? "PATTERN" : "FORMAT";
  return [at(keyword, writer === undefined ? `${name}_ADDED` : `${name}_CHANGED`)];
}

function compareMultiples(writer: number | undefined, reader: number | undefined): Problem[] {
  if (reader === undefined || reader === writer) return [];
  if (writer === undefined) return [at("multipleOf", "MULTIPLE_OF_ADDED")];
  const isMultiple = (value: number, of: number) => Number.isInteger(Number((value / of).toPrecision(12)));
  if (isMultiple(reader, writer)) return [at("multipleOf", "MULTIPLE_OF_EXPANDED")];
  return isMultiple(writer, reader) ? [] : [at("multipleOf", "MULTIPLE_OF_CHANGED")];
}

function compareValues(writer: Set<string>, reader: Set<string>): Problem[] {
  if (isSubset(writer, reader)) return [];
  return [at("enum", isSubset(reader, writer) ? "ENUM_ARRAY_NARROWED" : "ENUM_ARRAY_CHANGED")];
}

const isSubset = (some: Set<string>, all: Set<string>) => [...some].every((one) => all.has(one));

/** `anyOf` reads every combination; a single alternative is the same under any name. */
function isCriterionReadable(writer: Node & { kind: "combined" }, reader: Node & { kind: "combined" }): boolean {
  const isOneWritten = writer.parts.length === 1;
  const isOneRead = reader.parts.length === 1;
  return (
    writer.criterion === reader.criterion ||
    reader.criterion === "anyOf" ||
    (isOneWritten && (isOneRead || reader.criterion === "oneOf")) ||
    (isOneRead && writer.criterion === "allOf")
  );
}

const distinct = (parts: Part[]): Part[] => [...new Map(parts.map((part) => [part.text, part])).values()];

const isOpen = (node: ObjectNode | ArrayNode): boolean =>
  node.additional.allowed &&
  !node.additional.schema &&
  !(node.kind === "object" && node.patterns.length > 0) &&
  (!node.unevaluated || node.unevaluated.node().kind === "anything");

/** What a model that is neither open nor closed wants of a property or item it does not name. */
function schemaForOther(node: ObjectNode | ArrayNode, name?: string): Part | undefined {
  if (node.kind === "object" && name !== undefined) {
    const byPattern = node.patterns.find(([pattern]) => pattern.test(name));
    if (byPattern) return byPattern[1];
  }
  if (node.additional.schema) return node.additional.schema;
  if (!node.additional.allowed || !node.unevaluated) return undefined;
  const { kind } = node.unevaluated.node();
  return kind === "nothing" || kind === "anything" ? undefined : node.unevaluated;
}

/** The size of the largest matching of rows to columns. Source: the augmenting-path algorithm for bipartite graphs. */
export function largestMatching(fits: boolean[][]): number {
  const rowOf = new Map<number, number>();
  const augment = (row: number, visited: Set<number>): boolean => {
    for (const [column, fit] of (fits[row] ?? []).entries()) {
      if (!fit || visited.has(column)) continue;
      visited.add(column);
      const taken = rowOf.get(column);
      if (taken === undefined || augment(taken, visited)) {
        rowOf.set(column, row);
        return true;
      }
    }
    return false;
  };
  return fits.filter((_, row) => augment(row, new Set())).length;
}
