import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EventData } from "@weft/contracts";
import { silentLogger } from "@weft/core";
import { type EmbeddedProcess, spawnEmbedded } from "@weft/embedded";
import { type Broker, lastHeader, type OutgoingRecord, type SchemaRegistry } from "@weft/messaging";
import { createOutbox, type Database, type Outbox, type PostgresOptions, postgres } from "@weft/outbox";
import { eventually } from "@weft/testkit";
import { hostPort } from "@weft/testkit/infrastructure";
import pg from "pg";

/** All of its pool: a request waits for a connection for a second, which a busy machine takes to open as many. */
export async function openConnections(database: Database, poolSize: number): Promise<void> {
  const opened = () => database.transaction((tx) => tx.query("SELECT pg_sleep(0.1)"));
  await eventually("its connections are open", async () => Promise.all(Array.from({ length: poolSize }, opened)));
}

/** One embedded PostgreSQL for a test file; each test has a database of its own in it. */
export async function postgresServer() {
  const dataDir = await mkdtemp(join(tmpdir(), "weft-outbox-"));
  let server: EmbeddedProcess = await spawnEmbedded("postgres", { dataDir, port: await hostPort() });
  const opened: Database[] = [];

  async function asAdmin(sql: string): Promise<void> {
    const client = new pg.Client({ connectionString: server.url.replace("{database}", "postgres") });
    await client.connect();
    await client.query(sql).finally(() => client.end());
  }

  return {
    asAdmin,
    /** A new, empty database. @returns its URL */
    async create(): Promise<string> {
      const name = `test_${randomUUID().replaceAll("-", "")}`;
      await asAdmin(`CREATE DATABASE ${name}`);
      return server.url.replace("{database}", name);
    },
    open(source: string, options: Partial<PostgresOptions> = {}): Database {
      const database = postgres({ log: silentLogger }, { source, ...options });
      opened.push(database);
      return database;
    },
    /** Migrated and ready. */
    async database(options: Partial<PostgresOptions> = {}): Promise<{ database: Database; source: string }> {
      const source = await this.create();
      const database = this.open(source, options);
      await database.start();
      return { database, source };
    },
    async closeDatabases(): Promise<void> {
      await Promise.all(opened.splice(0).map((database) => database.stop()));
    },
    /** Kills the server and starts it again on the same port. */
    async restart(): Promise<void> {
      process.kill(server.pid, "SIGKILL");
      await server.exited;
      server = await spawnEmbedded("postgres", { dataDir, port: server.address.port });
    },
    async stop(): Promise<void> {
      await this.closeDatabases();
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

export type PostgresServer = Awaited<ReturnType<typeof postgresServer>>;

export interface Sent {
  aggregateId: string;
  sequence: number;
  eventId: string;
  value: string;
}

/** A topic in memory, in the order in which records were acknowledged. */
export function recordingBroker(beforeAck: (records: readonly OutgoingRecord[]) => Promise<void> = async () => {}) {
  const log: Sent[] = [];
  const broker = {
    name: "recording",
    async start() {},
    async stop() {},
    async send(records: readonly OutgoingRecord[]) {
      await beforeAck(records);
      for (const { headers, value } of records) {
        log.push({
          aggregateId: String(lastHeader(headers, "aggregate-id")),
          sequence: Number(lastHeader(headers, "event-sequence")),
          eventId: String(lastHeader(headers, "event-id")),
          value: value?.toString("latin1") ?? "",
        });
      }
    },
  };
  return { log, broker: broker as unknown as Broker };
}

export const schemas = {
  name: "schemas",
  async start() {},
  async stop() {},
  idOf: async () => 7,
} as unknown as SchemaRegistry;

export const newOutbox = (): Outbox => createOutbox({}, { source: "pricing-service" });

export const priceChanged = (productId: string, price = 1): EventData<"PriceChanged"> => ({
  productId,
  basePrice: price,
  finalPrice: price,
  currency: "EUR",
  changedAt: "2026-01-02T03:04:05.000Z",
});

/** What went wrong in a topic: events whose first occurrence came after a later one of their aggregate, or never. */
export function verdict(
  log: readonly Pick<Sent, "aggregateId" | "sequence">[],
  committed: ReadonlyMap<string, number>,
) {
  const highest = new Map<string, number>();
  const seen = new Set<string>();
  let inverted = 0;
  for (const { aggregateId, sequence } of log) {
    const event = `${aggregateId} ${sequence}`;
    if (seen.has(event)) continue;
    seen.add(event);
    if (sequence < (highest.get(aggregateId) ?? 0)) inverted += 1;
    else highest.set(aggregateId, sequence);
  }
  const total = [...committed.values()].reduce((sum, count) => sum + count, 0);
  return { total, lost: total - seen.size, inverted, repeated: log.length - seen.size };
}

/** How many events each aggregate has, as the database says. */
export async function committedIn(database: Database): Promise<Map<string, number>> {
  const { rows } = await database.query<{ aggregate_id: string; n: number }>(
    "SELECT aggregate_id, count(*) AS n FROM weft.outbox GROUP BY aggregate_id",
  );
  return new Map(rows.map(({ aggregate_id, n }) => [aggregate_id, n]));
}

export async function pendingIn(database: Database): Promise<number> {
  const { rows } = await database.query<{ n: number }>("SELECT count(*) AS n FROM weft.outbox_pending");
  return rows[0]?.n ?? 0;
}
