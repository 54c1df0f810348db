import type { Queryable } from "@weft/outbox";

/** What an event of another service says about one row here. Names are those of the table's columns. */
export interface ProjectedRow {
  table: string;
  key: Record<string, unknown>;
  values: Record<string, unknown>;
  /** Place of the event among those of its aggregate; absent for producers that claim no order. */
  sequence: number | undefined;
  /** Where the place of the last event that wrote `values` is kept. @defaultValue "sequence" */
  sequenceColumn?: string;
}

/**
 * Writes the row, new or over what is there, unless a newer event of the aggregate has written it: a late one (a replayed
 * dead letter) must not undo it. Needs a unique index on the columns of `key`. An event that claims no order always writes,
 * and leaves the noted place as it is. To be called inside the transaction of the inbox.
 */
export async function project(
  tx: Queryable,
  { table, key, values, sequence, sequenceColumn = "sequence" }: ProjectedRow,
): Promise<void> {
  const row = { ...key, ...values, [sequenceColumn]: sequence ?? null };
  const columns = Object.keys(row);
  const replaced = Object.keys(values).map((column) => `${column} = excluded.${column}`);
  const known = `${table}.${sequenceColumn}`;
  const incoming = `excluded.${sequenceColumn}`;
  await tx.query(
    `insert into ${table} (${columns.join(", ")}) values (${columns.map((_, index) => `$${index + 1}`).join(", ")})
     on conflict (${Object.keys(key).join(", ")}) do update
       set ${[...replaced, `${sequenceColumn} = coalesce(${incoming}, ${known})`].join(", ")}
     where ${known} is null or ${incoming} is null or ${incoming} > ${known}`,
    Object.values(row),
  );
}
