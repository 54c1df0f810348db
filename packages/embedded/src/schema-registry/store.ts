import { closeSync, fstatSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
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
 * was never acknowledged and is dropped; what a full disk took of one is cut off before anything else is written. Ids come
 * from the log and are therefore never given twice.
 */
export interface Store {
  append(entry: Entry): void;
  nextId(): number;
  schema(id: number): StoredSchema | undefined;
  /** The schema with this text and these references, under whatever subject. */
  find(text: string, references: Reference[]): StoredSchema | undefined;
  subjects(): string[];
  /** The newest last, which is the one with the highest number. */
  versions(subject: string): StoredVersion[];
  versionsOfId(id: number): StoredVersion[];
  /** For one subject, or all of them (null). */
  level(subject: string | null): string | undefined;
  mode(subject: string | null): string | undefined;
  close(): void;
}

/** The two calls that fail on a bad disk. */
export interface StoreDisk {
  /** @returns the bytes written, which may be fewer than there are */
  write(descriptor: number, bytes: Buffer, offset: number): number;
  truncate(descriptor: number, length: number): void;
}
const nodeDisk: StoreDisk = { write: writeSync, truncate: ftruncateSync };

export function openStore(file: string, disk = nodeDisk): Store {
  const schemas = new Map<number, StoredSchema>();
  const byText = new Map<string, StoredSchema>();
  const subjects = new Map<string, StoredVersion[]>();
  const levels = new Map<string | null, string>();
  const modes = new Map<string | null, string>();
  let lastId = 0;

  recover(file, apply);
  const descriptor = openSync(file, "a");
  /** Where the last whole line ends, and whether something may stand behind it. */
  let end = fstatSync(descriptor).size;
  let isTorn = false;

  /** Needs no space, so that it works on a full disk too. */
  function cutOff(): void {
    if (isTorn) disk.truncate(descriptor, end);
    isTorn = false;
  }

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
        const versions = [...(subjects.get(entry.subject) ?? []), { ...version, deleted: false }];
        // Under IMPORT they come in any order.
        subjects.set(
          entry.subject,
          versions.sort((one, other) => one.version - other.version),
        );
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
      try {
        // A line behind half a line would be one with it, and lost: while that cannot be cut off, nothing is taken.
        cutOff();
        isTorn = true;
        for (let written = 0; written < line.length; ) written += disk.write(descriptor, line, written);
        isTorn = false;
      } catch (error) {
        try {
          cutOff();
        } catch {
          // The next append tries again.
        }
        throw fileError(error, file);
      }
      end += line.length;
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

/**
 * Applies each whole line, and cuts off what a dying process left after the last one. One line in the middle may be none:
 * earlier versions ended a half-written one and went on.
 */
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
