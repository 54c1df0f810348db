import { defineError } from "@weft/core";

/** One thing that is wrong in `schemas/`. */
export interface Problem {
  /** As seen from the schemas folder. */
  file: string;
  /** Where in the file, `examples.0.data.name`; absent where it is the whole file. */
  path?: string;
  /** What is wrong, and the way out. */
  problem: string;
}

/** Everything that is wrong in `schemas/`, in one error. */
export const SchemasInvalid = defineError<{ schemasDir: string; problems: Problem[] }>({
  code: "SCHEMAS_INVALID",
  kind: "invalid",
  message: ({ schemasDir, problems }) =>
    [
      `${problems.length === 1 ? "one problem" : `${problems.length} problems`} in ${schemasDir}:`,
      ...problems.map(({ file, path, problem }) => `  ${file}${path ? ` at ${path}` : ""}: ${problem}`),
    ].join("\n"),
  details: ({ problems }) => ({ problems }),
});
