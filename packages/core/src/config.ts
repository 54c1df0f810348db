import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AnySchemaObject } from "ajv";
import { defineError, type FieldErrors } from "./errors.ts";
import { compileValidator } from "./validation.ts";

const require = createRequire(import.meta.url);

export const ConfigurationInvalid = defineError<{ path: string; fieldErrors: FieldErrors }>({
  code: "CONFIGURATION_INVALID",
  kind: "invalid",
  message: ({ path, fieldErrors }) =>
    `${path} is not a valid configuration:\n${Object.entries(fieldErrors)
      .map(([field, problem]) => `  ${field}: ${problem}`)
      .join("\n")}`,
  details: ({ fieldErrors }) => ({ field_errors: fieldErrors }),
});

/**
 * Reads a YAML file, replaces `${NAME}` and `${NAME:-default}` from the environment and checks the result. Every wrong field
 * is reported together. Without quotes `${PORT:-8001}` is a number; put it in quotes to keep it a text.
 * @throws ConfigurationInvalid with the path of each wrong field, also for a file that is missing or is not YAML
 */
export function loadConfig<T>(schema: AnySchemaObject, path: string, environment: NodeJS.ProcessEnv = process.env): T {
  const invalid = (fieldErrors: FieldErrors) => new ConfigurationInvalid({ path, fieldErrors });
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw invalid({ "(file)": `cannot be read (${(error as NodeJS.ErrnoException).code}); --conf names another one` });
  }
  const { parseDocument, visit } = require("yaml") as typeof import("yaml");
  const { marked, variables } = markVariables(text);
  const document = parseDocument(marked);
  const [syntaxError] = document.errors;
  if (syntaxError) throw invalid({ "(file)": `is not YAML: ${syntaxError.message.split("\n")[0]}` });
  const missing: FieldErrors = {};
  visit(document, {
    Scalar(_key, scalar) {
      if (typeof scalar.value !== "string" || !scalar.value.includes(mark)) return;
      const value = fillIn(scalar.value, variables, environment, missing);
      scalar.value = scalar.type === "PLAIN" ? plainValue(value) : value;
    },
  });
  if (Object.keys(missing).length > 0) throw invalid(missing);
  let value: unknown;
  try {
    value = document.toJS() ?? {};
  } catch (error) {
    // An alias of nothing, or aliases that multiply, are only found here.
    throw invalid({ "(file)": `is not YAML: ${(error as Error).message}` });
  }
  const fieldErrors = compileValidator(schema)(value);
  if (fieldErrors) throw invalid(fieldErrors);
  return value as T;
}

interface Variable {
  name: string;
  fallback: string | undefined;
}

const mark = `variable-${randomUUID()}-`;

/** Variables stand aside while the file is parsed, so that nothing in the environment can change its form. */
function markVariables(text: string): { marked: string; variables: Variable[] } {
  const variables: Variable[] = [];
  const marked = text.replace(
    /\$\{([A-Z][A-Z0-9_]*)(?::-((?:[^{}]|\{[^{}]*\})*))?\}/g,
    (_whole, name: string, fallback?: string) => `${mark}${variables.push({ name, fallback }) - 1}.`,
  );
  return { marked, variables };
}

function fillIn(text: string, variables: Variable[], environment: NodeJS.ProcessEnv, missing: FieldErrors): string {
  return text.replace(new RegExp(`${mark}(\\d+)\\.`, "g"), (_whole, index: string) => {
    const { name, fallback } = variables[Number(index)]!;
    const value = environment[name] || fallback;
    if (value === undefined) missing[`\${${name}}`] = "is not set in the environment and has no default";
    return value ?? "";
  });
}

/** What YAML makes of a value without quotes: a number or a boolean where it looks like one, nothing where it is empty. */
function plainValue(text: string): string | number | boolean | null {
  if (text === "") return null;
  if (/^-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,15})?$/.test(text)) return Number(text);
  return text === "true" || text === "false" ? text === "true" : text;
}
