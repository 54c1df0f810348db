import { types } from "node:util";
import { classify, isLostConnection, isNetworkFailure, sqlStateOf, Timeout, tlsFailureOf, WeftError } from "@weft/core";
import { DatabaseUnavailable } from "../errors.ts";

// SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html
/** After these the connection is of no use any more; what any state means to callers, core's `classify` says. */
const endOfConnection = new Set([
  "57P01", // admin_shutdown, also pg_terminate_backend
  "57P02", // crash_shutdown
  "57P03", // cannot_connect_now: starting up, recovering
  "57P05", // idle_session_timeout
  "25P03", // idle_in_transaction_session_timeout
  "25P04", // transaction_timeout
  "53300", // too_many_connections
  "25006", // read_only_sql_transaction: a standby, or a failover to one
]);

/** The server or the way to it is gone, so that what was asked did not happen, or is not known to have happened. */
export function isConnectionFailure(error: unknown): boolean {
  if (!types.isNativeError(error) || error instanceof WeftError) return false;
  const state = sqlStateOf(error);
  if (state !== undefined) return state.startsWith("08") || endOfConnection.has(state);
  return isNetworkFailure(error) || isLostConnection(error);
}

/** Connected to a server that does not take writes: every connection of the pool goes to the same one. */
export const isReadOnlyServer = (error: unknown): boolean => sqlStateOf(error) === "25006";

/** Deadlock or serialization failure: the same transaction run again is expected to succeed. */
export const isTransactionConflict = (error: unknown): boolean => ["40P01", "40001"].includes(sqlStateOf(error) ?? "");

export const isDiskFull = (error: unknown): boolean => sqlStateOf(error) === "53100";

/** Somebody has to make room, or to raise a limit: asking again at once is of no use, in seconds. */
const exhaustedRetryAfter = 5;

/** What callers get: a retryable error of ours for what all instances share and a bound that was hit, everything else as it is. */
export function translated(error: unknown, operation: string): unknown {
  if (error instanceof WeftError) return error;
  const state = sqlStateOf(error);
  switch (isConnectionFailure(error) || refusalOf(error) !== undefined ? "resource" : classify(error)) {
    case "resource":
    case "unavailable": {
      const isExhausted = state !== undefined && /^5[38]/.test(state) && state !== "53300";
      return new DatabaseUnavailable(
        { operation: refusalOf(error) ?? (isExhausted ? exhaustionOf(state, error) : conflictOf(error)) ?? operation },
        { cause: error, retryAfterSeconds: isExhausted ? exhaustedRetryAfter : 1 },
      );
    }
    case "timeout":
      return new Timeout(
        { operation: state === "55P03" ? "waiting for a lock in the database" : "a statement in the database" },
        { cause: error },
      );
    default:
      return error;
  }
}

const exhaustionOf = (state: string, error: unknown): string =>
  state === "53100" ? "its disk is full" : `it cannot go on: ${(error as Error).message}`;

const conflictOf = (error: unknown): string | undefined =>
  isTransactionConflict(error) ? "transactions kept colliding" : undefined;

/** The server does not let this process in, or this process the server: an outage until somebody changes something. */
function refusalOf(error: unknown): string | undefined {
  const state = sqlStateOf(error);
  if (state === "28P01") return "the server refuses this user or password: check data.database.source";
  if (state === "28000") return `the server refuses this user: ${(error as Error).message}`;
  const tls = state === undefined && types.isNativeError(error) ? tlsFailureOf(error) : undefined;
  return tls && `TLS with the server failed: ${tls} (data.database.tls; ${(error as Error).message})`;
}
