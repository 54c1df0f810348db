import { defineError } from "@weft/core";

/** A command that was written wrongly: one line that says how to write it, and exit code 2. */
export const WrongUse = defineError<{ message: string }>({
  code: "WRONG_USE",
  kind: "invalid",
  message: ({ message }) => message,
});
