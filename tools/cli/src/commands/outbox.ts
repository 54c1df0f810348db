import { Command } from "commander";
import { onDatabase, serviceDatabases } from "./databases.ts";
import { printRows } from "./print.ts";
import { resequenceCommand } from "./resequence.ts";
import { inSession, type Session, withAddresses } from "./session.ts";

export interface OutboxStatus {
  database: string;
  pending: number;
  quarantined: number;
  /** Of the oldest pending row. */
  oldest_seconds: number | null;
}

/** For operators, never on a hot path. @throws OutboxUnreadable */
export function outboxStatuses(session: Session): Promise<OutboxStatus[]> {
  return Promise.all(
    serviceDatabases(session).map(({ database }) =>
      onDatabase(session, database, async (client) => {
        const { rows } = await client.query<Omit<OutboxStatus, "database"> & Record<string, unknown>>(
          `SELECT count(*) FILTER (WHERE quarantined_at IS NULL)::int AS pending,
                  count(*) FILTER (WHERE quarantined_at IS NOT NULL)::int AS quarantined,
                  round(extract(epoch FROM now() - min(created_at) FILTER (WHERE quarantined_at IS NULL)))::int AS oldest_seconds
             FROM weft.outbox_pending`,
        );
        return { database, ...rows[0]! };
      }),
    ),
  );
}

export function outboxCommand(): Command {
  return new Command("outbox")
    .description("events that are committed and not yet on their topics")
    .addCommand(
      withAddresses(new Command("status").description("pending and quarantined rows of every service")).action(
        inSession(async (session: Session) => {
          const rows = await outboxStatuses(session);
          printRows(session.json, rows as unknown as Record<string, unknown>[], "No service has a database.");
        }),
      ),
    )
    .addCommand(resequenceCommand());
}
