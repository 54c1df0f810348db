import { extendAjv, narrowFormats } from "@weft/core";
import { _, Ajv } from "ajv";
import standaloneModule from "ajv/dist/standalone/index.js";
import formatsModule from "ajv-formats";
import type { TopicDeclaration } from "../contract.ts";
import { anyEnvelopeSchema, asReadersHold, dataSchema, type JsonSchema } from "../envelope-schema.ts";
import { banner } from "./banner.ts";
import type { SourceDocument } from "./read-documents.ts";

// Both are CommonJS with a default export inside the module object.
const standaloneCode = standaloneModule as unknown as typeof standaloneModule.default;
const addFormats = formatsModule as unknown as typeof formatsModule.default;

/** Ajv that keeps the source of what it compiles. Strict, so that a document says nothing that has no effect. */
export function newGeneratorAjv(): Ajv {
  const ajv = new Ajv({
    allErrors: true,
    strict: true,
    strictRequired: true,
    allowUnionTypes: true,
    code: { source: true, esm: true, lines: true, formats: _`formatsModule` },
  });
  addFormats(ajv);
  return extendAjv(ajv);
}

/** Name of a type in TypeScript: the newest major has the event's own name, older ones end in their major. */
function typeNames(sources: SourceDocument[]): Map<SourceDocument, string> {
  const newest = new Map(sources.map((source) => [source.document.eventType, source]));
  return new Map(
    sources.map((source) => {
      const { eventType } = source.document;
      return [source, newest.get(eventType) === source ? eventType : `${eventType}V${source.major}`];
    }),
  );
}

/** The interfaces of `data`. */
export async function emitTypes(sources: SourceDocument[]): Promise<string> {
  // A development tool of 10 MB: loaded only where types are generated.
  const { compile } = await import("json-schema-to-typescript");
  const names = typeNames(sources);
  const parts: string[] = [];
  for (const [source, name] of names) {
    const schema = dataSchema(source.document.schema, "closed");
    parts.push(
      await compile({ ...schema, description: source.document.description }, name, {
        bannerComment: "",
        additionalProperties: true,
        format: true,
        style: { printWidth: 120 },
      }),
    );
  }
  const newest = [...names].filter(([source, name]) => name === source.document.eventType);
  const map = newest.map(([, name]) => `  ${name}: ${name};`).join("\n");
  return `${banner}\n${parts.join("\n")}\n/** Event type → its \`data\`, in the newest major. */\nexport interface EventDataByType {\n${map}\n}\n`;
}

// Ajv writes each error in eight lines; in one, a service starts measurably sooner.
const errorPushed =
  /const (err\d+) = (\{.*\});\nif\(vErrors === null\)\{\nvErrors = \[\1\];\n\}\nelse \{\nvErrors\.push\(\1\);\n\}/g;

/** Ajv also writes every schema down, and needs only those with enums. */
function withoutUnused(code: string): string {
  return code.replaceAll(/^const (schema\d+) = .*\n/gm, (line, name: string) =>
    new RegExp(`\\b${name}\\b`).test(code.replace(line, "")) ? line : "",
  );
}

/** What the code calls a format: ours are those of every other validator here, too. */
const formatOf = (name: string) =>
  `${Object.hasOwn(narrowFormats, name) ? "narrowFormats" : "formatsModule.fullFormats"}["${name}"]`;

/** Validators as code: nothing is compiled when a service starts. What all envelopes share is there once. */
export function emitValidators(sources: SourceDocument[]): string {
  const ajv = newGeneratorAjv();
  const names: Record<string, string> = {};
  const add = (schema: JsonSchema, name: string) => {
    ajv.addSchema(asReadersHold(schema), name);
    names[name] = name;
  };
  const forms = ["closed", "open"] as const;
  for (const form of forms) add(anyEnvelopeSchema(form), `${form}Envelope`);
  const table: string[] = [];
  for (const [{ document, major }, name] of typeNames(sources)) {
    for (const form of forms) add(dataSchema(document.schema, form), `${form}${name}`);
    table.push(`  "${document.eventType} ${major}": { closed: closed${name}, open: open${name} },`);
  }
  const code = withoutUnused(
    standaloneCode(ajv, names)
      .replace(/^"use strict";\n?/, "")
      .replaceAll('require("ajv/dist/runtime/ucs2length").default', "ucs2lengthModule.default")
      .replaceAll('require("ajv/dist/runtime/equal").default', "equalModule.default")
      .replaceAll(/\bformatsModule(?:\["([^"]+)"\]|\.(\w+))/g, (_match, quoted?: string, plain?: string) =>
        formatOf(quoted ?? plain!),
      )
      .replaceAll(/^export const (closed|open)/gm, "const $1")
      .replaceAll(errorPushed, "(vErrors ??= []).push($2);"),
  );
  const leftOver = /require\([^)]*\)/.exec(code);
  if (leftOver)
    throw new Error(`the validators need ${leftOver[0]}, which this generator cannot import; extend emitValidators`);
  const imports = [
    ["equalModule", "ajv/dist/runtime/equal.js"],
    ["formatsModule", "ajv-formats/dist/formats.js"],
    ["{ narrowFormats }", "@weft/core"],
    ["ucs2lengthModule", "ajv/dist/runtime/ucs2length.js"],
  ].filter(([name = ""]) => new RegExp(`\\b${name.replaceAll(/[{} ]/g, "")}[.[]`).test(code));
  return [
    "// @ts-nocheck: Ajv writes JavaScript.",
    banner,
    ...imports.map(([name, from]) => `import ${name} from "${from}";`),
    'import type { CompiledValidator } from "../contract.ts";\n',
    code,
    "export interface Forms {\n  closed: CompiledValidator;\n  open: CompiledValidator;\n}\n",
    "/** What all envelopes have in common; `data` is only an object here. */",
    "export const envelopeValidators: Forms = { closed: closedEnvelope, open: openEnvelope };\n",
    "/** `<event type> <major>` → the validators of its `data`. */",
    "export const dataValidators: { readonly [name: string]: Forms } = {",
    ...table,
    "};\n",
  ].join("\n");
}

/** The documents as data, so that nothing reads `schemas/` when it runs. Indented little: services load it. */
export function emitDocuments(sources: SourceDocument[], topics: TopicDeclaration[]): string {
  const documents = sources.map(({ document, major }) => {
    const { eventType, version, topic, key, publishers, description, schema, examples, counterExamples } = document;
    return { eventType, version, major, topic, key, publishers, description, schema, examples, counterExamples };
  });
  return [
    banner,
    'import type { ContractDocument, TopicDeclaration } from "../contract.ts";\n',
    "/** Every event type in every major, by name and major. */",
    `export const documents = ${JSON.stringify(documents, null, 1)} as unknown as readonly ContractDocument[];\n`,
    `export const topics: readonly TopicDeclaration[] = ${JSON.stringify(topics, null, 1)};\n`,
  ].join("\n");
}
