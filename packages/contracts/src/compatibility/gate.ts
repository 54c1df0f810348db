import { compileValidator } from "@weft/core";
import { dataSchema, envelopeSchema, type JsonSchema, subjectOf } from "../envelope-schema.ts";
import { type EventDocument, fileNameOf, type SourceDocument } from "../generate/read-documents.ts";
import { problemsOfReading, TooComplex } from "./compare.ts";
import { explainChange, withoutNotes } from "./explain-change.ts";
import { type Breaks, type Finding, merged } from "./finding.ts";
import { canonicalText, type Json, schemaDocument, UnresolvedReference } from "./node.ts";

/** `schemas/` at one moment. */
export interface Documents {
  sources: SourceDocument[];
  /** Files that are there and could not be read: what they should hold is not missing. */
  unreadable?: ReadonlySet<string>;
}

export interface Earlier extends Documents {
  /** Where these are from, for people: `main (3c1d2e9)`. */
  from: string;
}

/** What a Schema Registry holds under a subject, oldest first. */
export interface RegisteredSubject {
  subject: string;
  versions: { version: number; schema: JsonSchema }[];
}

/**
 * What is wrong with the documents as they are now, seen from what is already written and already deployed. For each event
 * type and major the new closed form must read everything that an older version allowed (data that is in Kafka; the
 * registry asks the same), and the open form of each older version must read everything that the new one allows
 * (consumers that are not deployed again). Older versions are those of `history/`, of an earlier state of the documents,
 * and of a registry, as far as they are given.
 *
 * Versions count up by one minor at a time, each older one stays in `history/` as it was, and a major is a document of
 * its own beside the older one. Descriptions and examples may change at any time.
 */
export function findingsOf(
  now: Documents,
  { earlier, registered }: { earlier?: Earlier; registered?: RegisteredSubject[] } = {},
): Finding[] {
  const before = new Map(earlier?.sources.map((source) => [nameOf(source), source]));
  const after = new Map(now.sources.map((source) => [nameOf(source), source]));
  const findings: Finding[] = [];
  for (const [name, source] of before) if (!after.has(name) && earlier) findings.push(...removal(source, now, earlier));
  for (const [name, source] of after) {
    const was = before.get(name);
    findings.push(
      ...majorRules(source, after, before),
      ...versionRules(source, was, earlier?.from),
      ...historyRules(source, was, earlier?.from, now),
      ...olderVersions(source, was, earlier?.from).flatMap((old) => comparison(source, old)),
    );
  }
  for (const subject of registered ?? []) findings.push(...registryRules(subject, now));
  return merged(findings);
}

const nameOf = ({ document, major }: SourceDocument) => `${document.eventType} ${major}`;
const text = (value: unknown) => canonicalText(value as Json);
const isSameSchema = (one: JsonSchema, other: JsonSchema) => text(withoutNotes(one)) === text(withoutNotes(other));

/** A version of an event that somebody has written, or reads. */
interface OlderVersion {
  /** `1.0`, or where a registry has it. */
  label: string;
  closed: JsonSchema;
  open: JsonSchema;
  topic?: string;
  key?: string;
  examples: Record<string, unknown>[];
}

function olderVersions(
  source: SourceDocument,
  was: SourceDocument | undefined,
  from: string | undefined,
): OlderVersion[] {
  const byMinor = new Map<number, OlderVersion>();
  // What was committed counts, also where somebody edited the history of it.
  for (const one of [...source.history, ...(was?.history ?? []), ...(was ? [was] : [])]) {
    const isItself = one.minor === source.minor && isSameSchema(one.document.schema, source.document.schema);
    const label = one.minor >= source.minor ? `${one.document.version} in ${from}` : one.document.version;
    if (!isItself || isMoved(one.document, source.document)) byMinor.set(one.minor, asOlder(one, label));
  }
  return [...byMinor.entries()].sort(([a], [b]) => a - b).map(([, one]) => one);
}

const isMoved = (one: EventDocument, other: EventDocument) => one.topic !== other.topic || one.key !== other.key;

const asOlder = ({ document, major }: SourceDocument, label: string): OlderVersion => ({
  label,
  closed: envelopeSchema({ ...document, major }, "closed"),
  open: envelopeSchema({ ...document, major }, "open"),
  topic: document.topic,
  key: document.key,
  examples: document.examples,
});

/** The new version against one older one, in both directions. */
function comparison({ file, document, major }: SourceDocument, old: OlderVersion): Finding[] {
  const closed = envelopeSchema({ ...document, major }, "closed");
  const majorFile = newMajorFile({ document, major });
  const finding = (found: Pick<Finding, "path" | "change" | "problem" | "fix" | "breaks">): Finding => ({
    file,
    versions: [old.label],
    ...found,
    fix: `${found.fix}; or write a new major, ${majorFile}, beside this one`,
  });
  const findings: Finding[] = [];
  for (const field of ["topic", "key"] as const)
    if (old[field] !== undefined && old[field] !== document[field])
      findings.push(
        finding({
          path: `/${field}`,
          change: `${field}_changed`,
          problem:
            field === "topic"
              ? `the topic was ${old.topic} and is ${document.topic}, where older consumers do not look`
              : `the key was ${old.key} and is ${document.key}, so that what belongs together is in two partitions and loses its order`,
          breaks: field === "topic" ? [newData] : [oldData, newData],
          fix: `give ${field} back ${old[field]}`,
        }),
      );
  const directions: [Breaks, writer: JsonSchema, reader: JsonSchema, examples: Record<string, unknown>[]][] = [
    [oldData, old.closed, closed, old.examples],
    [newData, closed, old.open, document.examples],
  ];
  for (const [breaks, writer, reader, examples] of directions) {
    try {
      const problems = problemsOfReading({ writer: compared(writer), reader: compared(reader) });
      for (const problem of problems)
        for (const { pointer, ...change } of explainChange(below(problem), dataOf(old.closed), dataOf(closed), breaks))
          findings.push(finding({ ...change, path: `/schema${pointer}`, breaks: [breaks] }));
      if (problems.length === 0) findings.push(...refusedExamples(reader, examples, breaks).map(finding));
    } catch (error) {
      if (!(error instanceof TooComplex || error instanceof UnresolvedReference)) throw error;
      findings.push(
        finding({
          path: "/schema",
          change: "not_comparable",
          problem: `cannot be compared: ${error.message}`,
          breaks: [breaks],
          fix: "write the schema so that it can be: schemas/README.md names the keywords",
        }),
      );
    }
  }
  return findings;
}

const oldData: Breaks = "old data, new consumers";
const newData: Breaks = "new data, old consumers";
/** Validation here looks at formats, and so must the comparison, although registries do not. */
const compared = (schema: JsonSchema) => schemaDocument(schema as Json, {}, { hasFormats: true });
const dataOf = (envelope: JsonSchema) => ((envelope.properties as JsonSchema | undefined)?.data ?? {}) as JsonSchema;
const below = <P extends { path: string }>(problem: P): P => ({
  ...problem,
  path: problem.path.replace(/^#\/properties\/data(?=\/|$)/, "#"),
});

/** The comparison looks at keywords; what it cannot see, an alternative that now fits twice, shows in the examples. */
function refusedExamples(
  schema: JsonSchema,
  examples: Record<string, unknown>[],
  breaks: Breaks,
): Pick<Finding, "path" | "change" | "problem" | "fix" | "breaks">[] {
  const wholeSchema = { path: "/schema", breaks: [breaks] };
  let validate: ReturnType<typeof compileValidator>;
  try {
    validate = compileValidator(schema);
  } catch (error) {
    return [
      {
        ...wholeSchema,
        change: "not_comparable",
        problem: `is not a schema that can be compiled: ${(error as Error).message}`,
        fix: "correct it; `weft schemas generate` says more",
      },
    ];
  }
  return examples.flatMap((example, index) => {
    const [field, reason] = Object.entries(validate(example) ?? {})[0] ?? [];
    if (field === undefined) return [];
    const whose = breaks === oldData ? "the older version" : "this document";
    return [
      {
        ...wholeSchema,
        change: "example_refused" as const,
        problem: `examples.${index} of ${whose} is refused by the ${breaks === oldData ? "new" : "older"} schema: ${field} ${reason}`,
        fix: "take back what makes it so",
      },
    ];
  });
}

const rule = (
  { file }: Pick<SourceDocument, "file">,
  change: Finding["change"],
  path: string,
  problem: string,
  fix: string,
): Finding => ({ file, path, change, problem, breaks: [], versions: [], fix });

function removal(was: SourceDocument, now: Documents, { from }: Earlier): Finding[] {
  const { eventType, version } = was.document;
  const inPlace = now.sources.find((one) => one.file === was.file && one.document.eventType === eventType);
  if (inPlace)
    return [
      rule(
        was,
        "major_in_place",
        "/version",
        `${inPlace.document.version} is written over ${version}, which is still published and read`,
        `bring ${version} back as ${from} has it, and put ${inPlace.document.version} beside it as ${newMajorFile(was)}`,
      ),
    ];
  if (now.unreadable?.has(was.file)) return [];
  return [
    rule(
      was,
      "document_removed",
      "",
      `${eventType} ${version} is gone, and its records and readers are still there`,
      `bring the file back as ${from} has it`,
    ),
  ];
}

function majorRules(
  source: SourceDocument,
  now: Map<string, SourceDocument>,
  before: Map<string, SourceDocument>,
): Finding[] {
  const { document, major } = source;
  const majors = [...now.values(), ...before.values()]
    .filter((one) => one.document.eventType === document.eventType && one.major < major)
    .map((one) => one.major);
  const last = Math.max(0, ...majors);
  if (last === major - 1 || before.has(nameOf(source))) return [];
  return [
    rule(
      source,
      "version_skipped",
      "/version",
      `${document.version} follows on ${last === 0 ? "no older major" : `major ${last}`}`,
      `call it ${last + 1}.0, in ${fileNameOf({ document, major: last + 1 }, false)}`,
    ),
  ];
}

function versionRules(source: SourceDocument, was: SourceDocument | undefined, from: string | undefined): Finding[] {
  if (!was) return [];
  const { document, major, minor } = source;
  const isSame = isSameSchema(was.document.schema, document.schema);
  const next = `${major}.${was.minor + 1}`;
  if (minor < was.minor)
    return [
      rule(
        source,
        "version_went_back",
        "/version",
        `${document.version} comes after ${was.document.version} of ${from}`,
        isSame
          ? `give version back ${was.document.version}`
          : `raise version to ${next}, with ${was.document.version} as it was in ${historyFile(was)}`,
      ),
    ];
  if (minor === was.minor && !isSame)
    return [
      rule(
        source,
        "version_not_raised",
        "/version",
        `the schema is another one than in ${from}, and the version is still ${document.version}`,
        `raise version to ${next}, and put the document as it was into ${historyFile(was)}`,
      ),
    ];
  return [];
}

function historyRules(
  source: SourceDocument,
  was: SourceDocument | undefined,
  from: string | undefined,
  now: Documents,
): Finding[] {
  const { document, major, minor } = source;
  const committed = new Map([...(was?.history ?? []), ...(was ? [was] : [])].map((one) => [one.minor, one]));
  const kept = new Map(source.history.map((one) => [one.minor, one]));
  const findings: Finding[] = [];
  const unknown: string[] = [];
  for (let older = 0; older < minor; older += 1) {
    const one = kept.get(older);
    const original = committed.get(older);
    const version = `${major}.${older}`;
    const file = historyFile({ ...source, document: { ...document, version } });
    if (now.unreadable?.has(file)) continue;
    if (!one && original)
      findings.push(
        rule(
          { file },
          "history_missing",
          "",
          `${version} is older than the ${document.version} of ${source.file} and is not kept`,
          `put it there as ${from} has it: ${original.file}`,
        ),
      );
    else if (!one) unknown.push(version);
    else if (original) findings.push(...edits(one, original, from));
  }
  // Nobody ever saw these: the version was raised by more than one, or their files were lost with the past of this clone.
  if (unknown.length > 0) {
    const last = [...kept.keys(), ...committed.keys()].filter((one) => one < minor);
    const next = `${major}.${last.length > 0 ? Math.max(...last) + 1 : 0}`;
    findings.push(
      rule(
        source,
        "version_skipped",
        "/version",
        `${document.version} follows on nothing: there is no ${unknown.join(", no ")} in history/`,
        `raise the version by one at a time: call it ${next}; where ${unknown.join(", ")} was published, bring ${unknown.length > 1 ? "their files" : "its file"} back`,
      ),
    );
  }
  return findings;
}

/** What a version once said is what its records look like. Its description and what it refuses may be told better. */
function edits(one: SourceDocument, original: SourceDocument, from: string | undefined): Finding[] {
  const of = ({ document: { version, topic, key, schema, examples } }: SourceDocument) =>
    ({ version, topic, key, schema: withoutNotes(schema), examples }) as Record<string, unknown>;
  const [now, then] = [of(one), of(original)];
  return Object.keys(now)
    .filter((part) => text(now[part]) !== text(then[part]))
    .map((part) =>
      rule(
        one,
        "history_edited",
        `/${part}`,
        `the ${part} of ${one.document.version} is not what it was in ${from} (${original.file}), and its records do not change with it`,
        `bring ${part} back as it was; what is new belongs into the next version`,
      ),
    );
}

function registryRules({ subject, versions }: RegisteredSubject, now: Documents): Finding[] {
  const source = now.sources.find(
    ({ document, major }) => subjectOf(document.topic, document.eventType, major) === subject,
  );
  if (!source) {
    if (now.unreadable && now.unreadable.size > 0) return [];
    return [
      rule(
        { file: "events" },
        "document_removed",
        "",
        `the registry has the subject ${subject}, and no document declares it`,
        "bring the document back; or, when nobody publishes or reads it any more, delete the subject",
      ),
    ];
  }
  const newest = envelopeSchema({ ...source.document, major: source.major }, "closed");
  return versions
    .filter(({ schema }) => !isSameSchema(schema, newest))
    .flatMap(({ version, schema }) =>
      comparison(source, {
        label: `version ${version} of ${subject}`,
        closed: schema,
        open: dataSchema(schema, "open"),
        examples: [],
      }),
    );
}

const historyFile = (source: Pick<SourceDocument, "file" | "document" | "major">) =>
  `${source.file.slice(0, source.file.lastIndexOf("/"))}/history/${fileNameOf(source, true)}`;

const newMajorFile = ({ document, major }: Pick<SourceDocument, "document" | "major">) =>
  fileNameOf({ document, major: major + 1 }, false);
