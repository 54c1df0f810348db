import { defineError, tlsFailureOf, WeftError, withoutCredentials } from "@weft/core";
import type { Queryable } from "@weft/outbox";
import { serviceParts } from "../dev/parts.ts";
import { isDefect } from "../failure.ts";
import type { Session } from "./session.ts";

export interface ServiceDatabase {
  service: string;
  database: string;
}

const OutboxUnreadable = defineError<{ where: string; reason: string }>({
  code: "OUTBOX_UNREADABLE",
  kind: "unavailable",
  retryable: true,
  message: ({ where, reason }) => `PostgreSQL did not answer at ${where}: ${reason}`,
});

/** Of every service that runs here; of every one that there is, where the addresses are another mesh's. */
export function serviceDatabases(session: Session): ServiceDatabase[] {
  const services = session.isLocal("postgres") ? session.runtime().services : serviceParts();
  const found = services.flatMap(({ name, database }) => (database ? [{ service: name, database }] : []));
  return [...new Map(found.map((one) => [one.database, one])).values()];
}

/**
 * One connection for a piece of work.
 * @param statementTimeoutMs how long one statement may take
 * @throws OutboxUnreadable
 */
export async function onDatabase<T>(
  session: Session,
  database: string,
  work: (client: Queryable) => Promise<T>,
  statementTimeoutMs = 10_000,
): Promise<T> {
  const { postgres } = session.addresses;
  const [{ Client }, { connectionsAt }] = await Promise.all([import("pg"), import("../connections.ts")]);
  const connection = connectionsAt({ WEFT_POSTGRES_URL: postgres }, "weft-cli").database(database);
  const client = new Client({
    connectionString: connection.source,
    ssl: connection.tls ?? false,
    connectionTimeoutMillis: 3_000,
    statement_timeout: statementTimeoutMs,
    application_name: "weft-cli",
  });
  client.on("error", () => {});
  try {
    await client.connect();
    return await work(client as unknown as Queryable);
  } catch (cause) {
    if (cause instanceof WeftError || isDefect(cause)) throw cause;
    const { message, code } = cause as NodeJS.ErrnoException;
    const where = withoutCredentials(postgres.replace("{database}", database));
    throw new OutboxUnreadable({ where, reason: tlsFailureOf(cause) ?? (message || code || String(cause)) }, { cause });
  } finally {
    await client.end().catch(() => {}); // it may never have been connected
  }
}
