import { classify, sqlStateOf, WeftError } from "@weft/core";

/** What whoever called can put right before calling again; anything else is a failure. */
const wrongUse = new Set(["WRONG_USE", "ALREADY_RUNNING", "CONFIGURATION_INVALID", "PART_MISCONFIGURED"]);

/** An error of this program itself. What PostgreSQL answered is none, whatever it says of the statement. */
export const isDefect = (error: unknown) => classify(error) === "bug" && sqlStateOf(error) === undefined;

/**
 * One message on standard error that says what to do; only a defect of ours shows a stack.
 * @returns the exit code: 2 for wrong use and wrong configuration, 1 for everything else
 */
export function tellFailure(error: unknown): 1 | 2 {
  const known = error instanceof WeftError;
  process.stderr.write(`${known ? error.message : ((error as Error).stack ?? String(error))}\n`);
  return known && wrongUse.has(error.code) ? 2 : 1;
}
