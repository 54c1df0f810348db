import { createRequire } from "node:module";
import type { Ajv, AnySchemaObject, ErrorObject } from "ajv";
import type { FieldErrors } from "./errors.ts";

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
    result[path] ??= describe(error);
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
    case "type":
      return `must be ${[params.type].flat().join(" or ")}`;
    default:
      return message ?? `breaks ${keyword}`;
  }
}

const unescapePointer = (part: string) => part.replaceAll("~1", "/").replaceAll("~0", "~");

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
    multipleOfPrecision: 8,
    $data: false,
    code: { optimize },
  });
  addFormats(ajv);
  return ajv;
}

/** @returns a function that gives back what is wrong, field by field, or nothing; made for few values, like a configuration */
export function compileValidator(schema: AnySchemaObject): (value: unknown) => FieldErrors | undefined {
  const validate = newAjv({ optimize: false }).compile(schema);
  return (value) => (validate(value) ? undefined : fieldErrorsOf(validate.errors ?? []));
}
