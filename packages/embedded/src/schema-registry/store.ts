import { appendFileSync, closeSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import { EmbeddedDataFormat, fileError } from "../errors.ts";

export interface Reference {
  name: string;
  subject: string;
  version: number;
}

export interface StoredSchema {
  id: number;
  text: string;
  references: Reference[];
}

export interface StoredVersion {
  subject: string;
  version: number;
  id: number;
  deleted: boolean;
}

type Entry =
  | ({ op: "schema" } & StoredSchema)
  | { op: "version"; subject: string; version: number; id: number }
  | { op: "delete"; subject: string; version: number; permanent: boolean }
  | { op: "level"; subject: string | null; level: string | null }
  | { op: "mode"; subject: string | null; mode: string | null };

/**
 * Everything that was registered, as a log of JSON lines that is only ever appended to; memory holds what it adds up to.
 * An entry is written before it is answered, so `kill -9` loses nothing that was acknowledged. A last line that was cut off
 * was never acknowledged and is dropped. Ids come from the log and are therefore never given twice.
 */
export interface Store {
  append(entry: Entry): void;
  nextId(): number;
  schema(id: number): StoredSchema | undefined;
  /** The schema with this text and these references, under whatever subject. */
  find(text: string, references: Reference[]): StoredSchema | undefined;
  subjects(): string[];
  versions(subject: string): StoredVersion[];
  versionsOfId(id: number): StoredVersion[];
  /** For one subject, or all of them (null). */
  level(subject: string | null): string | undefined;
  mode(subject: string | null): string | undefined;
  close(): void;
}

export function openStore(file: string): Store {
  const schemas = new Map<number, StoredSchema>();
  const byText = new Map<string, StoredSchema>();
  const subjects = new Map<string, StoredVersion[]>();
  const levels = new Map<string | null, string>();
  const modes = new Map<string | null, string>();
  let lastId = 0;

  recover(file, apply);
  const descriptor = openSync(file, "a");

  function apply(entry: Entry): void {
    switch (entry.op) {
      case "schema": {
        const { op: _, ...schema } = entry;
        schemas.set(schema.id, schema);
        byText.set(keyOf(schema.text, schema.references), schema);
        lastId = Math.max(lastId, schema.id);
        break;
      }
      case "version": {
        const { op: _, ...version } = entry;
        const versions = subjects.get(entry.subject) ?? [];
        subjects.set(entry.subject, [...versions, { ...version, deleted: false }]);
        break;
      }
      case "delete": {
        const versions = subjects.get(entry.subject) ?? [];
        const left = entry.permanent
          ? versions.filter(({ version }) => version !== entry.version)
          : versions.map((one) => (one.version === entry.version ? { ...one, deleted: true } : one));
        if (left.length > 0) subjects.set(entry.subject, left);
        else subjects.delete(entry.subject);
        if (entry.permanent) forgetUnused(versions.find(({ version }) => version === entry.version)?.id);
        break;
      }
      case "level":
        if (entry.level === null) levels.delete(entry.subject);
        else levels.set(entry.subject, entry.level);
        break;
      case "mode":
        if (entry.mode === null) modes.delete(entry.subject);
        else modes.set(entry.subject, entry.mode);
        break;
    }
  }

  /** A schema is gone for good with the last version that has it. */
  function forgetUnused(id: number | undefined): void {
    const schema = id === undefined ? undefined : schemas.get(id);
    if (!schema || [...subjects.values()].some((versions) => versions.some((one) => one.id === id))) return;
    schemas.delete(schema.id);
    const key = keyOf(schema.text, schema.references);
    if (byText.get(key) === schema) byText.delete(key);
  }

  return {
    append(entry) {
      const line = Buffer.from(`${JSON.stringify(entry)}\n`);
      let written = 0;
      try {
        while (written < line.length) written += writeSync(descriptor, line, written);
      } catch (error) {
        // Half a line would spoil the next one: end it, so that it is skipped as what it is.
        if (written > 0) appendQuietly(file);
        throw fileError(error, file);
      }
      apply(entry);
    },
    nextId: () => lastId + 1,
    schema: (id) => schemas.get(id),
    find: (text, references) => byText.get(keyOf(text, references)),
    subjects: () => [...subjects.keys()].sort(),
    versions: (subject) => subjects.get(subject) ?? [],
    versionsOfId: (id) => [...subjects.values()].flat().filter((version) => version.id === id),
    level: (subject) => levels.get(subject),
    mode: (subject) => modes.get(subject),
    close: () => closeSync(descriptor),
  };
}

const keyOf = (text: string, references: Reference[]): string => JSON.stringify([text, references]);

function appendQuietly(file: string): void {
  try {
    appendFileSync(file, "\n");
  } catch {
    // Still no space: recovery drops a last line without an end just as well.
  }
}

/** Applies each whole line, and cuts off what a dying process left after the last one. */
function recover(file: string, apply: (entry: Entry) => void): void {
  let content: Buffer;
  try {
    content = readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  const end = content.lastIndexOf("\n") + 1;
  const lines = content.subarray(0, end).toString("utf8").split("\n").slice(0, -1);
  for (const [index, line] of lines.entries()) {
    const entry = parseLine(line);
    if (entry) apply(entry);
    else if (index < lines.length - 1 && parseLine(lines[index + 1] ?? "") === undefined)
      throw new EmbeddedDataFormat({
        path: file,
        found: `damage at line ${index + 1}`,
        expected: "a log of JSON lines",
      });
  }
  if (end < content.length) {
    const descriptor = openSync(file, "r+");
    ftruncateSync(descriptor, end);
    closeSync(descriptor);
  }
}

function parseLine(line: string): Entry | undefined {
  try {
    return JSON.parse(line) as Entry;
  } catch {
    return undefined;
  }
}
