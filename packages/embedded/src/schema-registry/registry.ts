import {
  explain,
  type Json,
  problemsOfReading,
  type SchemaDocument,
  schemaDocument,
  TooComplex,
  UnresolvedReference,
} from "@weft/contracts/compatibility";
import { Refusal, refusals } from "./refusal.ts";
import { checkReferences, type ParsedSchema, parseSchema } from "./schema-text.ts";
import type { Reference, Store, StoredSchema, StoredVersion } from "./store.ts";

export const levels = [
  "NONE",
  "BACKWARD",
  "BACKWARD_TRANSITIVE",
  "FORWARD",
  "FORWARD_TRANSITIVE",
  "FULL",
  "FULL_TRANSITIVE",
] as const;
type Level = (typeof levels)[number];

export const modes = ["READWRITE", "READONLY", "READONLY_OVERRIDE", "IMPORT"] as const;
type Mode = (typeof modes)[number];

export interface GivenSchema {
  schema: string;
  schemaType?: string;
  references?: Reference[];
  /** Under mode IMPORT, and only then: what the schema has in the registry that it comes from. */
  imported?: { id: number; version?: number };
}

export interface RegisteredVersion extends StoredVersion {
  schema: StoredSchema;
}

/** What the registry knows and decides; HTTP is told in `routes.ts`. */
export interface Registry {
  /** @returns the id of the schema, the same for the same text under every subject; registering again changes nothing */
  register(subject: string, given: GivenSchema, options: { normalize: boolean }): RegisteredVersion;
  lookup(subject: string, given: GivenSchema, options: { normalize: boolean; deleted: boolean }): RegisteredVersion;
  /** Why a schema may not follow those already there; empty when it may. */
  check(
    subject: string,
    given: GivenSchema,
    options: { version: "all" | "latest" | number; normalize: boolean },
  ): string[];
  level(subject: string): Level;
  /** IMPORT wants nothing to be there yet, unless it is forced. */
  setMode(subject: string | null, mode: Mode, options: { force: boolean }): void;
  version(subject: string, version: "latest" | number, options: { deleted: boolean }): RegisteredVersion;
  versions(subject: string, options: { deleted: boolean; deletedOnly?: boolean }): StoredVersion[];
  deleteSubject(subject: string, options: { permanent: boolean }): number[];
  deleteVersion(subject: string, version: "latest" | number, options: { permanent: boolean }): number;
  referencedBy(subject: string, version: number): number[];
}

const bounds = { subjects: 10_000, versions: 1000, references: 50 };

export function registry({ store }: { store: Store }): Registry {
  const documents = new WeakMap<StoredSchema, SchemaDocument>();

  function parse(
    given: GivenSchema,
    normalize: boolean,
  ): { parsed: ParsedSchema; references: Reference[]; document: SchemaDocument } {
    const type = given.schemaType ?? "AVRO";
    if (type !== "JSON")
      throw refusals.invalidSchema(
        `type ${type} is not supported by this embedded server, only JSON (JSON Schema); say "schemaType": "JSON"`,
      );
    const parsed = parseSchema(given.schema, { normalize });
    const references = given.references ?? [];
    if (references.length > bounds.references)
      throw refusals.invalidSchema(`more than ${bounds.references} references`);
    const named = resolve(references);
    checkReferences(parsed.schema, named);
    try {
      const document = schemaDocument(parsed.schema, named);
      document.root();
      return { parsed, references, document };
    } catch (error) {
      throw error instanceof UnresolvedReference ? refusals.invalidSchema(error.message) : error;
    }
  }

  /** The schemas that references name, and those that these name. */
  function resolve(references: Reference[], into: Record<string, Json> = {}): Record<string, Json> {
    for (const { name, subject, version } of references) {
      if (Object.hasOwn(into, name)) continue;
      const found = store.versions(subject).find((one) => one.version === version && !one.deleted);
      const schema = found && store.schema(found.id);
      if (!schema)
        throw refusals.invalidSchema(`No schema reference found for subject "${subject}" and version ${version}`);
      into[name] = JSON.parse(schema.text) as Json;
      resolve(schema.references, into);
    }
    return into;
  }

  function documentOf(id: number): SchemaDocument {
    const schema = store.schema(id);
    if (!schema) throw refusals.schemaNotFound(id);
    let document = documents.get(schema);
    if (!document) {
      document = schemaDocument(JSON.parse(schema.text) as Json, resolve(schema.references));
      documents.set(schema, document);
    }
    return document;
  }

  const alive = (subject: string) => store.versions(subject).filter(({ deleted }) => !deleted);
  const withSchema = (version: StoredVersion): RegisteredVersion => {
    const schema = store.schema(version.id);
    if (!schema) throw refusals.schemaNotFound(version.id);
    return { ...version, schema };
  };
  /** The newest of them with this content, by the content: under IMPORT the same may have another id elsewhere. */
  const newestSame = (versions: StoredVersion[], text: string, references: Reference[]) =>
    versions.findLast(({ id }) => isSame(store.schema(id), text, references));
  const level = (subject: string) => (store.level(subject) ?? store.level(null) ?? "BACKWARD") as Level;

  /** What of the earlier ones does not go together with the new one, newest first, stopping at the first that does not. */
  function problemsWith(earlier: StoredVersion[], document: SchemaDocument, at: Level): string[] {
    for (const before of earlier.toReversed()) {
      const old = documentOf(before.id);
      const problems = [
        ...(/^(BACKWARD|FULL)/.test(at) ? compare(old, document) : []),
        ...(/^(FORWARD|FULL)/.test(at) ? compare(document, old) : []),
      ];
      if (problems.length > 0)
        return [
          ...problems,
          `{oldSchemaVersion: ${before.version}}`,
          `{oldSchema: '${store.schema(before.id)?.text}'}`,
          `{compatibility: '${at}'}`,
        ];
    }
    return [];
  }

  const relevant = (subject: string, at: Level) => {
    if (at === "NONE") return [];
    return at.endsWith("_TRANSITIVE") ? alive(subject) : alive(subject).slice(-1);
  };

  function modeOf(subject: string): Mode {
    const everywhere = store.mode(null) as Mode | undefined;
    if (everywhere === "READONLY_OVERRIDE") return everywhere;
    return (store.mode(subject) as Mode | undefined) ?? everywhere ?? "READWRITE";
  }

  function mayWrite(subject: string): void {
    if (modeOf(subject).startsWith("READONLY")) throw refusals.readOnly(subject);
  }

  /** Ids and versions come from another registry, which has compared the schema with those before it. */
  function importSchema(
    subject: string,
    { id, version: wanted }: { id: number; version?: number },
    { text, references }: { text: string; references: Reference[] },
  ): RegisteredVersion {
    const there = store.schema(id);
    if (there && !isSame(there, text, references)) throw refusals.notOverwritten(id);
    const versions = store.versions(subject);
    const version = wanted ?? (versions.at(-1)?.version ?? 0) + 1;
    const same = versions.find((one) => one.version === version);
    if (same && same.id !== id) throw refusals.notOverwritten(id);
    if (!there) store.append({ op: "schema", id, text, references });
    if (!same) store.append({ op: "version", subject, version, id });
    return withSchema(same ?? { subject, version, id, deleted: false });
  }

  function assertRoom(subject: string): void {
    if (store.versions(subject).length >= bounds.versions)
      throw new Refusal(500, `a subject of this embedded server holds at most ${bounds.versions} versions`);
    if (store.versions(subject).length === 0 && store.subjects().length >= bounds.subjects)
      throw new Refusal(500, `this embedded server holds at most ${bounds.subjects} subjects`);
  }

  function pick(versions: StoredVersion[], subject: string, version: "latest" | number): StoredVersion {
    if (versions.length === 0) throw refusals.subjectNotFound(subject);
    const found = version === "latest" ? versions.at(-1) : versions.find((one) => one.version === version);
    if (!found) throw refusals.versionNotFound(version);
    return found;
  }

  /** Level and mode go with the last version that is deleted permanently. */
  function forgetSettings(subject: string): void {
    if (store.versions(subject).length > 0) return;
    if (store.level(subject) !== undefined) store.append({ op: "level", subject, level: null });
    if (store.mode(subject) !== undefined) store.append({ op: "mode", subject, mode: null });
  }

  const referencedBy = (subject: string, version: number) =>
    store
      .subjects()
      .flatMap((name) => alive(name))
      .filter(({ id }) =>
        store.schema(id)?.references.some((one) => one.subject === subject && one.version === version),
      )
      .map(({ id }) => id);

  return {
    level,
    referencedBy: (subject, version) => [...new Set(referencedBy(subject, version))],
    setMode(subject, mode, { force }) {
      const there = subject === null ? store.subjects() : [subject];
      if (mode === "IMPORT" && !force && there.some((one) => alive(one).length > 0)) throw refusals.notEmpty();
      store.append({ op: "mode", subject, mode });
    },
    register(subject, given, { normalize }) {
      const { parsed, references, document } = parse(given, normalize);
      if (given.imported) {
        if (modeOf(subject) !== "IMPORT") throw refusals.notImporting(subject);
        assertRoom(subject);
        return importSchema(subject, given.imported, { text: parsed.text, references });
      }
      const same = newestSame(alive(subject), parsed.text, references);
      if (same) return withSchema(same);
      mayWrite(subject);
      if (modeOf(subject) === "IMPORT") throw refusals.importing(subject);
      assertRoom(subject);
      const details = problemsWith(relevant(subject, level(subject)), document, level(subject));
      if (details.length > 0) throw refusals.incompatible(subject, details);
      const known = store.find(parsed.text, references);
      const id = known?.id ?? store.nextId();
      if (!known) store.append({ op: "schema", id, text: parsed.text, references });
      const version = (store.versions(subject).at(-1)?.version ?? 0) + 1;
      store.append({ op: "version", subject, version, id });
      return withSchema({ subject, version, id, deleted: false });
    },
    lookup(subject, given, { normalize, deleted }) {
      const versions = deleted ? store.versions(subject) : alive(subject);
      if (versions.length === 0) throw refusals.subjectNotFound(subject);
      const { parsed, references } = parse(given, normalize);
      const found = newestSame(versions, parsed.text, references);
      if (!found) throw refusals.schemaNotFound();
      return withSchema(found);
    },
    check(subject, given, { version, normalize }) {
      const { document } = parse(given, normalize);
      const at = level(subject);
      if (version === "all") return problemsWith(relevant(subject, at), document, at);
      if (alive(subject).length === 0 && version === "latest") return [];
      return problemsWith([pick(alive(subject), subject, version)], document, at);
    },
    version: (subject, version, { deleted }) =>
      withSchema(pick(deleted ? store.versions(subject) : alive(subject), subject, version)),
    versions(subject, { deleted, deletedOnly = false }) {
      const all = store.versions(subject);
      const versions = deletedOnly ? all.filter((one) => one.deleted) : deleted ? all : alive(subject);
      if (versions.length === 0) throw refusals.subjectNotFound(subject);
      return versions;
    },
    deleteSubject(subject, { permanent }) {
      mayWrite(subject);
      const all = store.versions(subject);
      if (all.length === 0) throw refusals.subjectNotFound(subject);
      const living = alive(subject);
      if (permanent && living.length > 0) throw refusals.subjectNotSoftDeleted(subject);
      if (!permanent && living.length === 0) throw refusals.subjectSoftDeleted(subject);
      const gone = permanent ? all : living;
      for (const { version } of gone)
        if (referencedBy(subject, version).length > 0) throw refusals.referenced(subject, version);
      for (const { version } of gone) store.append({ op: "delete", subject, version, permanent });
      forgetSettings(subject);
      return gone.map(({ version }) => version);
    },
    deleteVersion(subject, version, { permanent }) {
      mayWrite(subject);
      // The latest is the last one alive.
      const last = version === "latest" ? (alive(subject).at(-1)?.version ?? version) : version;
      const found = pick(store.versions(subject), subject, last);
      if (permanent && !found.deleted) throw refusals.versionNotSoftDeleted(subject, found.version);
      if (!permanent && found.deleted) throw refusals.versionSoftDeleted(subject, found.version);
      if (referencedBy(subject, found.version).length > 0) throw refusals.referenced(subject, found.version);
      store.append({ op: "delete", subject, version: found.version, permanent });
      forgetSettings(subject);
      return found.version;
    },
  };
}

const isSame = (schema: StoredSchema | undefined, text: string, references: Reference[]): boolean =>
  schema?.text === text && JSON.stringify(schema.references) === JSON.stringify(references);

function compare(writer: SchemaDocument, reader: SchemaDocument): string[] {
  try {
    return problemsOfReading({ writer, reader }).map(
      (problem) => `{errorType:"${problem.kind}", description:"${explain(problem)}"}`,
    );
  } catch (error) {
    if (error instanceof TooComplex || error instanceof UnresolvedReference)
      throw refusals.invalidSchema(error.message);
    throw error;
  }
}
