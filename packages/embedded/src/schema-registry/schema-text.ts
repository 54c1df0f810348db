import { canonicalText, isObject, type Json, schemaDocument } from "@weft/contracts/compatibility";
import { Ajv } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import { refusals } from "./refusal.ts";

export interface ParsedSchema {
  /** One line, without spaces, keys as they came. It is what makes two schemas the same, and what is given back. */
  text: string;
  schema: Json;
}

const bounds = { maxBytes: 1024 * 1024, maxDepth: 100 };
/** Under these stand values, not schemas. */
const dataKeywords = new Set(["const", "default", "enum", "examples"]);
const checkers = new Map<
  string,
  { validateSchema(schema: object | boolean): unknown; errors?: { instancePath: string; message?: string }[] | null }
>();

/**
 * Reads a JSON Schema as it is registered, and refuses what is none: no JSON, too large or deep, wrong by its draft's own
 * schema, a pattern that is no regular expression. Remote references are never fetched.
 * @throws Refusal 42201, 42209
 */
export function parseSchema(text: string, { normalize }: { normalize: boolean }): ParsedSchema {
  if (text.trim() === "") throw refusals.invalidSchema("Empty schema");
  if (Buffer.byteLength(text) > bounds.maxBytes) throw refusals.tooLarge(bounds.maxBytes);
  let schema: Json;
  try {
    schema = JSON.parse(text) as Json;
  } catch (error) {
    throw refusals.invalidSchema((error as Error).message);
  }
  if (!isObject(schema) && typeof schema !== "boolean")
    throw refusals.invalidSchema("a JSON Schema is an object or a boolean");
  checkShape(schema, "#", 0);
  checkAgainstDraft(schema);
  return { schema, text: normalize ? canonicalText(schema) : JSON.stringify(schema) };
}

/** @throws Refusal 42201 when a `$ref` leads nowhere */
export function checkReferences(schema: Json, references: Record<string, Json>): void {
  const refs: Json[] = [];
  const walk = (value: Json): void => {
    if (typeof value !== "object" || value === null) return;
    if (isObject(value) && typeof value.$ref === "string") refs.push({ $ref: value.$ref });
    for (const [key, inner] of Object.entries(value)) if (!dataKeywords.has(key)) walk(inner);
  };
  walk(schema);
  for (const ref of refs) {
    const name = (ref as { $ref: string }).$ref;
    // Against the metaschema itself nothing is looked up.
    if (/^https?:\/\/json-schema\.org\//.test(name)) continue;
    try {
      const holder = isObject(schema) ? { ...schema, $ref: name } : schema;
      schemaDocument(holder, references).root();
    } catch (error) {
      throw refusals.invalidSchema((error as Error).message);
    }
  }
}

function checkShape(value: Json, path: string, depth: number): void {
  if (depth > bounds.maxDepth) throw refusals.invalidSchema(`it is nested more than ${bounds.maxDepth} levels deep`);
  if (typeof value !== "object" || value === null) return;
  if (isObject(value)) {
    if (typeof value.pattern === "string") checkPattern(value.pattern, `${path}/pattern`);
    if (isObject(value.patternProperties))
      for (const pattern of Object.keys(value.patternProperties)) checkPattern(pattern, `${path}/patternProperties`);
  }
  for (const [key, inner] of Object.entries(value))
    if (!dataKeywords.has(key)) checkShape(inner, `${path}/${key}`, depth + 1);
}

function checkPattern(pattern: string, path: string): void {
  try {
    new RegExp(pattern, "u");
  } catch {
    throw refusals.invalidSchema(`${path} is not a regular expression`);
  }
}

function checkAgainstDraft(schema: Json): void {
  if (!isObject(schema)) return;
  const draft = typeof schema.$schema === "string" ? schema.$schema : "draft-07";
  const family = /2019-09|2020-12/.test(draft) ? "2020" : /draft-0[67]/.test(draft) ? "07" : undefined;
  if (family === undefined) return; // draft 4 and private dialects: the shape is all that is checked
  let checker = checkers.get(family);
  if (!checker) {
    checker = family === "2020" ? new Ajv2020({ strict: false }) : new Ajv({ strict: false });
    checkers.set(family, checker);
  }
  // Under the family's own draft, whichever of the two the document names.
  const { $schema: _, ...rest } = schema;
  if (checker.validateSchema(rest)) return;
  const [first] = checker.errors ?? [];
  throw refusals.invalidSchema(`#${first?.instancePath ?? ""} ${first?.message ?? "is wrong"}`);
}
