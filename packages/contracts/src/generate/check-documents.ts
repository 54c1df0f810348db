import { fieldErrorsOf } from "@weft/core";
import type { Ajv, ValidateFunction } from "ajv";
import type { TopicDeclaration } from "../contract.ts";
import { asReadersHold, envelopeSchema, type JsonSchema } from "../envelope-schema.ts";
import type { Problem } from "./problems.ts";
import { problemsOf, type SourceDocument } from "./read-documents.ts";

/** What the closed and the open form can both be made of. `$ref`, `allOf`, `if` and their like would break one of them. */
const keywords = new Set(
  `type description title properties required additionalProperties items minItems maxItems uniqueItems minProperties
  maxProperties enum const format pattern minLength maxLength minimum maximum exclusiveMinimum exclusiveMaximum multipleOf
  anyOf oneOf default examples`.split(/\s+/),
);
const maxDepth = 16;

/** Compiles the closed form of each document and checks what a shape alone does not say: topic, key, examples. */
export function checkDocuments(sources: SourceDocument[], topics: TopicDeclaration[], ajv: Ajv): Problem[] {
  const eventTopics = topics.filter(({ kind }) => kind === "events").map(({ name }) => name);
  const problems: Problem[] = [];
  for (const source of sources) {
    const validate = checkDocument(source, eventTopics, ajv, problems);
    for (const old of source.history) {
      checkDocument(old, eventTopics, ajv, problems);
      if (validate) checkHistory(old, source, validate, problems);
    }
  }
  return problems;
}

function checkDocument(
  { file, document, major }: SourceDocument,
  eventTopics: string[],
  ajv: Ajv,
  problems: Problem[],
): ValidateFunction | undefined {
  const { topic, key, schema } = document;
  if (!eventTopics.includes(topic)) {
    problems.push({
      file,
      path: "topic",
      problem: `${topic} is not declared in topics.json: declare it there, or use one of ${eventTopics.join(", ")}`,
    });
  }
  const field = (schema.properties as Record<string, JsonSchema>)[key];
  if (field?.type !== "string" || !(schema.required as string[]).includes(key)) {
    problems.push({
      file,
      path: "key",
      problem: `${key} must be a field of data with "type": "string" that is in schema.required: it is the key of every record`,
    });
  }
  const unsupported = unsupportedParts(schema, "schema");
  problems.push(...unsupported.map((part) => ({ file, ...part })));
  if (unsupported.length > 0) return undefined;
  let validate: ValidateFunction;
  try {
    validate = ajv.compile(asReadersHold(envelopeSchema({ ...document, major }, "closed")));
  } catch (error) {
    problems.push({
      file,
      path: "schema",
      problem: `is not a JSON Schema that can be compiled: ${compileMessage(error)}`,
    });
    return undefined;
  }
  for (const [index, example] of document.examples.entries()) {
    if (validate(example)) {
      if (document.publishers.includes(String(example.source))) continue;
      const problem = `is ${example.source}, which is none of publishers: an example is an event that readers take`;
      problems.push({ file, path: `examples.${index}.source`, problem });
      continue;
    }
    for (const problem of problemsOf(
      file,
      fieldErrorsOf(validate.errors ?? []),
      "an example must validate: correct it, or the schema",
    )) {
      problems.push({ ...problem, path: `examples.${index}.${problem.path}` });
    }
  }
  for (const [index, { reason, envelope }] of document.counterExamples.entries()) {
    if (validate(envelope)) {
      problems.push({
        file,
        path: `counterExamples.${index}`,
        problem: `validates, although it should not ("${reason}"): make the schema refuse it, or delete it`,
      });
    }
  }
  return validate;
}

function checkHistory(
  old: SourceDocument,
  current: SourceDocument,
  validate: ValidateFunction,
  problems: Problem[],
): void {
  const { document } = current;
  for (const field of ["topic", "key"] as const) {
    if (old.document[field] !== document[field]) {
      problems.push({
        file: current.file,
        path: field,
        problem: `was ${old.document[field]} in ${old.document.version}, and a minor cannot move it: take it back, or write a new major`,
      });
    }
  }
  for (const [index, example] of old.document.examples.entries()) {
    if (validate(example)) continue;
    for (const [path, problem] of Object.entries(fieldErrorsOf(validate.errors ?? []))) {
      problems.push({
        file: current.file,
        path,
        problem: `${problem}, which ${document.version} asks of examples.${index} of ${old.file}: a minor only adds optional fields; take the change back, or write a new major`,
      });
    }
  }
}

function compileMessage(error: unknown): string {
  const message = (error as Error).message;
  const known = /unknown format/.test(message)
    ? " (known formats: date-time, date, time, duration, email, hostname, ipv4, ipv6, uri, uuid)"
    : "";
  return `${message.replace(/^strict mode: /, "")}${known}`;
}

function unsupportedParts(schema: unknown, path: string, depth = 0): { path: string; problem: string }[] {
  if (typeof schema === "boolean") return [];
  if (typeof schema !== "object" || schema === null || Array.isArray(schema)) {
    return [{ path, problem: 'must be a schema: an object such as { "type": "string" }' }];
  }
  if (depth > maxDepth) return [{ path, problem: `is nested deeper than ${maxDepth}: flatten it` }];
  return Object.entries(schema).flatMap(([keyword, value]) => {
    const here = `${path}.${keyword}`;
    if (!keywords.has(keyword)) {
      return [
        {
          path: here,
          problem: `is not a keyword that event documents use: write the fields out with ${[...keywords].slice(0, 7).join(", ")}, …`,
        },
      ];
    }
    if (keyword === "properties" && typeof value === "object" && value !== null) {
      return Object.entries(value).flatMap(([name, field]) => unsupportedParts(field, `${here}.${name}`, depth + 1));
    }
    if (keyword === "items" || keyword === "additionalProperties") return unsupportedParts(value, here, depth + 1);
    if ((keyword === "anyOf" || keyword === "oneOf") && Array.isArray(value)) {
      return value.flatMap((branch, index) => unsupportedParts(branch, `${here}.${index}`, depth + 1));
    }
    return [];
  });
}
