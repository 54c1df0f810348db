import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { compileValidator, type FieldErrors } from "@weft/core";
import type { TopicDeclaration } from "../contract.ts";
import { type JsonSchema, versionParts } from "../envelope-schema.ts";
import type { Problem } from "./problems.ts";

/** A schema document as a person wrote it. */
export interface EventDocument {
  eventType: string;
  version: string;
  topic: string;
  key: string;
  /** The services that may publish it. */
  publishers: string[];
  description: string;
  schema: JsonSchema;
  examples: Record<string, unknown>[];
  counterExamples: { reason: string; envelope: Record<string, unknown> }[];
}

export interface SourceDocument {
  /** As seen from the schemas folder, with `/`. */
  file: string;
  document: EventDocument;
  major: number;
  minor: number;
  /** Older minors of the same type and major, oldest first. */
  history: SourceDocument[];
}

interface TopicsFile {
  defaults: Pick<TopicDeclaration, "partitions" | "retentionMs" | "replication">;
  topics: (Pick<TopicDeclaration, "name" | "description"> & Partial<TopicsFile["defaults"]>)[];
  deadLetters: Partial<TopicsFile["defaults"]> & { groups: string[] };
}

/** Where documents are read from: a folder, or a commit. Names are as seen from the schemas folder, with `/`. */
export interface SchemaFiles {
  /** @throws an error with a `code` where there is no such folder */
  list(folder: string): string[];
  /** @throws an error with a `code` where there is no such file */
  read(file: string): string;
}

const inFolder = (schemasDir: string): SchemaFiles => ({
  list: (folder) =>
    readdirSync(join(schemasDir, folder), { recursive: true, encoding: "utf8" }).map(
      (name) => `${folder}/${name.replaceAll("\\", "/")}`,
    ),
  read: (file) => readFileSync(join(schemasDir, file), "utf8"),
});

const maxDocumentBytes = 1_048_576;

/** Reads everything under `schemas/` that is ours and has the right shape; what has not is in `problems`. */
export function readSchemas(schemas: string | SchemaFiles): {
  sources: SourceDocument[];
  topics: TopicDeclaration[];
  problems: Problem[];
} {
  const files = typeof schemas === "string" ? inFolder(schemas) : schemas;
  const problems: Problem[] = [];
  const topics = readTopics(files, problems);
  const checkDocument = validatorFrom(files, "event-document.schema.json", problems);
  const found: SourceDocument[] = [];
  const older: SourceDocument[] = [];
  for (const file of documentFiles(files, problems)) {
    const document = readJson(files, file, problems);
    if (document === undefined) continue;
    const fieldErrors = checkDocument?.(document);
    if (fieldErrors) problems.push(...problemsOf(file, fieldErrors, "schemas/README.md shows a whole document"));
    if (fieldErrors || !checkDocument) continue;
    const source = {
      file,
      document: document as EventDocument,
      history: [],
      ...versionParts((document as EventDocument).version),
    };
    const expected = fileNameOf(source, file.includes("/history/"));
    if (!file.endsWith(`/${expected}`)) {
      problems.push({
        file,
        problem: `holds ${source.document.eventType} ${source.document.version}: call the file ${expected}`,
      });
    }
    (file.includes("/history/") ? older : found).push(source);
  }
  attachHistory(found, older, problems);
  if (found.length === 0 && problems.length === 0) {
    problems.push({ file: "events", problem: "has no document: add events/<domain>/<event-in-kebab-case>.json" });
  }
  return { sources: found.sort(bySourceOrder), topics, problems };
}

const bySourceOrder = (a: SourceDocument, b: SourceDocument) =>
  compareText(a.document.eventType, b.document.eventType) || a.major - b.major;

// Not localeCompare: the order must not depend on the machine's language.
const compareText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** What the file of a document must be called. */
export function fileNameOf(
  { document, major }: Pick<SourceDocument, "document" | "major">,
  isHistory: boolean,
): string {
  const kebab = document.eventType
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1-$2")
    .toLowerCase();
  if (isHistory) return `${kebab}.${document.version}.json`;
  return major === 1 ? `${kebab}.json` : `${kebab}.v${major}.json`;
}

function attachHistory(found: SourceDocument[], older: SourceDocument[], problems: Problem[]): void {
  const newest = new Map<string, SourceDocument>();
  for (const source of found) {
    const name = `${source.document.eventType} ${source.major}`;
    const other = newest.get(name);
    if (other) {
      problems.push({
        file: source.file,
        problem: `holds ${source.document.eventType} in major ${source.major}, and so does ${other.file}: one event type and major has one document; move the older minor to history/, or give this one another eventType`,
      });
    } else newest.set(name, source);
  }
  for (const source of older) {
    const { eventType, version } = source.document;
    const current = newest.get(`${eventType} ${source.major}`);
    if (!current) {
      problems.push({
        file: source.file,
        problem: `is history of ${eventType} ${source.major}.x, which has no document beside it: add the newest one, or delete this file`,
      });
    } else if (current.minor <= source.minor) {
      problems.push({
        file: source.file,
        problem: `is history, but ${version} is not older than the ${current.document.version} of ${current.file}: raise that version`,
      });
    } else if (current.history.some(({ minor }) => minor === source.minor)) {
      problems.push({
        file: source.file,
        problem: `holds ${eventType} ${version}, and so does ${current.history.find(({ minor }) => minor === source.minor)?.file}: one version has one document; delete the one that was not published`,
      });
    } else current.history.push(source);
  }
  for (const source of found) source.history.sort((a, b) => a.minor - b.minor);
}

function documentFiles(files: SchemaFiles, problems: Problem[]): string[] {
  try {
    return files
      .list("events")
      .filter((file) => file.endsWith(".json"))
      .sort(compareText);
  } catch (error) {
    problems.push({
      file: "events",
      problem: `cannot be read (${(error as NodeJS.ErrnoException).code}): is this the schemas folder?`,
    });
    return [];
  }
}

function readJson(files: SchemaFiles, file: string, problems: Problem[]): unknown {
  let text: string;
  try {
    text = files.read(file);
  } catch (error) {
    problems.push({
      file,
      problem: `cannot be read (${(error as NodeJS.ErrnoException).code}): restore it from version control`,
    });
    return undefined;
  }
  if (Buffer.byteLength(text) > maxDocumentBytes) {
    problems.push({ file, problem: `is larger than ${maxDocumentBytes} bytes: shorten its examples` });
    return undefined;
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    problems.push({ file, problem: `is not JSON: ${(error as Error).message.replaceAll(/\s+/g, " ")}` });
    return undefined;
  }
}

function validatorFrom(files: SchemaFiles, file: string, problems: Problem[]) {
  const schema = readJson(files, file, problems);
  if (schema === undefined) return undefined;
  try {
    return compileValidator(schema as JsonSchema);
  } catch (error) {
    problems.push({
      file,
      problem: `is not a JSON Schema: ${(error as Error).message}; restore it from version control`,
    });
    return undefined;
  }
}

export function problemsOf(file: string, fieldErrors: FieldErrors, wayOut: string): Problem[] {
  return Object.entries(fieldErrors).map(([path, problem]) => ({ file, path, problem: `${problem}; ${wayOut}` }));
}

function readTopics(files: SchemaFiles, problems: Problem[]): TopicDeclaration[] {
  const file = "topics.json";
  const check = validatorFrom(files, "topics.schema.json", problems);
  const content = readJson(files, file, problems);
  if (!check || content === undefined) return [];
  const fieldErrors = check(content);
  if (fieldErrors) {
    problems.push(...problemsOf(file, fieldErrors, "topics.schema.json has the shape"));
    return [];
  }
  const { defaults, topics, deadLetters } = content as TopicsFile;
  const { groups, ...deadLetterSettings } = deadLetters;
  const declared: TopicDeclaration[] = [
    ...topics.map((topic) => ({ kind: "events" as const, ...defaults, ...topic })),
    ...groups.map((group) => ({
      kind: "dead-letters" as const,
      ...defaults,
      ...deadLetterSettings,
      name: `${group}.dlq`,
      description: `What ${group} could not handle.`,
    })),
  ];
  const names = declared.map(({ name }) => name);
  for (const name of new Set(names.filter((name, at) => names.indexOf(name) !== at))) {
    problems.push({ file, path: "topics", problem: `${name} is declared twice: delete one` });
  }
  return declared;
}
