import { defineError } from "@weft/core";

/** The database did not answer, or has no connection free. Nothing was committed. */
export const DatabaseUnavailable = defineError<{ operation: string }>({
  code: "DATABASE_UNAVAILABLE",
  kind: "unavailable",
  retryable: true,
  message: ({ operation }) => `the database is not available now (${operation})`,
});

/** The connection broke while the commit was under way: it may have happened. Repeat with the same Idempotency-Key. */
export const CommitUnknown = defineError<void>({
  code: "COMMIT_UNKNOWN",
  kind: "unavailable",
  retryable: true,
  message: () =>
    "the connection to the database broke during the commit; the outcome is not known, repeat the request with the same Idempotency-Key",
});

/** A migration file that cannot be applied. What it had done was rolled back. */
export const MigrationFailed = defineError<{ file: string; reason: string }>({
  code: "MIGRATION_FAILED",
  kind: "internal",
  message: ({ file, reason }) => `migration ${file} failed and was rolled back: ${reason}`,
  details: ({ file }) => ({ file }),
});

/** The database has migrations that this program does not bring: a newer version has run here. */
export const DatabaseTooNew = defineError<{ unknown: string[] }>({
  code: "DATABASE_TOO_NEW",
  kind: "internal",
  message: ({ unknown }) =>
    `the database was migrated by a newer version (${unknown.join(", ")}); run that version, or restore an older backup`,
  details: ({ unknown }) => ({ unknown }),
});

/** A service publishes only what it says that it publishes: readers, documentation and the event map rely on it. */
export const EventNotDeclared = defineError<{ eventType: string; source: string; publishes: readonly string[] }>({
  code: "EVENT_NOT_DECLARED",
  kind: "internal",
  message: ({ eventType, source, publishes }) =>
    `${source} does not publish ${eventType}; it declares ${publishes.join(", ") || "nothing"} as what it publishes`,
});

/** Options that a factory was given, every wrong one named. */
export const OutboxOptionsInvalid = defineError<{ what: string; problems: string[] }>({
  code: "OUTBOX_OPTIONS_INVALID",
  kind: "invalid",
  message: ({ what, problems }) => `${what}: ${problems.join("; ")}`,
});
