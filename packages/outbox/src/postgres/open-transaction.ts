import { remainingMs, Timeout } from "@weft/core";
import type { Row, Transaction } from "../database.ts";
import { CommitUnknown } from "../errors.ts";
import type { Disk } from "./disk.ts";
import { isConnectionFailure, translated } from "./failures.ts";
import type { Lane, LaneClient } from "./lane.ts";

/** A transaction on its connection, from BEGIN until `commit` or `rollback`, which both give the connection back. */
export interface OpenTransaction {
  readonly tx: Transaction;
  readonly isOver: boolean;
  /** Set when a part of it that joined has failed: what is left must not be committed. */
  doomed?: { cause: unknown };
  savepoint<T>(work: () => Promise<T>): Promise<T>;
  /** @throws Timeout when the caller's deadline is over; then nothing was committed   @throws CommitUnknown when the connection broke after COMMIT was sent */
  commit(): Promise<void>;
  rollback(failure: unknown): Promise<void>;
}

/** @throws DatabaseUnavailable, without waiting where the disk is known to be full */
export async function beginTransaction(lane: Lane): Promise<OpenTransaction> {
  lane.disk.assertRoom();
  let client: LaneClient;
  try {
    client = await lane.acquire();
  } catch (error) {
    throw translated(error, "no connection");
  }
  try {
    await client.query("BEGIN ISOLATION LEVEL READ COMMITTED");
  } catch (error) {
    client.release(error);
    throw translated(error, "beginning a transaction");
  }
  return new PostgresTransaction(client, lane.disk);
}

class PostgresTransaction implements OpenTransaction, Transaction {
  doomed?: { cause: unknown };
  isOver = false;
  readonly #client: LaneClient;
  readonly #disk: Disk;
  readonly #afterCommit: (() => void)[] = [];
  // One statement at a time: a connection has no other way, and `pg` warns of its own queue.
  #last: Promise<unknown> = Promise.resolve();

  constructor(client: LaneClient, disk: Disk) {
    this.#client = client;
    this.#disk = disk;
  }

  get tx(): Transaction {
    return this;
  }

  query<R extends Row = Row>(text: string, values?: readonly unknown[]) {
    const result = this.#last.then(async () => {
      if (this.isOver) throw new Error("this transaction is over; await every statement before its work resolves");
      try {
        const { rows, rowCount } = await this.#client.query(text, values);
        return { rows: rows as R[], rowCount };
      } catch (error) {
        throw translated(error, "a statement in a transaction");
      }
    });
    this.#last = result.catch(() => {});
    return result;
  }

  afterCommit(work: () => void): void {
    this.#afterCommit.push(work);
  }

  async savepoint<T>(work: () => Promise<T>): Promise<T> {
    const hooks = this.#afterCommit.length;
    await this.query("SAVEPOINT weft_part");
    try {
      const result = await work();
      if (this.doomed) throw this.doomed.cause;
      await this.query("RELEASE SAVEPOINT weft_part");
      return result;
    } catch (error) {
      this.#afterCommit.length = hooks;
      try {
        await this.query("ROLLBACK TO SAVEPOINT weft_part");
        this.doomed = undefined;
      } catch (cause) {
        this.doomed = { cause };
      }
      throw error;
    }
  }

  async commit(): Promise<void> {
    await this.#last;
    if (this.doomed) {
      const { cause } = this.doomed;
      await this.rollback(cause);
      throw cause;
    }
    if (remainingMs() === 0) {
      // Whoever asked was told so already, and may have asked again.
      const late = new Timeout({ operation: "a transaction" });
      await this.rollback(late);
      throw late;
    }
    this.isOver = true;
    // Lost before COMMIT was sent: then it certainly did not happen.
    const lost = this.#client.lost;
    if (lost) {
      this.#client.release(lost);
      throw translated(lost, "before the commit");
    }
    let command: string;
    try {
      ({ command } = await this.#client.query("COMMIT"));
    } catch (error) {
      this.#client.release(error);
      throw isConnectionFailure(error)
        ? new CommitUnknown(undefined, { cause: error, retryAfterSeconds: 1 })
        : translated(error, "the commit");
    }
    this.#client.release();
    this.#disk.written();
    // PostgreSQL answers COMMIT of a failed transaction with ROLLBACK, without an error.
    if (command !== "COMMIT")
      throw new Error("a statement of this transaction failed and its error was swallowed; nothing was committed");
    for (const hook of this.#afterCommit) {
      try {
        hook();
      } catch {
        // It is committed, whatever the one that wanted to be told makes of it.
      }
    }
  }

  async rollback(failure: unknown): Promise<void> {
    if (this.isOver) return;
    this.isOver = true;
    await this.#last;
    const cause = failure instanceof Error && failure.cause !== undefined ? failure.cause : failure;
    if (this.#client.lost || isConnectionFailure(cause)) return this.#client.release(this.#client.lost ?? cause);
    try {
      await this.#client.query("ROLLBACK");
      this.#client.release();
    } catch (error) {
      this.#client.release(error, { close: true }); // who knows what it is in the middle of
    }
  }
}
