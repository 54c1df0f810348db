/** Who cannot read what: data that is already written, read by what is deployed next, or the other way round. */
export type Breaks = "old data, new consumers" | "new data, old consumers";

/** One thing that may not be published. */
export interface Finding {
  /** As seen from the schemas folder. */
  file: string;
  /** Where in the file: a JSON pointer into the document, `line:column` of a .proto; empty for the whole file. */
  path: string;
  change: ChangeKind | (string & {});
  /** What changed, in a sentence without its end. */
  problem: string;
  /** Empty for what is wrong however anybody reads it: a version that did not move. */
  breaks: Breaks[];
  /** The older ones that it does not go together with: `1.0`, `version 2 of … in the registry`. */
  versions: string[];
  /** What to do instead; empty where the problem says it. */
  fix: string;
}

export type ChangeKind =
  | "required_field_added"
  | "field_added_to_open_object"
  | "field_removed"
  | "field_renamed"
  | "made_required"
  | "made_optional"
  | "type_changed"
  | "enum_value_removed"
  | "enum_value_added"
  | "values_limited"
  | "values_unlimited"
  | "bound_narrowed"
  | "bound_widened"
  | "pattern_changed"
  | "format_changed"
  | "multiple_of_changed"
  | "unique_items_added"
  | "unique_items_removed"
  | "object_closed"
  | "object_opened"
  | "schema_changed"
  | "example_refused"
  | "not_comparable"
  | "topic_changed"
  | "key_changed"
  | "version_not_raised"
  | "version_went_back"
  | "version_skipped"
  | "major_in_place"
  | "document_removed"
  | "history_missing"
  | "history_edited"
  | "unreadable";

/** The same change is told once, with everything that it breaks. */
export function merged(findings: Finding[]): Finding[] {
  const byPlace = new Map<string, Finding>();
  for (const finding of findings) {
    const place = [finding.file, finding.path, finding.change, finding.problem].join("\n");
    const same = byPlace.get(place);
    if (!same) byPlace.set(place, { ...finding, breaks: [...finding.breaks], versions: [...finding.versions] });
    else {
      same.breaks = [...new Set([...same.breaks, ...finding.breaks])];
      same.versions = [...new Set([...same.versions, ...finding.versions])];
    }
  }
  return [...byPlace.values()];
}

const listed = (names: string[]): string =>
  names.length < 2 ? (names[0] ?? "") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;

/** Without the file: what is wrong, for whom, and what to do. */
export function sentence({ path, problem, breaks, versions, fix }: Finding): string {
  const who = versions.length > 0 ? `consumers of ${listed(versions)}` : "older consumers";
  const data = versions.length > 0 ? `what ${listed(versions)} allowed` : "older data";
  const consequences = breaks.map((one) =>
    one === "old data, new consumers"
      ? `The new schema refuses ${data} (${one})`
      : `${who[0]?.toUpperCase()}${who.slice(1)} refuse what is published now (${one})`,
  );
  return `${path === "" ? "" : `${path}: `}${[problem, ...consequences, ...(fix === "" ? [] : [`Fix: ${fix}`])].join(". ")}.`;
}
