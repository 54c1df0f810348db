import type { Component } from "@weft/core";

export type Row = Record<string, unknown>;

/** Whatever runs SQL: a transaction of ours, or a `pg` client of a service that brings its own. */
export interface Queryable {
  query<R extends Row = Row>(
    text: string,
    values?: readonly unknown[],
  ): Promise<{ rows: R[]; rowCount: number | null }>;
}

export interface Transaction extends Queryable {
  /** Runs once the commit is certain; for waking others, never for work that matters. */
  afterCommit(work: () => void): void;
}

/**
 * PostgreSQL for one service. Every wait has a bound: for a connection, a lock, a statement.
 * Inside a transaction (also one that an `Idempotency-Key` opened around the request) both methods join it.
 */
export interface Database extends Component, Queryable {
  /**
   * Runs `work` in one READ COMMITTED transaction: committed when it resolves, rolled back when it rejects. Deadlocks and
   * serialization failures (40P01, 40001) run the whole again, a few times; so `work` must have no effect outside it.
   * After the caller's deadline nothing is committed.
   * @throws DatabaseUnavailable (retryable)   @throws Timeout after the caller's deadline
   * @throws CommitUnknown (retryable) when the connection broke during the commit
   */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
}
