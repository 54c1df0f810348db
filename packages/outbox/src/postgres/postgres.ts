import { AsyncLocalStorage } from "node:async_hooks";
import { fileURLToPath } from "node:url";
import {
  type ComponentHealth,
  classify,
  type Logger,
  type Metrics,
  noMetrics,
  option,
  reasonOf,
  retry,
  sqlStateOf,
  type TlsOptions,
  takeOptions,
} from "@weft/core";
import pg from "pg";
import type { Database } from "../database.ts";
import { DatabaseUnavailable } from "../errors.ts";
import { disk } from "./disk.ts";
import { isConnectionFailure, translated } from "./failures.ts";
import { ensurePartitions, removeExpired } from "./housekeeping.ts";
import { type LaneName, registerInternals } from "./internals.ts";
import { type Lane, openLane } from "./lane.ts";
import { migrate } from "./migrations.ts";
import { tlsProblemOf } from "./tls.ts";
import { transactionsOn } from "./transactions.ts";
import { typeParsers } from "./types.ts";

export interface PostgresOptions {
  /** `postgres://user:password@host:port/database`; never logged. */
  source: string;
  /** Connects with TLS and checks the server's certificate and host, as `sslmode=verify-full` in the source does. @defaultValue no TLS */
  tls?: Omit<TlsOptions, "servername">;
  /** Directories of `.sql` files (node-pg-migrate), applied after those of this package. @defaultValue [] */
  migrations?: (string | URL)[];
  /** What the server's own views show. @defaultValue "weft" */
  applicationName?: string;
  /** Connections for requests. @defaultValue 5 */
  poolSize?: number;
  /** Connections for the relay. @defaultValue 3 */
  relayPoolSize?: number;
  /** Connections for consumers, so the number of handlers that work at once. @defaultValue 3 */
  consumerPoolSize?: number;
  /** Longest wait for a connection, in milliseconds; then DatabaseUnavailable. At most 1000. @defaultValue 1000 */
  connectTimeoutMs?: number;
  /** In milliseconds. @defaultValue 10000 */
  statementTimeoutMs?: number;
  /** In milliseconds. @defaultValue 5000 */
  lockTimeoutMs?: number;
  /** How long a transaction may sit between two statements, in milliseconds. @defaultValue 15000 */
  idleInTransactionTimeoutMs?: number;
  /** How often a transaction runs that meets deadlocks, the first time included. @defaultValue 4 */
  conflictAttempts?: number;
  /** How long a read outside a transaction is tried again, in milliseconds. @defaultValue 10000 */
  readRetryMs?: number;
  /** How long `start` waits for the server, in milliseconds; then DatabaseUnavailable, and it may be called again. @defaultValue 10000 */
  startTimeoutMs?: number;
  /** Published events stay as history, in days. @defaultValue 7 */
  outboxRetentionDays?: number;
  /** Rows of the inbox stay, in days, at least 30. @defaultValue 30 */
  inboxRetentionDays?: number;
}

/** Node and `pg` wait for a connection at most this long, in milliseconds: a caller is better told to come again. */
const longestConnectMs = 1_000;

const rules = {
  source: option.text(/^postgres(ql)?:\/\//, "must be a postgres:// URL"),
  applicationName: { ...option.text(), default: "weft" },
  poolSize: option.count(5),
  relayPoolSize: option.count(3),
  consumerPoolSize: option.count(3),
  connectTimeoutMs: option.milliseconds(1_000, { to: longestConnectMs }),
  statementTimeoutMs: option.milliseconds(10_000),
  lockTimeoutMs: option.milliseconds(5_000),
  idleInTransactionTimeoutMs: option.milliseconds(15_000),
  conflictAttempts: option.count(4),
  readRetryMs: option.milliseconds(10_000, { from: 0 }),
  startTimeoutMs: option.milliseconds(10_000, { from: 0 }),
  outboxRetentionDays: option.count(7),
  inboxRetentionDays: option.count(30, { from: 30 }),
};

const housekeepingEveryMs = 10 * 60_000;
const firstHousekeepingMs = 30_000; // not while everything starts

/**
 * PostgreSQL for one service, with the tables of schema `weft` in it. `start` waits for the server, applies migrations and
 * makes partitions. Requests, relay and consumers have a pool each. A lost server never ends the process: statements fail
 * with DatabaseUnavailable, and the next ones find it again.
 * @throws OptionsInvalid at once; from `start` MigrationFailed, DatabaseTooNew, DatabaseUnavailable (retryable)
 */
export function postgres(
  { log, metrics = noMetrics }: { log: Logger; metrics?: Metrics },
  options: PostgresOptions,
): Database {
  const settings = takeOptions("postgres", rules, options, ({ source }, wrong) => {
    const problem = tlsProblemOf(source ?? "");
    if (problem) wrong("source", problem);
  });
  const migrations = (options.migrations ?? []).map((path) => (path instanceof URL ? fileURLToPath(path) : path));
  const ambient: Parameters<typeof transactionsOn>[1] = new AsyncLocalStorage();
  const sizes: Record<LaneName, number> = {
    api: settings.poolSize,
    relay: settings.relayPoolSize,
    consumer: settings.consumerPoolSize,
  };
  const room = disk();
  const names = Object.keys(sizes) as LaneName[];
  let lanes = openLanes();
  let housekeepingTimer: NodeJS.Timeout | undefined;
  let housekeeping: Promise<void> = Promise.resolve();
  let isReady = false;
  let isStopped = false;
  const connections = metrics.gauge("weft_database_connections", "Connections to the database", ["lane", "state"]);

  function openLanes(): Record<LaneName, Lane> {
    const entries = names.map((name) => [
      name,
      openLane({ log, disk: room }, { ...settings, name, size: sizes[name] }),
    ]);
    return Object.fromEntries(entries) as Record<LaneName, Lane>;
  }

  const transactionsIn = (name: LaneName) => {
    // Through `lanes`, so that a database that was stopped and started again uses its new pools.
    const lane: Lane = {
      name,
      disk: room,
      acquire: () => lanes[name].acquire(),
      isClosed: () => lanes[name].isClosed(),
      counts: () => lanes[name].counts(),
      close: () => lanes[name].close(),
    };
    return transactionsOn(lane, ambient, settings);
  };
  const byLane = { api: transactionsIn("api"), relay: transactionsIn("relay"), consumer: transactionsIn("consumer") };

  async function prepare(): Promise<void> {
    const client = new pg.Client({
      connectionString: settings.source,
      // Said in any case: what is left open here, PGSSLMODE of the environment decides, also to look at no certificate.
      ssl: settings.tls ?? false,
      application_name: `${settings.applicationName}:start`,
      connectionTimeoutMillis: 2_000,
      types: typeParsers,
    });
    client.on("error", () => {}); // the statement under way reports it
    try {
      await client.connect();
      await migrate({ log }, client, migrations);
      await ensurePartitions(client);
    } finally {
      await client.end().catch(() => {});
    }
  }

  async function keepHouse(): Promise<void> {
    try {
      const client = await lanes.relay.acquire();
      let failure: unknown;
      try {
        await ensurePartitions(client);
        await removeExpired({ client, log }, settings);
      } catch (error) {
        failure = error;
        throw error;
      } finally {
        client.release(failure);
      }
    } catch (err) {
      const level = classify(err) === "bug" ? "error" : "warn";
      log[level]({ err }, "housekeeping of the database did not finish; it is tried again later");
    }
  }

  function tellFirst({ error, attempt }: { error: unknown; attempt: number }): void {
    if (attempt === 1) log.warn({ err: error }, "the database does not answer yet; waiting for it");
  }

  async function start(): Promise<void> {
    if (isStopped) {
      lanes = openLanes();
      isStopped = false;
    }
    try {
      await retry(
        { ...startPauses, forMs: settings.startTimeoutMs, mayRetry: isStarting, onRetry: tellFirst },
        prepare,
      );
    } catch (error) {
      throw startFailure(error);
    }
    isReady = true;
    scheduleHousekeeping(firstHousekeepingMs);
  }

  function scheduleHousekeeping(delayMs: number): void {
    housekeepingTimer = setTimeout(() => {
      housekeeping = ambient.exit(keepHouse).then(() => {
        if (!isStopped) scheduleHousekeeping(housekeepingEveryMs);
      });
    }, delayMs).unref();
  }

  async function health(): Promise<ComponentHealth> {
    const pools = Object.fromEntries(names.map((name) => [name, lanes[name].counts()]));
    for (const [lane, counts] of Object.entries(pools))
      for (const [state, count] of Object.entries(counts)) connections.set(count, { lane, state });
    if (!isReady) return { status: "unhealthy", message: "the database was not reached yet", details: { pools } };
    try {
      const client = await lanes.api.acquire();
      let failure: unknown;
      try {
        const { rows } = await client.query("SELECT pg_is_in_recovery() AS is_standby");
        if (rows[0]?.is_standby) failure = Object.assign(new Error("the server is a standby"), { code: "25006" });
      } catch (error) {
        failure = error;
      }
      client.release(failure);
      if (failure) throw failure;
      if (room.isFull()) return { status: "degraded", message: "the database's disk is full", details: { pools } };
      return { status: "healthy", details: { pools } };
    } catch (error) {
      const isBug = classify(error) === "bug";
      if (isBug) log.error({ err: error }, "the look at the database failed by a bug");
      const message = isBug
        ? `the look at the database failed: ${reasonOf(error)}`
        : "the database does not answer, or has no connection free";
      return { status: "degraded", message, details: { pools } };
    }
  }

  const database: Database = {
    name: "postgres",
    start,
    async stop() {
      if (isStopped) return;
      isStopped = true;
      isReady = false;
      clearTimeout(housekeepingTimer);
      await housekeeping;
      await Promise.all(names.map((name) => lanes[name].close()));
    },
    health,
    query: byLane.api.query,
    transaction: byLane.api.transaction,
  };
  registerInternals(database, { lane: (name) => byLane[name], deferred: byLane.api.deferred });
  return database;
}

const startPauses = { firstMs: 100, maxMs: 1_000, floorMs: 50 };

/** Also where another process migrates at the same time. */
const isStarting = (error: unknown): boolean => isConnectionFailure(error) || sqlStateOf(error) === "55P03";

function startFailure(error: unknown): unknown {
  if (sqlStateOf(error) !== "3D000") return translated(error, "start");
  const { message } = error as Error;
  return new DatabaseUnavailable({ operation: `${message}: create it there, with createdb` }, { cause: error });
}
