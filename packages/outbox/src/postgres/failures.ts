import { types } from "node:util";
import { isNetworkFailure, Timeout, tlsFailureOf, WeftError } from "@weft/core";
import { DatabaseUnavailable } from "../errors.ts";

// SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html
const unavailableStates = new Set([
  "57P01", // admin_shutdown, also pg_terminate_backend
  "57P02", // crash_shutdown
  "57P03", // cannot_connect_now: starting up, recovering
  "57P05", // idle_session_timeout
  "25P03", // idle_in_transaction_session_timeout
  "25P04", // transaction_timeout
  "53300", // too_many_connections
  "25006", // read_only_sql_transaction: a standby, or a failover to one
]);
// What `pg` and `pg-pool` say without a code of their own.
const lostConnection =
  /Connection terminated|timeout exceeded when trying to connect|timeout expired|Client has encountered a connection error|Query read timeout|Client was closed|Cannot use a pool after calling end/i;

export function sqlState(error: unknown): string | undefined {
  if (!types.isNativeError(error)) return undefined;
  const { code } = error as { code?: unknown };
  return typeof code === "string" && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

/** The server or the way to it is gone, so that what was asked did not happen, or is not known to have happened. */
export function isConnectionFailure(error: unknown): boolean {
  if (!types.isNativeError(error) || error instanceof WeftError) return false;
  const state = sqlState(error);
  if (state !== undefined) return state.startsWith("08") || unavailableStates.has(state);
  return isNetworkFailure(error) || lostConnection.test(error.message);
}

/** Connected to a server that does not take writes: every connection of the pool goes to the same one. */
export const isReadOnlyServer = (error: unknown): boolean => sqlState(error) === "25006";

/** Deadlock or serialization failure: the same transaction run again is expected to succeed. */
export const isTransactionConflict = (error: unknown): boolean => ["40P01", "40001"].includes(sqlState(error) ?? "");

/** What callers get: a retryable error of ours for a lost server or a bound that was hit, everything else as it is. */
export function translated(error: unknown, operation: string): unknown {
  if (isConnectionFailure(error)) return new DatabaseUnavailable({ operation }, { cause: error, retryAfterSeconds: 1 });
  const refusal = refusalOf(error);
  if (refusal) return new DatabaseUnavailable({ operation: refusal }, { cause: error, retryAfterSeconds: 1 });
  switch (sqlState(error)) {
    case "57014": // query_canceled, by statement_timeout
      return new Timeout({ operation: "a statement in the database" }, { cause: error });
    case "55P03": // lock_not_available, by lock_timeout
      return new Timeout({ operation: "waiting for a lock in the database" }, { cause: error });
    default:
      return isTransactionConflict(error)
        ? new DatabaseUnavailable({ operation: "transactions kept colliding" }, { cause: error, retryAfterSeconds: 1 })
        : error;
  }
}

/** The server does not let this process in, or this process the server: an outage until somebody changes something. */
function refusalOf(error: unknown): string | undefined {
  const state = sqlState(error);
  if (state === "28P01") return "the server refuses this user or password: check data.database.source";
  if (state === "28000") return `the server refuses this user: ${(error as Error).message}`;
  const tls = state === undefined && types.isNativeError(error) ? tlsFailureOf(error) : undefined;
  return tls && `TLS with the server failed: ${tls} (data.database.tls; ${(error as Error).message})`;
}
