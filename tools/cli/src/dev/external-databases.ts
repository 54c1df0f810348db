import { defineError, retry, sqlStateOf, tlsFailureOf, withoutCredentials } from "@weft/core";
import { Client } from "pg";
import { connectionsAt } from "../connections.ts";
import { isDefect } from "../failure.ts";
import type { Addresses } from "./infrastructure.ts";

/** How long PostgreSQL may stay silent, in milliseconds: it may be starting beside us. */
const startTimeoutMs = 10_000;
const pollMs = 200;

const DatabasesUnavailable = defineError<{ message: string }>({
  code: "DATABASES_UNAVAILABLE",
  kind: "unavailable",
  message: ({ message }) => message,
});

type SqlFailure = Error & { code?: string };
const noSuchDatabase = "3D000";
const alreadyThere = "42P04";

/**
 * Creates those of the services' databases that are missing on a server of somebody else's, where its user may.
 * @returns how many were created   @throws DatabasesUnavailable
 */
export async function createMissingDatabases(addresses: Addresses, names: string[]): Promise<number> {
  const { database } = connectionsAt(addresses, "weft-dev");
  const missing: string[] = [];
  for (const { source, tls } of names.map(database)) {
    const failure = await attempt(source, tls, "SELECT 1");
    if (failure?.code === noSuchDatabase) missing.push(source);
    else if (failure) throw unreachable(source, failure);
  }
  for (const source of missing) {
    const creation = `CREATE DATABASE ${quoted(nameIn(source))}`;
    const failure = await attempt(besides(source), database("postgres").tls, creation);
    if (failure && failure.code !== alreadyThere) {
      const all = missing.map(nameIn).join(" ");
      throw new DatabasesUnavailable(
        {
          message: `these databases are missing at ${withoutCredentials(besides(source))}, and could not be created (${failure.message}): create them there: ${all}`,
        },
        { cause: failure },
      );
    }
  }
  return missing.length;
}

const nameIn = (source: string) => decodeURIComponent(new URL(source).pathname.slice(1));

/** The database that every server has. */
function besides(source: string): string {
  const url = new URL(source);
  url.pathname = "/postgres";
  return url.href;
}

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;

function unreachable(source: string, failure: SqlFailure) {
  const reason = tlsFailureOf(failure) ?? (failure.message || failure.code);
  const where = withoutCredentials(source);
  // With an SQLSTATE it answered.
  const said = sqlStateOf(failure) !== undefined ? "refuses this user" : "did not answer";
  return new DatabasesUnavailable({ message: `PostgreSQL ${said} at ${where}: ${reason}` }, { cause: failure });
}

/** It does not listen yet, or it starts (57P03). */
const isComing = (error: unknown) => ["ECONNREFUSED", "57P03"].includes((error as SqlFailure).code ?? "");

/** One statement on a connection of its own; a server that does not listen yet is asked again. @returns why it failed */
async function attempt(source: string, tls: object | undefined, statement: string): Promise<SqlFailure | undefined> {
  const policy = { firstMs: pollMs, maxMs: pollMs, floorMs: pollMs, forMs: startTimeoutMs, mayRetry: isComing };
  try {
    await retry(policy, () => execute(source, tls, statement));
    return undefined;
  } catch (error) {
    if (isDefect(error)) throw error;
    return error as SqlFailure;
  }
}

async function execute(source: string, tls: object | undefined, statement: string): Promise<void> {
  const client = new Client({ connectionString: source, ssl: tls ?? false, connectionTimeoutMillis: 3_000 });
  client.on("error", () => {});
  try {
    await client.connect();
    await client.query(statement);
  } finally {
    await client.end().catch(() => {}); // it may never have been connected
  }
}
