import { defineError } from "@weft/core";

/**
 * The database did not answer, has no connection free, or has run out of something, such as disk. Nothing was committed. All
 * instances of a service share it, so it speaks against none of them.
 */
export const DatabaseUnavailable = defineError<{ operation: string }>({
  code: "DATABASE_UNAVAILABLE",
  kind: "resource",
  retryable: true,
  message: ({ operation }) => `the database is not available now (${operation})`,
});

/** The connection broke while the commit was under way: it may have happened. Repeat with the same Idempotency-Key. */
export const CommitUnknown = defineError<void>({
  code: "COMMIT_UNKNOWN",
  kind: "resource",
  retryable: true,
  message: () =>
    "the connection to the database broke during the commit; the outcome is not known, repeat the request with the same Idempotency-Key",
});

/** The program gave a statement a value that has no form in SQL, such as an object with a cycle. Nothing was sent. */
export const ParameterNotEncodable = defineError<{ position: number }>({
  code: "PARAMETER_NOT_ENCODABLE",
  kind: "bug",
  message: ({ position }) => `parameter $${position} of a statement cannot be encoded`,
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
