import type { Database } from "../database.ts";
import type { Transactions } from "./transactions.ts";

export type LaneName = "api" | "relay" | "consumer";

/** What the other parts of this package need of a database, and services do not. */
export interface DatabaseInternals {
  /** The same database over another pool of connections. */
  lane(name: LaneName): Pick<Transactions, "query" | "transaction">;
  deferred: Transactions["deferred"];
}

const internals = new WeakMap<Database, DatabaseInternals>();

export function registerInternals(database: Database, value: DatabaseInternals): void {
  internals.set(database, value);
}

/** The pool of connections for this work; the database itself where it is another implementation of the port. */
export function laneOf(database: Database, name: LaneName): Pick<Transactions, "query" | "transaction"> {
  return internals.get(database)?.lane(name) ?? database;
}

/** @throws Error where the database was not made by `postgres()`: idempotency keys need its deferred commit */
export function deferredOf(database: Database): Transactions["deferred"] {
  const found = internals.get(database);
  if (!found) throw new Error("idempotencyKeys needs a database that postgres() made");
  return found.deferred;
}
