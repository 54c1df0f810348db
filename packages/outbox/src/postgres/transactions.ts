import type { AsyncLocalStorage } from "node:async_hooks";
import { retry } from "@weft/core";
import type { Queryable, Row, Transaction } from "../database.ts";
import { isConnectionFailure, isTransactionConflict, translated } from "./failures.ts";
import { type Lane, patienceMs } from "./lane.ts";
import { beginTransaction, type OpenTransaction } from "./open-transaction.ts";

/**
 * What is around the work that runs: nothing, a transaction (then everything joins it), or a deferred scope, as an
 * Idempotency-Key opens around a request. A scope begins without a transaction, so that what comes first (remote calls)
 * holds no connection; the first `transaction()` in it opens one, later ones are savepoints of it, and it is committed
 * when the whole work has resolved.
 */
type Ambient = { open: OpenTransaction } | { scope: DeferredScope };

interface DeferredScope {
  open?: OpenTransaction;
  isOver: boolean;
  /** Why no work may run here any more: another request holds the key, or its answer is already known. */
  unwound?: Error;
  onOpen(tx: Transaction): Promise<Error | undefined>;
  queue: Promise<unknown>;
}

interface Deferred<T> {
  /** First thing in the transaction; an error that it gives back unwinds the work, whatever the work makes of it. */
  onOpen(tx: Transaction): Promise<Error | undefined>;
  work(): Promise<T>;
  /** Last thing in the transaction. */
  onClose(tx: Transaction, result: T): Promise<void>;
}

export interface Transactions extends Queryable {
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** Runs `work` in a deferred scope. The transaction is there for `onClose` also where the work opened none. */
  deferred<T>(options: Deferred<T>): Promise<T>;
}

export interface RetrySettings {
  /** How often a transaction that met a deadlock or a serialization failure runs, the first time included. */
  conflictAttempts: number;
  /** How long a read outside a transaction is tried again while the server is away, in milliseconds. */
  readRetryMs: number;
}

/** Whoever collided is out of the other's way after a moment, whatever a caller is told to wait. */
const conflictPauses = { firstMs: 20, maxMs: 500, afterMs: () => undefined };

const wasConflict = (error: unknown): boolean =>
  isTransactionConflict(error instanceof Error && error.cause !== undefined ? error.cause : error);

/** @param ambient shared by all lanes of one database, so that work on any of them joins what is around it */
export function transactionsOn(lane: Lane, ambient: AsyncLocalStorage<Ambient>, settings: RetrySettings): Transactions {
  const inside = <T>(open: OpenTransaction, work: (tx: Transaction) => Promise<T>) =>
    ambient.run({ open }, () => work(open.tx));

  // A part that failed and was caught by the whole has still left half of itself behind.
  async function join<T>(open: OpenTransaction, work: (tx: Transaction) => Promise<T>): Promise<T> {
    try {
      return await work(open.tx);
    } catch (error) {
      open.doomed ??= { cause: error };
      throw error;
    }
  }

  const retryingConflicts = <T>(attempt: () => Promise<T>): Promise<T> =>
    retry({ ...conflictPauses, attempts: settings.conflictAttempts, mayRetry: wasConflict }, attempt);

  async function committed(open: OpenTransaction): Promise<void> {
    // Whoever is woken by the commit must not find this transaction around itself.
    await ambient.exit(() => open.commit());
  }

  async function whole<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const open = await beginTransaction(lane);
    let result: T;
    try {
      result = await inside(open, work);
    } catch (error) {
      await open.rollback(error);
      throw error;
    }
    await committed(open);
    return result;
  }

  async function partOf<T>(scope: DeferredScope, work: (tx: Transaction) => Promise<T>): Promise<T> {
    if (scope.unwound) throw scope.unwound;
    const { open } = scope;
    if (open) return open.savepoint(() => inside(open, work));
    return retryingConflicts(async () => {
      const opened = await openScope(scope);
      try {
        const result = await inside(opened, work);
        if (opened.doomed) throw opened.doomed.cause;
        scope.open = opened;
        return result;
      } catch (error) {
        await opened.rollback(error);
        throw error;
      }
    });
  }

  async function openScope(scope: DeferredScope): Promise<OpenTransaction> {
    const open = await beginTransaction(lane);
    try {
      const unwound = await scope.onOpen(open.tx);
      if (unwound === undefined) return open;
      scope.unwound = unwound;
      throw unwound;
    } catch (error) {
      await open.rollback(error);
      throw error;
    }
  }

  const around = (): Ambient | undefined => {
    const found = ambient.getStore();
    if (found === undefined) return undefined;
    return ("open" in found ? found.open.isOver : found.scope.isOver) ? undefined : found;
  };

  return {
    async query<R extends Row = Row>(text: string, values?: readonly unknown[]) {
      const found = around();
      const open = found && ("open" in found ? found.open : found.scope.open);
      if (open) return open.tx.query<R>(text, values);
      return queryAlone<R>(lane, text, values, settings.readRetryMs);
    },

    async transaction(work) {
      const found = around();
      if (found === undefined) return retryingConflicts(() => whole(work));
      if ("open" in found) return join(found.open, work);
      const { scope } = found;
      const result = scope.queue.then(() => partOf(scope, work));
      scope.queue = result.catch(() => {});
      return result;
    },

    async deferred({ onOpen, work, onClose }) {
      const scope: DeferredScope = { isOver: false, onOpen, queue: Promise.resolve() };
      try {
        const result = await ambient.run({ scope }, work);
        await scope.queue;
        if (scope.unwound) throw scope.unwound;
        scope.open ??= await openScope(scope);
        await onClose(scope.open.tx, result);
        scope.isOver = true;
        await committed(scope.open);
        return result;
      } catch (error) {
        await scope.queue;
        scope.isOver = true;
        await scope.open?.rollback(error);
        throw scope.unwound ?? error;
      }
    },
  };
}

const reads = /^\s*(select|values|table|show)\b/i;

/**
 * One statement without a transaction. Where no connection was to be had it is tried again; once it was sent, only a
 * read is: 100 ms to 2 s apart with jitter, until `retryMs` or as long as the caller's deadline leaves time for an answer.
 */
async function queryAlone<R extends Row>(
  lane: Lane,
  text: string,
  values: readonly unknown[] | undefined,
  retryMs: number,
) {
  const isRead = reads.test(text);
  let wasSent = false;
  const once = async () => {
    if (!isRead) lane.disk.assertRoom();
    wasSent = false;
    const client = await lane.acquire();
    wasSent = true;
    let failure: unknown;
    try {
      const { rows, rowCount } = await client.query(text, values);
      if (!isRead) lane.disk.written();
      return { rows: rows as R[], rowCount };
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      client.release(failure);
    }
  };
  const mayRetry = (error: unknown) => isConnectionFailure(error) && !lane.isClosed() && (!wasSent || isRead);
  try {
    return await retry(
      { firstMs: 100, maxMs: 2000, forMs: Math.min(retryMs, patienceMs() ?? retryMs), mayRetry },
      once,
    );
  } catch (error) {
    throw translated(error, "a query");
  }
}
