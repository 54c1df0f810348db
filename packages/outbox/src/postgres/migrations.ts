import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Logger, sqlStateOf } from "@weft/core";
import type pg from "pg";
import { DatabaseTooNew, MigrationFailed } from "../errors.ts";
import { isConnectionFailure } from "./failures.ts";

/** A row of directories, and the table in schema `weft` that remembers what of them was applied. */
interface MigrationSet {
  table: string;
  directories: string[];
}

const ownDirectory = fileURLToPath(new URL("../../migrations/", import.meta.url));
// Any number will do, as long as every version of this package uses the same one.
const advisoryLock = "7306086966742364721";
const lockWaitMs = 30_000;
const ddlLockTimeoutMs = 5_000;

/**
 * Applies what is missing: first the tables of this package, then the service's directories, in the order of their file
 * names. Of several processes one works and the others wait. Each set is one transaction: a broken file leaves nothing behind.
 * @throws MigrationFailed naming the file   @throws DatabaseTooNew
 */
export async function migrate(
  { log }: { log: Logger },
  client: pg.Client,
  serviceDirectories: string[],
): Promise<void> {
  const sets: MigrationSet[] = [
    { table: "migrations", directories: [ownDirectory] },
    { table: "service_migrations", directories: serviceDirectories },
  ];
  // The usual start finds nothing to do; the migration tool (90 ms) is not even loaded then.
  if (!(await hasPending(client, sets))) return;
  await client.query(`SET lock_timeout = ${lockWaitMs}`);
  await client.query(`SELECT pg_advisory_lock(${advisoryLock})`);
  try {
    await client.query(`SET lock_timeout = ${ddlLockTimeoutMs}`);
    for (const set of sets) {
      for (const directory of set.directories) await apply({ log }, client, set.table, directory);
    }
  } finally {
    await client.query(`SELECT pg_advisory_unlock(${advisoryLock})`).catch(() => {}); // the lock ends with the connection
  }
}

async function hasPending(client: pg.Client, sets: MigrationSet[]): Promise<boolean> {
  let pending = false;
  for (const { table, directories } of sets) {
    const files = (await Promise.all(directories.map(filesIn))).flat();
    const known = new Set(files.map(({ name }) => name));
    const applied = await appliedIn(client, table);
    const unknown = applied.filter((name) => !known.has(name));
    if (unknown.length > 0) throw new DatabaseTooNew({ unknown });
    if (files.some(({ name }) => !applied.includes(name))) pending = true;
  }
  return pending;
}

async function appliedIn(client: pg.Client, table: string): Promise<string[]> {
  try {
    const { rows } = await client.query<{ name: string }>(`SELECT name FROM weft.${table} ORDER BY id`);
    return rows.map(({ name }) => name);
  } catch (error) {
    if (["42P01", "3F000"].includes(sqlStateOf(error) ?? "")) return []; // no such table, no such schema
    throw error;
  }
}

async function filesIn(directory: string): Promise<{ name: string; path: string }[]> {
  let entries: string[];
  try {
    entries = await readdir(directory);
  } catch (cause) {
    throw new MigrationFailed({ file: directory, reason: "the directory cannot be read" }, { cause });
  }
  return entries
    .filter((entry) => entry.endsWith(".sql"))
    .sort()
    .map((entry) => ({ name: basename(entry, ".sql"), path: join(directory, entry) }));
}

async function apply({ log }: { log: Logger }, client: pg.Client, table: string, directory: string): Promise<void> {
  const files = await filesIn(directory);
  const applied = await appliedIn(client, table); // again, now that nobody else writes it
  const pending = files.filter(({ name }) => !applied.includes(name));
  const lastApplied = files.findLast(({ name }) => applied.includes(name));
  const [first] = pending;
  if (!first) return;
  if (lastApplied && first.name < lastApplied.name) {
    const reason = `it would come before ${lastApplied.name}, which was applied already; give it a later number`;
    throw new MigrationFailed({ file: first.path, reason });
  }
  const { runner } = await import("node-pg-migrate");
  let current = first.name;
  const logger = {
    // The only place where the tool says which file it is at.
    info: (line: string) => {
      current = /### MIGRATION (.+) \(UP\)/.exec(line)?.[1] ?? current;
    },
    warn: (line: string) => log.debug({ line }, "migration"),
    error: (line: string) => log.debug({ line }, "migration"),
  };
  try {
    await runner({
      dbClient: client,
      dir: directory,
      direction: "up",
      migrationsSchema: "weft",
      createMigrationsSchema: true,
      migrationsTable: table,
      ignorePattern: "(?!.*\\.sql$).*",
      singleTransaction: true,
      checkOrder: false,
      noLock: true,
      logger,
    });
  } catch (error) {
    if (isConnectionFailure(error) || sqlStateOf(error) === "55P03") throw error; // both pass: try the start again
    const path = files.find(({ name }) => name === current)?.path ?? directory;
    throw new MigrationFailed({ file: path, reason: reasonOf(error) }, { cause: error });
  }
  log.info({ migrations: pending.map(({ name }) => name) }, "the database was migrated");
}

function reasonOf(error: unknown): string {
  const { message, detail, hint } = error as { message?: string; detail?: string; hint?: string };
  return [message ?? String(error), detail, hint].filter(Boolean).join("; ");
}
