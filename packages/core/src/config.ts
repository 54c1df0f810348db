import { readFileSync } from "node:fs";
import type { AnySchemaObject } from "ajv";
import { parseDocument } from "yaml";
import { defineError, type FieldErrors } from "./errors.ts";
import { compileValidator } from "./validation.ts";

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
 * Reads a YAML file, replaces `${NAME}` and `${NAME:-default}` from the environment, fills the schema's defaults in and
 * checks the result. Every wrong field is reported together.
 * A replaced value is read as YAML again, so that `${PORT:-8001}` is a number; put it in quotes to keep it a text.
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
  const missing: FieldErrors = {};
  const replaced = text.replace(/\$\{([A-Z][A-Z0-9_]*)(?::-([^}]*))?\}/g, (_whole, name: string, fallback?: string) => {
    const value = environment[name];
    if (value !== undefined && value !== "") return value;
    if (fallback !== undefined) return fallback;
    missing[`\${${name}}`] = "is not set in the environment and has no default";
    return "";
  });
  if (Object.keys(missing).length > 0) throw invalid(missing);
  const document = parseDocument(replaced);
  const [syntaxError] = document.errors;
  if (syntaxError) throw invalid({ "(file)": `is not YAML: ${syntaxError.message.split("\n")[0]}` });
  const value: unknown = document.toJS() ?? {};
  const fieldErrors = compileValidator(schema)(value);
  if (fieldErrors) throw invalid(fieldErrors);
  return value as T;
}
