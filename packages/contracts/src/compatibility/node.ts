/**
 * A JSON Schema seen as one kind of thing, which is what compatibility compares. A schema that says several things at once
 * (`type` and `enum`, say) is the combination `allOf` of them; a list of types is `anyOf`. Keywords without a `type` imply one.
 * Drafts 4 to 7 and 2020-12. Source: Confluent Schema Registry "JSON Schema compatibility", whose reading of a schema
 * (that of the library everit-json-schema) this follows, because its verdicts follow from it.
 */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };
type Criterion = "allOf" | "anyOf" | "oneOf";

export interface Part {
  /** Canonical text: two parts of the same text are one. */
  text: string;
  node(): Node;
}

export interface ObjectNode {
  kind: "object";
  properties: Map<string, Part>;
  required: Set<string>;
  hasDefault(name: string): boolean;
  patterns: [RegExp, Part][];
  /** Other properties are allowed; with a schema, only such that match it. */
  additional: { allowed: boolean; schema?: Part };
  unevaluated?: Part;
  requires: Map<string, Set<string>>;
  dependentSchemas: Map<string, Part>;
  limits: Limits;
}

export interface ArrayNode {
  kind: "array";
  /** For every item, or absent. */
  each?: Part;
  /** By position. */
  tuple: Part[];
  additional: { allowed: boolean; schema?: Part };
  unevaluated?: Part;
  unique: boolean;
  limits: Limits;
}

export type Node =
  | { kind: "anything" | "nothing" | "boolean" | "null" | "conditional" }
  | { kind: "string"; pattern?: string; format?: string; limits: Limits }
  | { kind: "number"; integer: boolean; multipleOf?: number; limits: Limits }
  | ObjectNode
  | ArrayNode
  | { kind: "enum"; values: Set<string> }
  | { kind: "const"; value: string }
  | { kind: "not"; schema: Part }
  | { kind: "combined"; criterion: Criterion; parts: Part[] };

/** `maximum`, `minLength` and the like, by keyword. */
export type Limits = Map<string, number>;

export class UnresolvedReference extends Error {}

const groups = {
  string: ["minLength", "maxLength", "pattern"],
  number: ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"],
  array: [
    "items",
    "prefixItems",
    "additionalItems",
    "minItems",
    "maxItems",
    "uniqueItems",
    "contains",
    "minContains",
    "maxContains",
    "unevaluatedItems",
  ],
  object: [
    "properties",
    "required",
    "minProperties",
    "maxProperties",
    "dependencies",
    "dependentRequired",
    "dependentSchemas",
    "patternProperties",
    "additionalProperties",
    "propertyNames",
    "unevaluatedProperties",
  ],
} as const;
const limitKeywords = {
  string: ["minLength", "maxLength"],
  number: ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"],
  array: ["minItems", "maxItems", "minContains", "maxContains"],
  object: ["minProperties", "maxProperties"],
} as const;
const combinations = ["allOf", "anyOf", "oneOf"] as const;

export interface SchemaDocument {
  root(): Node;
}

/**
 * @param references schemas that this one may name in `$ref`, by that name
 * @param hasFormats whether `format` is a demand, as it is for whoever validates with formats. Registries do not look at it.
 */
export function schemaDocument(
  schema: Json,
  references: Record<string, Json> = {},
  { hasFormats = false }: { hasFormats?: boolean } = {},
): SchemaDocument {
  const known = new WeakMap<JsonObject, Node>();
  const documents = new Map(Object.entries(references));

  const part = (raw: Json, root: Json): Part => {
    let text: string | undefined;
    return {
      get text() {
        text ??= canonicalText(raw);
        return text;
      },
      node: () => nodeOf(raw, root, 0),
    };
  };

  function nodeOf(raw: Json, root: Json, hops: number): Node {
    if (raw === true) return { kind: "anything" };
    if (raw === false) return { kind: "nothing" };
    if (!isObject(raw)) throw new UnresolvedReference("a schema must be an object or a boolean");
    const cached = known.get(raw);
    if (cached) return cached;
    const node = typeof raw.$ref === "string" ? follow(raw.$ref, root, hops) : read(raw, root);
    known.set(raw, node);
    return node;
  }

  function follow(ref: string, root: Json, hops: number): Node {
    if (hops > 50) throw new UnresolvedReference(`$ref ${ref} leads in a circle`);
    const [name = "", fragment = ""] = ref.split("#");
    const isOwn = name === "" || (isObject(root) && (root.$id === name || root.id === name));
    const document = isOwn ? root : documents.get(name);
    if (document === undefined) throw new UnresolvedReference(`$ref ${ref} is not among the references`);
    const target =
      fragment === "" || fragment.startsWith("/") ? atPointer(document, fragment) : atAnchor(document, fragment);
    if (target === undefined) throw new UnresolvedReference(`$ref ${ref} points nowhere`);
    return nodeOf(target, document, hops + 1);
  }

  function read(raw: JsonObject, root: Json): Node {
    const found: Node[] = [];
    const one = (value: Json) => part(value, root);
    const typed = (type: string): Node => {
      const node = ofType(type, raw, one);
      const isDemand = hasFormats && node.kind === "string" && typeof raw.format === "string";
      return isDemand ? { ...node, format: raw.format as string } : node;
    };
    if (Array.isArray(raw.enum)) found.push({ kind: "enum", values: new Set(raw.enum.map(canonicalText)) });
    for (const criterion of combinations) {
      const parts = raw[criterion];
      if (Array.isArray(parts)) found.push({ kind: "combined", criterion, parts: parts.map(one) });
    }
    if (raw.not !== undefined) found.push({ kind: "not", schema: one(raw.not) });
    if (raw.const !== undefined) found.push({ kind: "const", value: canonicalText(raw.const) });
    if (raw.if !== undefined) found.push({ kind: "conditional" });
    const types = typeof raw.type === "string" ? [raw.type] : Array.isArray(raw.type) ? raw.type.map(String) : [];
    const said = new Set(types.map((type) => (type === "integer" ? "number" : type)));
    if (Array.isArray(raw.type)) {
      // Each type with the keywords that are its own.
      const parts = types.map((type): Part => ({ text: type, node: () => typed(type) }));
      found.push({ kind: "combined", criterion: "anyOf", parts });
    } else if (types[0] !== undefined) {
      found.push(typed(types[0]));
    }
    for (const [type, keywords] of Object.entries(groups))
      if (!said.has(type) && keywords.some((keyword) => raw[keyword] !== undefined)) found.push(typed(type));
    if (found.length === 0) return { kind: "anything" };
    if (found.length === 1) return found[0]!;
    return {
      kind: "combined",
      criterion: "allOf",
      parts: found.map((node, index) => ({ text: `${node.kind} ${index} ${canonicalText(raw)}`, node: () => node })),
    };
  }

  return { root: () => nodeOf(schema, schema, 0) };
}

function ofType(type: string, raw: JsonObject, one: (value: Json) => Part): Node {
  switch (type) {
    case "boolean":
    case "null":
      return { kind: type };
    case "string":
      return {
        kind: "string",
        limits: limitsOf(raw, limitKeywords.string),
        ...(typeof raw.pattern === "string" ? { pattern: raw.pattern } : {}),
      };
    case "integer":
    case "number":
      return {
        kind: "number",
        integer: type === "integer",
        limits: limitsOf(raw, limitKeywords.number),
        ...(typeof raw.multipleOf === "number" ? { multipleOf: raw.multipleOf } : {}),
      };
    case "array":
      return arrayOf(raw, one);
    case "object":
      return objectOf(raw, one);
    default:
      throw new UnresolvedReference(`there is no type ${type}`);
  }
}

function objectOf(raw: JsonObject, one: (value: Json) => Part): ObjectNode {
  const properties = isObject(raw.properties) ? raw.properties : {};
  const dependencies = Object.entries({
    ...(isObject(raw.dependencies) ? raw.dependencies : {}),
    ...(isObject(raw.dependentRequired) ? raw.dependentRequired : {}),
    ...(isObject(raw.dependentSchemas) ? raw.dependentSchemas : {}),
  });
  return {
    kind: "object",
    properties: new Map(Object.entries(properties).map(([name, schema]) => [name, one(schema)])),
    required: new Set(Array.isArray(raw.required) ? raw.required.map(String) : []),
    hasDefault: (name) => isObject(properties[name]) && properties[name].default !== undefined,
    patterns: Object.entries(isObject(raw.patternProperties) ? raw.patternProperties : {}).map(([pattern, schema]) => [
      new RegExp(pattern, "u"),
      one(schema),
    ]),
    additional: additionalOf(raw.additionalProperties, one),
    ...(raw.unevaluatedProperties === undefined ? {} : { unevaluated: one(raw.unevaluatedProperties) }),
    requires: new Map(
      dependencies.flatMap(([name, needs]) => (Array.isArray(needs) ? [[name, new Set(needs.map(String))]] : [])),
    ),
    dependentSchemas: new Map(
      dependencies.flatMap(([name, needs]) => (Array.isArray(needs) ? [] : [[name, one(needs)]])),
    ),
    limits: limitsOf(raw, limitKeywords.object),
  };
}

function arrayOf(raw: JsonObject, one: (value: Json) => Part): ArrayNode {
  // 2020-12 calls the tuple `prefixItems` and what follows it `items`; before, `items` and `additionalItems`.
  const isNew = Array.isArray(raw.prefixItems);
  const tuple = isNew ? raw.prefixItems : Array.isArray(raw.items) ? raw.items : [];
  const rest = isNew ? raw.items : raw.additionalItems;
  const each = !isNew && raw.items !== undefined && !Array.isArray(raw.items) ? one(raw.items) : undefined;
  return {
    kind: "array",
    tuple: (tuple as Json[]).map(one),
    additional: additionalOf(rest, one),
    ...(each ? { each } : {}),
    ...(raw.unevaluatedItems === undefined ? {} : { unevaluated: one(raw.unevaluatedItems) }),
    unique: raw.uniqueItems === true,
    limits: limitsOf(raw, limitKeywords.array),
  };
}

const additionalOf = (value: Json | undefined, one: (value: Json) => Part): { allowed: boolean; schema?: Part } =>
  isObject(value) ? { allowed: true, schema: one(value) } : { allowed: value !== false };

function limitsOf(raw: JsonObject, keywords: readonly string[]): Limits {
  const limits: Limits = new Map();
  for (const keyword of keywords) {
    const value = raw[keyword];
    if (typeof value === "number") limits.set(keyword, value);
    // Draft 4: a boolean beside `maximum` makes that one exclusive.
    else if (value === true && keyword.startsWith("exclusive")) {
      const inclusive = keyword === "exclusiveMaximum" ? "maximum" : "minimum";
      const bound = limits.get(inclusive);
      if (bound !== undefined) limits.set(keyword, bound);
      limits.delete(inclusive);
    }
  }
  return limits;
}

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The same text for the same value, whatever the order of its keys. */
export function canonicalText(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(",")}]`;
  if (!isObject(value)) return JSON.stringify(value);
  return `{${Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalText(value[key]!)}`)
    .join(",")}}`;
}

function atPointer(document: Json, pointer: string): Json | undefined {
  let at: Json | undefined = document;
  for (const step of pointer.split("/").slice(1)) {
    const key = decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~");
    if (Array.isArray(at)) at = at[Number(key)];
    else if (isObject(at) && Object.hasOwn(at, key)) at = at[key];
    else return undefined;
  }
  return at;
}

function atAnchor(document: Json, anchor: string): Json | undefined {
  const open: Json[] = [document];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (isObject(at) && (at.$anchor === anchor || at.$id === `#${anchor}` || at.id === `#${anchor}`)) return at;
    if (typeof at === "object" && at !== null) open.push(...Object.values(at));
  }
  return undefined;
}
