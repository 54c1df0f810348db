import { WeftError } from "@weft/core";
import { Poison } from "./errors.ts";

/**
 * What a handler's failure means for its event.
 * `transient`: something that it needs is away; tried again for ever, nothing is used up.
 * `poison`: the handler itself says that no retry will help.
 * `failure`: anything else; tried again a few times.
 */
export type FailureKind = "transient" | "poison" | "failure";

const transientKinds = new Set(["unavailable", "timeout", "dependency"]);

/** Of sockets, names and HTTP clients, as Node and undici call them. */
const connectionCodes =
  /^(ECONN(REFUSED|RESET|ABORTED)|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|EMFILE|ENFILE|UND_ERR_.+)$/;

/**
 * SQLSTATE, PostgreSQL appendix A: connection exceptions (08), insufficient resources (53), operator intervention (57:
 * shutdown, crash, cancelled), serialization failure and deadlock (40), lock not available (55P03), read-only (25006).
 */
const sqlStates = /^(08...|53...|57...|40001|40P01|40003|55P03|25006)$/;

/** `pg` has no code for these. */
const connectionTexts =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/;

const maxCauses = 5;

export function failureKindOf(error: unknown): FailureKind {
  if (Poison.is(error)) return "poison";
  let current = error;
  for (let depth = 0; depth < maxCauses && current instanceof Error; depth += 1) {
    if (current instanceof WeftError) {
      return current.retryable || transientKinds.has(current.kind) ? "transient" : "failure";
    }
    const { code } = current as { code?: unknown };
    if (typeof code === "string" && (connectionCodes.test(code) || sqlStates.test(code))) return "transient";
    if (connectionTexts.test(current.message)) return "transient";
    current = current.cause;
  }
  return "failure";
}

/** One line for a log or a header, without a stack. */
export function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : "";
  return `${error.name}: ${error.message}${cause}`;
}
