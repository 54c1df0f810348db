import { createRequire } from "node:module";
import type { Ajv, AnySchemaObject, ErrorObject } from "ajv";
import type { FieldErrors } from "./errors.ts";
import { momentOf } from "./moment.ts";
import { isLine, isLines } from "./text.ts";

// Ajv comes with the first schema: embedded servers and most commands have none, and loading it is a tenth of their start.
const require = createRequire(import.meta.url);

/**
 * Turns what Ajv found into field → message, with the path as a person wrote it (`items.0.quantity`).
 * Every bad field is reported; a field keeps the first thing that is wrong with it.
 */
export function fieldErrorsOf(errors: readonly ErrorObject[]): FieldErrors {
  const result: FieldErrors = Object.create(null);
  for (const error of errors) {
    if (error.keyword === "if" || error.keyword === "propertyNames") continue;
    const parts = error.instancePath.split("/").slice(1).map(unescapePointer);
    const { params } = error;
    if (error.keyword === "required") parts.push(params.missingProperty);
    if (error.keyword === "additionalProperties") parts.push(params.additionalProperty);
    if (error.keyword === "unevaluatedProperties") parts.push(params.unevaluatedProperty);
    const path = parts.join(".") || "(root)";
    // Of a field's own name: its value may be all right, so the object is what is wrong.
    const whose =
      error.propertyName === undefined ? "" : `has a field ${JSON.stringify(error.propertyName)} whose name `;
    result[path] ??= whose + describe(error);
  }
  return { ...result };
}

function describe({ keyword, params, message }: ErrorObject): string {
  switch (keyword) {
    case "required":
      return "is required";
    case "additionalProperties":
    case "unevaluatedProperties":
      return "is not a known field";
    case "enum":
      return `must be one of ${params.allowedValues.join(", ")}`;
    case "const":
      return `must be ${JSON.stringify(params.allowedValue)}`;
    case "format":
      return formatProblems[params.format as keyof typeof formatProblems] ?? message ?? "breaks its format";
    case "type":
      return `must be ${[params.type].flat().join(" or ")}`;
    default:
      return message ?? `breaks ${keyword}`;
  }
}

const unescapePointer = (part: string) => part.replaceAll("~1", "/").replaceAll("~0", "~");

/**
 * Formats of JSON Schema that mean less here than in other validators, never more; the same in requests, answers, events and
 * configuration. A schema that others registered stays as it is.
 */
export const narrowFormats = {
  /** See `momentOf`. */
  "date-time": (text: string) => momentOf(text) !== undefined,
};

/** Formats of our own, for requests: events are also read by validators that do not know them. */
const ownFormats = {
  /** A name, a title, a SKU: see `isLine`. */
  line: isLine,
  /** A description: see `isLines`. */
  lines: isLines,
};

const formatProblems: Record<keyof typeof narrowFormats | keyof typeof ownFormats, string> = {
  "date-time":
    'must match format "date-time": RFC 3339 with an offset, in the years 1 to 9999 of UTC, without a leap second',
  line: "must be one line without blanks at its ends, control characters and bidi controls",
  lines: "must be text to read, without control characters (but for line breaks, \\n) and bidi controls",
};

let checker: Ajv | undefined;

/**
 * Ajv as this repository uses it: every error, formats on, no coercion, no surprises about unknown keywords.
 * @param optimize a second look of Ajv at the code that it makes: for a check that is run often
 */
export function newAjv({ optimize = true } = {}): Ajv {
  // One for all of them checks schemas against JSON Schema's own, which takes longer to compile than most schemas do.
  checker ??= makeAjv(false);
  const ajv = makeAjv(optimize);
  ajv.validateSchema = checker.validateSchema.bind(checker);
  return ajv;
}

function makeAjv(optimize: boolean): Ajv {
  const { Ajv } = require("ajv") as typeof import("ajv");
  const { default: addFormats } = require("ajv-formats") as typeof import("ajv-formats");
  const ajv = new Ajv({
    allErrors: true,
    strict: true,
    strictRequired: false,
    allowUnionTypes: true,
    $data: false,
    code: { optimize },
  });
  addFormats(ajv);
  for (const [name, format] of Object.entries(ownFormats)) ajv.addFormat(name, format);
  return extendAjv(ajv);
}

/**
 * `narrowFormats`, and `multipleOf` by decimals: 1234567.89 is a multiple of 0.01, though the division of the two binary
 * fractions leaves a rest that no tolerance covers for all amounts.
 */
export function extendAjv(ajv: Ajv): Ajv {
  for (const [name, format] of Object.entries(narrowFormats)) ajv.addFormat(name, format);
  const { _, str } = require("ajv") as typeof import("ajv");
  ajv.removeKeyword("multipleOf");
  return ajv.addKeyword({
    keyword: "multipleOf",
    type: "number",
    schemaType: "number",
    error: {
      message: ({ schemaCode }) => str`must be multiple of ${schemaCode}`,
      params: ({ schemaCode }) => _`{multipleOf: ${schemaCode}}`,
    },
    code(context) {
      const { data, schema } = context;
      const scale = 10 ** decimalsOf(schema);
      const steps = _`Math.round(${data} * ${scale})`;
      context.fail(_`${steps} / ${scale} !== ${data} || ${steps} % ${Math.round(schema * scale)} !== 0`);
    },
  });
}

/** How many digits a number has after its point, as it is written: 2 for 0.01, 7 for 1e-7. */
function decimalsOf(value: number): number {
  const [digits = "", exponent = "0"] = `${value}`.split("e");
  return Math.max(0, (digits.split(".")[1]?.length ?? 0) - Number(exponent));
}

/** @returns a function that gives back what is wrong, field by field, or nothing; made for few values, like a configuration */
export function compileValidator(schema: AnySchemaObject): (value: unknown) => FieldErrors | undefined {
  const validate = newAjv({ optimize: false }).compile(schema);
  return (value) => (validate(value) ? undefined : fieldErrorsOf(validate.errors ?? []));
}
