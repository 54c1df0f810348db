/**
 * The ways in which a reading schema refuses what a writing schema allowed, by Confluent's names for them (its API shows
 * them; those of formats are ours), each with what it means. `%` stands for the path.
 */
const explanations = {
  SCHEMA_ADDED: "the reader has a schema at % where the writer had none",
  TYPE_CHANGED: "the type at % is another one for the reader",
  TYPE_NARROWED: "the reader takes only integers at %, and the writer wrote numbers",
  LIMIT_ADDED: "the reader has a limit at % and the writer had none",
  LIMIT_INCREASED: "the lower limit at % is higher for the reader",
  LIMIT_DECREASED: "the upper limit at % is lower for the reader",
  PATTERN_ADDED: "the reader wants a pattern at % and the writer had none",
  PATTERN_CHANGED: "the pattern at % is another one for the reader",
  FORMAT_ADDED: "the reader wants a format at % and the writer had none",
  FORMAT_CHANGED: "the format at % is another one for the reader",
  MULTIPLE_OF_ADDED: "the reader wants multiples at % and the writer did not",
  MULTIPLE_OF_EXPANDED: "the reader wants larger multiples at %",
  MULTIPLE_OF_CHANGED: "the reader wants other multiples at %",
  REQUIRED_ATTRIBUTE_ADDED:
    "the reader requires %, which was optional for the writer; leave it optional, or give it a default",
  REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL:
    "the reader requires the new property %, which the writer never wrote; make it optional, or give it a default",
  REQUIRED_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL:
    "the reader requires the new property %, which the writer need not have written",
  REQUIRED_PROPERTY_WITH_DEFAULT_ADDED_TO_OPEN_CONTENT_MODEL:
    "the new property % may have been written with any type, because the writer's model was open",
  OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL:
    "the new property % may have been written with any type, because the writer's model was open; close the model with additionalProperties: false",
  PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL:
    "the reader's closed model refuses the property % that the writer wrote; keep it",
  PROPERTY_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL:
    "what the reader allows for other properties does not cover the removed %",
  PROPERTY_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL:
    "what the writer allowed for other properties does not fit the new %",
  ADDITIONAL_PROPERTIES_REMOVED: "the reader refuses other properties at % and the writer allowed them",
  ADDITIONAL_PROPERTIES_NARROWED: "the reader allows fewer other properties at %",
  UNEVALUATED_PROPERTIES_REMOVED: "the reader refuses unevaluated properties at % and the writer allowed them",
  UNEVALUATED_PROPERTIES_NARROWED: "the reader allows fewer unevaluated properties at %",
  DEPENDENCY_ARRAY_ADDED: "the reader has a dependency at % and the writer had none",
  DEPENDENCY_ARRAY_EXTENDED: "the reader's dependency at % names more properties",
  DEPENDENCY_ARRAY_CHANGED: "the reader's dependency at % names other properties",
  DEPENDENCY_SCHEMA_ADDED: "the reader has a dependency at % and the writer had none",
  UNIQUE_ITEMS_ADDED: "the reader wants unique items at %",
  ADDITIONAL_ITEMS_REMOVED: "the reader refuses more items at % and the writer allowed them",
  ADDITIONAL_ITEMS_NARROWED: "the reader allows fewer kinds of items at %",
  UNEVALUATED_ITEMS_REMOVED: "the reader refuses unevaluated items at % and the writer allowed them",
  UNEVALUATED_ITEMS_NARROWED: "the reader allows fewer unevaluated items at %",
  ITEM_ADDED_TO_OPEN_CONTENT_MODEL: "the item at % may have been of any type for the writer",
  ITEM_REMOVED_FROM_CLOSED_CONTENT_MODEL: "the reader refuses the item at % that the writer wrote",
  ITEM_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL:
    "what the reader allows for more items does not cover the removed %",
  ITEM_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL:
    "what the writer allowed for more items does not fit the new %",
  ENUM_ARRAY_NARROWED: "the reader knows fewer values at %",
  ENUM_ARRAY_CHANGED: "the reader knows other values at %",
  COMBINED_TYPE_CHANGED: "alternatives at % are combined in another way for the reader",
  COMBINED_TYPE_SUBSCHEMAS_CHANGED: "an alternative at % has no counterpart that reads it",
  PRODUCT_TYPE_EXTENDED: "the reader makes more demands at %",
  SUM_TYPE_NARROWED: "the reader knows fewer alternatives at %",
  NOT_TYPE_EXTENDED: "the reader excludes more at %",
} as const;

/** Limits have a name for each keyword: `MAX_LENGTH_DECREASED`, `MINIMUM_ADDED`. */
export type ProblemKind = keyof typeof explanations | `${string}_ADDED` | `${string}_INCREASED` | `${string}_DECREASED`;

export interface Problem {
  kind: ProblemKind;
  /** As in `#/properties/data/properties/amount`. */
  path: string;
}

export function explain({ kind, path }: Problem): string {
  const limit = kind.match(/_(ADDED|INCREASED|DECREASED)$/)?.[1];
  const text =
    kind in explanations
      ? explanations[kind as keyof typeof explanations]
      : explanations[`LIMIT_${limit}` as keyof typeof explanations];
  return (text ?? "what the writer allowed at % is refused by the reader").replace("%", `'${path}'`);
}
