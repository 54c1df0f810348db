import type { JsonSchema } from "../envelope-schema.ts";
import type { Breaks, ChangeKind } from "./finding.ts";
import { canonicalText, type Json } from "./node.ts";
import { explain, type Problem } from "./problems.ts";

/** What was changed in a schema at one place, in the words of whoever changed it. */
export interface ExplainedChange {
  change: ChangeKind;
  /** JSON pointer from the schema of `data`. */
  pointer: string;
  problem: string;
  fix: string;
}

type Maybe = JsonSchema | undefined;

/** The same place in the schema as it was and as it is. */
interface Place {
  old: Maybe;
  now: Maybe;
  /** The objects that hold it as a field, where it is one. */
  oldHolder: Maybe;
  nowHolder: Maybe;
  pointer: string;
  /** As in `items[].quantity`. */
  field: string;
  /** The keyword or the required field that the problem is about; absent where it is the schema itself. */
  detail?: string[];
}

/**
 * The comparison says where a reader refuses what a writer allowed; this looks at what was edited there. Several edits at
 * one place (a type and its enumeration, say) are several changes.
 * @param breaks in which direction the comparison found the problem
 */
export function explainChange(problem: Problem, old: JsonSchema, now: JsonSchema, breaks: Breaks): ExplainedChange[] {
  const place = locate(problem.path, old, now);
  const changes = place ? changesAt(place, breaks) : [];
  if (changes.length > 0) return changes;
  return [
    {
      change: "schema_changed",
      pointer: place?.pointer ?? problem.path.replace(/^#/, ""),
      problem: explain(problem),
      fix: "take the change back",
    },
  ];
}

const asSchema = (value: unknown): Maybe =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonSchema) : undefined;
const fieldsOf = (schema: Maybe): Record<string, unknown> => asSchema(schema?.properties) ?? {};
const requiredOf = (schema: Maybe): unknown[] => (Array.isArray(schema?.required) ? schema.required : []);
const own = (fields: Record<string, unknown>, name: string): Maybe =>
  Object.hasOwn(fields, name) ? (asSchema(fields[name]) ?? {}) : undefined;
const escaped = (name: string) => name.replaceAll("~", "~0").replaceAll("/", "~1");

/** Follows a path as the comparison gives it. Absent where it leads nowhere: a field's name may hold a `/`. */
function locate(path: string, old: JsonSchema, now: JsonSchema): Place | undefined {
  const steps = path.replace(/^#\/?/, "").split("/").filter(Boolean);
  let place: Place = { old, now, oldHolder: undefined, nowHolder: undefined, pointer: "", field: "data" };
  const below = (oldPart: Maybe, nowPart: Maybe, pointer: string, field: string): Place => ({
    old: oldPart,
    now: nowPart,
    oldHolder: undefined,
    nowHolder: undefined,
    pointer: `${place.pointer}/${pointer}`,
    field: place.field === "data" && field !== "[]" ? field.replace(/^\./, "") : `${place.field}${field}`,
  });
  for (let index = 0; index < steps.length; index += 1) {
    const step = steps[index]!;
    const name = steps[index + 1];
    if (step === "properties" && name !== undefined) {
      const holders = { oldHolder: place.old, nowHolder: place.now };
      const fields = [own(fieldsOf(place.old), name), own(fieldsOf(place.now), name)] as const;
      if (!fields[0] && !fields[1]) return undefined;
      place = { ...below(...fields, `properties/${escaped(name)}`, `.${name}`), ...holders };
      index += 1;
    } else if (step === "items") {
      place = below(asSchema(place.old?.items), asSchema(place.now?.items), "items", "[]");
    } else if (step === "additionalProperties" && index + 1 < steps.length) {
      const parts = [asSchema(place.old?.additionalProperties), asSchema(place.now?.additionalProperties)] as const;
      place = below(...parts, step, ".*");
    } else {
      return { ...place, detail: steps.slice(index) };
    }
  }
  return place;
}

function changesAt(place: Place, breaks: Breaks): ExplainedChange[] {
  const { old, now, oldHolder, nowHolder, detail } = place;
  if (detail?.[0] === "required" && detail[1] !== undefined) return [requirementChange(place, detail[1])];
  if (detail?.[0] === "additionalProperties") return [contentModelChange(place, breaks)];
  const isField = oldHolder !== undefined || nowHolder !== undefined;
  if (isField && old && !now) return [removedField(place)];
  if (isField && now && !old) return [addedField(place)];
  return keywordChanges(place)
    .filter((one) => one.breaks.includes(breaks))
    .map(({ breaks: _, ...change }) => change);
}

const lastName = (pointer: string) =>
  pointer
    .slice(pointer.lastIndexOf("/") + 1)
    .replaceAll("~1", "/")
    .replaceAll("~0", "~");
const sibling = (pointer: string, name: string) => `${pointer.slice(0, pointer.lastIndexOf("/") + 1)}${escaped(name)}`;
const siblingField = (field: string, name: string) => `${field.slice(0, field.lastIndexOf(".") + 1)}${name}`;

function requirementChange({ old, pointer, field }: Place, name: string): ExplainedChange {
  const at = `${pointer}/properties/${escaped(name)}`;
  const whole = field === "data" ? name : `${field}.${name}`;
  if (requiredOf(old).includes(name))
    return {
      change: "made_optional",
      pointer: at,
      problem: `${whole} was required and is optional`,
      fix: `put ${name} back into required and fill it in every event`,
    };
  return {
    change: "made_required",
    pointer: at,
    problem: `${whole} was optional and is required`,
    fix: `take ${name} out of required; whoever makes the event may still always fill it`,
  };
}

function removedField(place: Place): ExplainedChange {
  const { old, oldHolder, nowHolder, pointer, field } = place;
  const name = lastName(pointer);
  const isRequired = requiredOf(oldHolder).includes(name);
  const successor = renamedTo(name, oldHolder, nowHolder);
  if (successor !== undefined)
    return {
      change: "field_renamed",
      pointer,
      problem: `${field} is gone and ${siblingField(field, successor)} is new: this looks like a rename of ${name} to ${successor}`,
      fix: `keep ${name} as it was and add ${successor} as an optional field beside it; drop ${name} with the next major`,
    };
  return {
    change: "field_removed",
    pointer,
    problem: `${field}${isRequired ? ", which was required," : ""} is gone`,
    fix: `put ${name} back as it was (${JSON.stringify(withoutNotes(old ?? {}))})${isRequired ? "" : "; whoever makes the event may stop filling it"}`,
  };
}

function addedField(place: Place): ExplainedChange {
  const { oldHolder, nowHolder, pointer, field } = place;
  const name = lastName(pointer);
  const predecessor = Object.keys(fieldsOf(oldHolder)).find((one) => renamedTo(one, oldHolder, nowHolder) === name);
  if (predecessor !== undefined)
    return removedField({
      ...place,
      old: own(fieldsOf(oldHolder), predecessor),
      pointer: sibling(pointer, predecessor),
      field: siblingField(field, predecessor),
    });
  if (requiredOf(nowHolder).includes(name))
    return {
      change: "required_field_added",
      pointer,
      problem: `${field} is new and required`,
      fix: `make it optional: take ${name} out of required`,
    };
  return {
    change: "field_added_to_open_object",
    pointer,
    problem: `${field} is new in an object that was open, so that older data may hold anything under this name`,
    fix: `take ${name} back, or let it be anything: {}`,
  };
}

/**
 * The new field that a removed one seems to have become: of the same schema, and with a name much like it or as the only
 * one that was lost and gained.
 */
function renamedTo(name: string, oldHolder: Maybe, nowHolder: Maybe): string | undefined {
  const [oldFields, nowFields] = [fieldsOf(oldHolder), fieldsOf(nowHolder)];
  if (Object.hasOwn(nowFields, name)) return undefined;
  const gone = Object.keys(oldFields).filter((one) => !Object.hasOwn(nowFields, one));
  const same = Object.keys(nowFields).filter(
    (one) => !Object.hasOwn(oldFields, one) && isSameMeaning(oldFields[name], nowFields[one]),
  );
  const alike = same.filter((one) => isLikeName(name, one));
  if (alike.length === 1) return alike[0];
  const isRequired = requiredOf(oldHolder).includes(name);
  const asNeeded = same.filter((one) => requiredOf(nowHolder).includes(one) === isRequired);
  return gone.length === 1 && asNeeded.length === 1 ? asNeeded[0] : undefined;
}

const isSameMeaning = (one: unknown, other: unknown) =>
  canonicalText(withoutNotes(asSchema(one) ?? {}) as Json) ===
  canonicalText(withoutNotes(asSchema(other) ?? {}) as Json);

/** `orderId` and `orderNumber`: they share a word that says something. */
function isLikeName(one: string, other: string): boolean {
  const words = (name: string) => (name.match(/[A-Z]?[a-z0-9]+/g) ?? []).map((word) => word.toLowerCase());
  return words(one).some((word) => word.length > 2 && words(other).includes(word));
}

function contentModelChange({ old, now, pointer, field }: Place, breaks: Breaks): ExplainedChange {
  const where = { pointer: `${pointer}/additionalProperties` };
  if (breaks === "new data, old consumers")
    return {
      ...where,
      change: "object_opened",
      problem: `${field} takes other fields of another kind than before`,
      fix: `give additionalProperties back what it was (${JSON.stringify(old?.additionalProperties)})`,
    };
  const isClosedByFields = now?.additionalProperties === undefined && now?.properties !== undefined;
  return {
    ...where,
    change: "object_closed",
    problem: isClosedByFields
      ? `${field} was open and is closed, because it has properties now`
      : `${field} takes fewer other fields than before (additionalProperties: ${JSON.stringify(now?.additionalProperties)})`,
    fix:
      old?.additionalProperties === undefined
        ? "leave the object open: without properties, and without additionalProperties: false"
        : `give additionalProperties back what it was (${JSON.stringify(old.additionalProperties)})`,
  };
}

interface KeywordChange extends ExplainedChange {
  breaks: Breaks[];
}

const oldData: Breaks = "old data, new consumers";
const newData: Breaks = "new data, old consumers";
const lowerBounds = ["minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"];
const upperBounds = ["maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"];

/** Every edit of the schema of one value, with the direction in which it can break a reader. */
function keywordChanges({ old = {}, now = {}, pointer, field }: Place): KeywordChange[] {
  const changes: KeywordChange[] = [];
  const note = (keyword: string, change: ChangeKind, breaks: Breaks[], problem: string, fix: string) =>
    changes.push({ change, pointer: `${pointer}/${keyword}`, problem: `${field} ${problem}`, fix, breaks });

  const [oldTypes, nowTypes] = [typesOf(old), typesOf(now)];
  const lost = oldTypes.some((type) => !covers(nowTypes, type));
  const gained = nowTypes.some((type) => !covers(oldTypes, type));
  if (lost || gained)
    note(
      "type",
      "type_changed",
      [...(lost ? [oldData] : []), ...(gained ? [newData] : [])],
      `was ${typeText(oldTypes)} and is ${typeText(nowTypes)}`,
      `give it back the type ${typeText(oldTypes)} and put the new form into a new optional field`,
    );

  // Keywords of another type say nothing of this one.
  if (!oldTypes.some((type) => covers(nowTypes, type)) && !nowTypes.some((type) => covers(oldTypes, type)))
    return changes;

  const [oldValues, nowValues] = [valuesOf(old), valuesOf(now)];
  const keyword = now.const !== undefined || (old.const !== undefined && now.enum === undefined) ? "const" : "enum";
  if (oldValues && nowValues) {
    const removed = oldValues.filter((value) => !nowValues.includes(value));
    const added = nowValues.filter((value) => !oldValues.includes(value));
    if (removed.length > 0)
      note(
        keyword,
        "enum_value_removed",
        [oldData],
        `no longer takes ${removed.join(", ")}`,
        `put ${removed.join(", ")} back; whoever makes the event may stop using it`,
      );
    if (added.length > 0)
      note(
        keyword,
        "enum_value_added",
        [newData],
        `takes ${added.join(", ")}, which the open form does not let pass either: it opens objects, not lists of values`,
        `take ${added.join(", ")} out again and say it in a new optional field, which older consumers ignore`,
      );
  } else if (nowValues) {
    note(
      keyword,
      "values_limited",
      [oldData],
      `takes only ${nowValues.join(", ")}, and took any value`,
      `take ${keyword} out again; whoever makes the event may still keep to these values`,
    );
  } else if (oldValues) {
    note(
      keyword,
      "values_unlimited",
      [newData],
      `takes any value, and took only ${oldValues.join(", ")}`,
      `put ${keyword} back and say the rest in a new optional field`,
    );
  }

  for (const bound of [...lowerBounds, ...upperBounds]) {
    const [before, after] = [old[bound], now[bound]] as [number | undefined, number | undefined];
    if (before === after) continue;
    const isHigher = after !== undefined && (before === undefined || after > before);
    const isLower = after !== undefined && (before === undefined || after < before);
    const isNarrower = lowerBounds.includes(bound) ? isHigher : isLower;
    note(
      bound,
      isNarrower ? "bound_narrowed" : "bound_widened",
      [isNarrower ? oldData : newData],
      `has ${boundText(bound, after)} and had ${boundText(bound, before)}`,
      isNarrower
        ? `${before === undefined ? `take ${bound} out again` : `give ${bound} back ${before}`}; whoever makes the event may keep to the narrower bound`
        : `give ${bound} back ${before} and put what lies beyond it into a new optional field`,
    );
  }

  for (const [word, change] of [
    ["pattern", "pattern_changed"],
    ["format", "format_changed"],
    ["multipleOf", "multiple_of_changed"],
  ] as const) {
    if (old[word] === now[word]) continue;
    note(
      word,
      change,
      [...(now[word] === undefined ? [] : [oldData]), ...(old[word] === undefined ? [] : [newData])],
      `has ${wordText(word, now[word])} and had ${wordText(word, old[word])}`,
      old[word] === undefined
        ? `take ${word} out again; whoever makes the event may still keep to it`
        : `give ${word} back ${JSON.stringify(old[word])} and put the new form into a new optional field`,
    );
  }

  if ((old.uniqueItems === true) !== (now.uniqueItems === true)) {
    const isAdded = now.uniqueItems === true;
    note(
      "uniqueItems",
      isAdded ? "unique_items_added" : "unique_items_removed",
      [isAdded ? oldData : newData],
      isAdded ? "takes no item twice, and did" : "takes items twice, and did not",
      isAdded ? "take uniqueItems out again" : "put uniqueItems back",
    );
  }
  if ((old.items === undefined) !== (now.items === undefined) && !lost && !gained) {
    const isAdded = now.items !== undefined;
    note(
      "items",
      isAdded ? "values_limited" : "values_unlimited",
      [isAdded ? oldData : newData],
      isAdded ? "says what its items are, and took any" : "takes any items, and said what they are",
      isAdded ? "take items out again" : "put items back",
    );
  }
  return changes;
}

const typesOf = ({ type }: JsonSchema): string[] => (type === undefined ? ["any"] : [type].flat().map(String));
const covers = (types: string[], type: string) =>
  types.includes(type) || types.includes("any") || (type === "integer" && types.includes("number"));
const typeText = (types: string[]) => types.map((type) => (type === "any" ? "of any type" : type)).join(" or ");
const valuesOf = (schema: JsonSchema): string[] | undefined => {
  if (schema.const !== undefined) return [JSON.stringify(schema.const)];
  return Array.isArray(schema.enum) ? schema.enum.map((value) => JSON.stringify(value)) : undefined;
};
const boundText = (bound: string, value: number | undefined) =>
  value === undefined ? `no ${bound}` : `${bound} ${value}`;
const wordText = (word: string, value: unknown) =>
  value === undefined ? `no ${word}` : `${word} ${JSON.stringify(value)}`;

const notes = new Set(["title", "description", "examples", "$comment"]);

/** The schema without what only people read: two that differ in nothing else ask for the same. */
export function withoutNotes(schema: JsonSchema): JsonSchema {
  const result: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(schema)) {
    if (notes.has(keyword)) continue;
    const inner = asSchema(value);
    if (keyword === "properties" && inner)
      result[keyword] = Object.fromEntries(
        Object.entries(inner).map(([name, field]) => [name, asSchema(field) ? withoutNotes(asSchema(field)!) : field]),
      );
    else if (Array.isArray(value) && (keyword === "anyOf" || keyword === "oneOf"))
      result[keyword] = value.map((one) => (asSchema(one) ? withoutNotes(one as JsonSchema) : one));
    else if (inner && (keyword === "items" || keyword === "additionalProperties"))
      result[keyword] = withoutNotes(inner);
    // Sets, whatever their order.
    else if (Array.isArray(value) && ["required", "enum", "type"].includes(keyword))
      result[keyword] = value.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
    else result[keyword] = value;
  }
  return result;
}
