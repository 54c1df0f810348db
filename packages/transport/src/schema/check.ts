import { type FieldErrors, fieldErrorsOf, newAjv, ValidationFailed } from "@weft/core";
import type { JsonSchema } from "./json-schema.ts";

/** @throws ValidationFailed with every bad field */
export type SchemaCheck = (value: unknown, what: string) => void;

/** Compiles schemas when a server is made, so that a broken one stops the start and not a request. */
export interface SchemaChecks {
  /** @param where names the schema in `problems` */
  compile(schema: JsonSchema, where: string): SchemaCheck;
  /** Schema → what is wrong with it. */
  problems: FieldErrors;
}

/** @param pathOf how the path of a field is written in what the caller gets */
export function schemaChecks(pathOf = (path: string) => path): SchemaChecks {
  const ajv = newAjv();
  const problems: FieldErrors = {};
  return {
    problems,
    compile(schema, where) {
      try {
        const check = ajv.compile(schema);
        return (value, what) => {
          if (check(value)) return;
          const fieldErrors: FieldErrors = {};
          for (const [path, problem] of Object.entries(fieldErrorsOf(check.errors ?? []))) {
            fieldErrors[pathOf(path)] = problem;
          }
          throw new ValidationFailed({ fieldErrors, what });
        };
      } catch (error) {
        problems[where] = (error as Error).message;
        return () => {};
      }
    },
  };
}
