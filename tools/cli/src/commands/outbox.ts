import { defineError, tlsFailureOf, withoutCredentials } from "@weft/core";
import { Command } from "commander";
import { serviceParts } from "../dev/parts.ts";
import { isDefect } from "../failure.ts";
import { printRows } from "./print.ts";
import { inSession, type Session, withAddresses } from "./session.ts";

export interface OutboxStatus {
  database: string;
  pending: number;
  quarantined: number;
  /** Of the oldest pending row. */
  oldest_seconds: number | null;
}

const OutboxUnreadable = defineError<{ where: string; reason: string }>({
  code: "OUTBOX_UNREADABLE",
  kind: "unavailable",
  retryable: true,
  message: ({ where, reason }) => `PostgreSQL did not answer at ${where}: ${reason}`,
});

/**
 * One connection, one answer; for operators, never on a hot path.
 * @throws OutboxUnreadable
 */
async function outboxStatus(postgresUrl: string, database: string): Promise<OutboxStatus> {
  const [{ Client }, { connectionsAt }] = await Promise.all([import("pg"), import("../connections.ts")]);
  const connection = connectionsAt({ WEFT_POSTGRES_URL: postgresUrl }, "weft-cli").database(database);
  const client = new Client({
    connectionString: connection.source,
    ssl: connection.tls ?? false,
    connectionTimeoutMillis: 3_000,
    statement_timeout: 10_000,
    application_name: "weft-cli",
  });
  client.on("error", () => {});
  try {
    await client.connect();
    const { rows } = await client.query<Omit<OutboxStatus, "database">>(
      `SELECT count(*) FILTER (WHERE quarantined_at IS NULL)::int AS pending,
              count(*) FILTER (WHERE quarantined_at IS NOT NULL)::int AS quarantined,
              round(extract(epoch FROM now() - min(created_at) FILTER (WHERE quarantined_at IS NULL)))::int AS oldest_seconds
         FROM weft.outbox_pending`,
    );
    return { database, ...rows[0]! };
  } catch (cause) {
    if (isDefect(cause)) throw cause;
    const { message, code } = cause as NodeJS.ErrnoException;
    const where = withoutCredentials(postgresUrl.replace("{database}", database));
    throw new OutboxUnreadable({ where, reason: tlsFailureOf(cause) ?? (message || code || String(cause)) }, { cause });
  } finally {
    await client.end().catch(() => {}); // it may never have been connected
  }
}

/** Of every service that runs here; of every one that there is, where the addresses are another mesh's. */
export async function outboxStatuses(session: Session): Promise<OutboxStatus[]> {
  const { postgres } = session.addresses;
  const databases = session.isLocal("postgres")
    ? session.runtime().services.flatMap(({ database }) => database ?? [])
    : serviceParts().flatMap(({ database }) => database ?? []);
  return Promise.all([...new Set(databases)].map((database) => outboxStatus(postgres, database)));
}

export function outboxCommand(): Command {
  return new Command("outbox").description("events that are committed and not yet on their topics").addCommand(
    withAddresses(new Command("status").description("pending and quarantined rows of every service")).action(
      inSession(async (session: Session) => {
        const rows = await outboxStatuses(session);
        printRows(session.json, rows as unknown as Record<string, unknown>[], "No service has a database.");
      }),
    ),
  );
}
