import { types } from "node:util";
import type { ErrorKind } from "./error-kinds.ts";
import { WeftError } from "./errors.ts";
import { isNetworkFailure } from "./network-failure.ts";
import { tlsFailureOf } from "./tls.ts";

/** Of Node's system errors: what this machine has run out of. */
const exhausted = new Set(["EMFILE", "ENFILE", "ENOSPC", "EDQUOT", "ENOMEM"]);

/** undici refuses these before anything goes out: the request itself is wrong. */
const refusedByUndici = new Set([
  "UND_ERR_INVALID_ARG",
  "UND_ERR_NOT_SUPPORTED",
  "UND_ERR_INVALID_RETURN_VALUE",
  "UND_ERR_REQ_CONTENT_LENGTH_MISMATCH",
]);

/**
 * SQLSTATE by whole code or by class, the whole code first.
 * Source: PostgreSQL, appendix A, "PostgreSQL Error Codes".
 */
const sqlStates: Readonly<Record<string, ErrorKind>> = {
  "08": "resource", // connection exceptions
  "22": "invalid", // data exceptions: the value fits no column, however often it is tried
  "23": "invalid", // integrity constraint violations
  "25006": "resource", // read_only_sql_transaction: a standby, or a failover to one
  "25P03": "resource", // idle_in_transaction_session_timeout
  "25P04": "resource", // transaction_timeout
  "26": "bug", // invalid statement name
  "28": "resource", // the server refuses this user: an outage until somebody changes something
  "3D": "resource", // the database does not exist yet
  "40": "resource", // deadlocks, serialization failures, a completion that is not known
  "42": "bug", // syntax errors, unknown tables and columns
  "53": "resource", // disk full, out of memory, too many connections
  "54": "invalid", // program limits: a text that no index takes, however often it is tried
  "55P03": "timeout", // lock_not_available, by lock_timeout
  "57": "resource", // shutdown, crash, starting up
  "57014": "timeout", // query_canceled, by statement_timeout
  "58": "resource", // I/O errors
};

/** What `pg` and `pg-pool` say without a code of their own. */
const lostConnection =
  /Connection terminated|timeout exceeded when trying to connect|timeout expired|Client has encountered a connection error|Query read timeout|Client was closed|Cannot use a pool after calling end/i;

const ownErrors = [TypeError, ReferenceError, RangeError, SyntaxError] as const;
const ownNames = new Set(ownErrors.map(({ name }) => name));
const maxCauses = 5;

/** SQLSTATE of what `pg` threw: five characters (SQL:2016, 24.1). */
export function sqlStateOf(error: unknown): string | undefined {
  if (!types.isNativeError(error)) return undefined;
  const { code } = error as { code?: unknown };
  return typeof code === "string" && /^[0-9A-Z]{5}$/.test(code) && !/^E[A-Z]{4}$/.test(code) ? code : undefined;
}

/** The server of `pg`, or the way to it, is gone: what was asked did not happen, or is not known to have happened. */
export function isLostConnection(error: unknown): boolean {
  return types.isNativeError(error) && lostConnection.test(error.message);
}

/**
 * What kind of failure anything thrown is. Our own errors say so themselves; errors of libraries are known by their codes,
 * also below wrappers; an error of the program (`TypeError` and its like) is a bug, and never an outage.
 */
export function classify(error: unknown): ErrorKind {
  return kindOf(error, 0);
}

function kindOf(error: unknown, depth: number): ErrorKind {
  if (error instanceof WeftError) return error.kind;
  const own = kindOfForeign(error);
  if (own !== undefined && own !== "bug") return own;
  const { cause } = (error ?? {}) as { cause?: unknown };
  const below = cause === undefined || depth >= maxCauses ? "internal" : kindOf(cause, depth + 1);
  // fetch wraps what the other side did in a TypeError, also where nobody knows the cause.
  if (own === "bug" && cause !== undefined) return below;
  return below === "internal" ? (own ?? "internal") : below;
}

function kindOfForeign(error: unknown): ErrorKind | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  if (isNetworkFailure(error)) return "unavailable";
  const { code, name } = error as { code?: unknown; name?: unknown };
  if (typeof code === "string") {
    if (exhausted.has(code)) return "resource";
    if (code.startsWith("UND_ERR_")) return refusedByUndici.has(code) ? "invalid" : "unavailable";
    const state = sqlStateOf(error);
    if (state !== undefined) return sqlStates[state] ?? sqlStates[state.slice(0, 2)];
  }
  if (name === "TimeoutError") return "timeout";
  if (isLostConnection(error)) return "resource";
  if (typeof name === "string" && ownNames.has(name)) return "bug";
  return types.isNativeError(error) && tlsFailureOf(error) !== undefined ? "unavailable" : undefined;
}

const outages: ReadonlySet<ErrorKind> = new Set(["unavailable", "resource", "timeout", "dependency"]);

/** Something else is away, full or too slow; the program itself and the request are not at fault. */
export function isOutage(error: unknown): boolean {
  return outages.has(classify(error));
}

/** Whether the same work may succeed later without anybody changing it: outages, and what an error of ours says of itself. */
export function mayPass(error: unknown): boolean {
  return (error instanceof WeftError && error.retryable) || isOutage(error);
}
