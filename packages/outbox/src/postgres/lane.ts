import { type Logger, remainingMs, type TlsOptions, within } from "@weft/core";
import pg from "pg";
import { DatabaseUnavailable } from "../errors.ts";
import type { Disk } from "./disk.ts";
import { isConnectionFailure, isReadOnlyServer } from "./failures.ts";
import { sqlValues } from "./sql-values.ts";
import { typeParsers } from "./types.ts";

export interface LaneSettings {
  name: string;
  source: string;
  tls?: TlsOptions;
  applicationName: string;
  size: number;
  connectTimeoutMs: number;
  statementTimeoutMs: number;
  lockTimeoutMs: number;
  idleInTransactionTimeoutMs: number;
}

/**
 * One pool of connections. Requests, relay and consumers have one each, so that none of them can starve the others.
 * Connections that failed are closed, never given back; a server that turned read-only takes the whole pool with it.
 */
export interface Lane {
  readonly name: string;
  readonly disk: Disk;
  /**
   * Waits at most `connectTimeoutMs`, and no longer than the caller's deadline leaves for an answer. The failure of an acquired client is kept in
   * `lost`, so that no event kills the process.
   */
  acquire(): Promise<LaneClient>;
  isClosed(): boolean;
  counts(): { total: number; idle: number; waiting: number };
  close(): Promise<void>;
}

export interface LaneClient {
  query(text: string, values?: readonly unknown[]): Promise<pg.QueryResult>;
  /** Why the connection is gone, once it is. */
  readonly lost: Error | undefined;
  /** Gives the connection back, or closes it where the failure says that it is lost. */
  release(failure?: unknown, options?: { close: boolean }): void;
}

const idleTimeoutMs = 30_000;

/** The last of a caller's time, kept for telling it that the database did not answer, at most, in milliseconds. */
const answerReserveMs = 500;

/** How long a caller can wait for the database and still get an answer in time, in milliseconds; undefined without a deadline. */
export function patienceMs(): number | undefined {
  const leftMs = remainingMs();
  return leftMs === undefined ? undefined : leftMs - Math.min(answerReserveMs, leftMs / 10);
}

export function openLane({ log, disk }: { log: Logger; disk: Disk }, settings: LaneSettings): Lane {
  const { name } = settings;
  const failures = new WeakMap<pg.PoolClient, Error>();
  let pool = newPool();

  function newPool(): pg.Pool {
    const created = new pg.Pool({
      connectionString: settings.source,
      ssl: settings.tls ?? false,
      application_name: `${settings.applicationName}:${name}`,
      max: settings.size,
      connectionTimeoutMillis: settings.connectTimeoutMs,
      idleTimeoutMillis: idleTimeoutMs,
      statement_timeout: settings.statementTimeoutMs,
      lock_timeout: settings.lockTimeoutMs,
      idle_in_transaction_session_timeout: settings.idleInTransactionTimeoutMs,
      // The server's own bound comes first; this one is for an answer that never arrives.
      query_timeout: settings.statementTimeoutMs + 2_000,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      types: typeParsers,
    });
    // Without these two listeners the end of a connection would end the process.
    created.on("error", (err) => log.warn({ err, lane: name }, "an idle database connection was lost"));
    created.on("connect", (client) => client.on("error", (error) => failures.set(client, error)));
    return created;
  }

  /** A caller that is answered before the pool has a connection for it does not take one when it comes. */
  async function connected(): Promise<pg.PoolClient> {
    const connecting = pool.connect();
    const boundMs = patienceMs();
    if (boundMs === undefined || boundMs >= settings.connectTimeoutMs) return connecting;
    return within(boundMs, connecting, () => {
      connecting.then(
        (client) => client.release(),
        () => {},
      );
      throw new DatabaseUnavailable({ operation: "no connection in time" }, { retryAfterSeconds: 1 });
    });
  }

  return {
    name,
    disk,
    async acquire() {
      const client = await connected();
      return {
        async query(text, values) {
          try {
            return await client.query(text, values && sqlValues(values));
          } catch (error) {
            disk.failed(error);
            throw error;
          }
        },
        get lost() {
          return failures.get(client);
        },
        release(failure, { close } = { close: false }) {
          client.release(close || failures.has(client) || isConnectionFailure(failure));
          if (!isReadOnlyServer(failure)) return;
          log.warn({ lane: name }, "the database turned read-only; all connections are opened anew");
          const old = pool;
          pool = newPool();
          old.end().catch((err: unknown) => log.warn({ err, lane: name }, "closing the old connections failed"));
        },
      };
    },
    counts: () => ({ total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
    isClosed: () => pool.ending,
    close: () => pool.end(),
  };
}
