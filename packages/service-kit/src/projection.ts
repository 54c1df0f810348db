import type { Queryable } from "@weft/outbox";

/** What an event of another service says about one row here. Names are those of the table's columns. */
export interface ProjectedRow {
  table: string;
  key: Record<string, unknown>;
  values: Record<string, unknown>;
  /** The event's place among those of its aggregate (`event.place`); absent for producers that claim no order. */
  place: number | undefined;
  /** Columns that are written by events of their own have an order of their own, under a name. @defaultValue one order for the row */
  part?: string;
}

/**
 * Writes the row, new or over what is there, unless a later event of the aggregate has written it: one that comes late (a
 * replayed dead letter) must not undo it. Which event wrote it last is in `weft.inbox_rows`, beside the inbox, and not in the
 * table. Needs a unique index on the columns of `key`. An event that claims no order always writes, and leaves the noted
 * place as it is. To be called inside the transaction of the inbox.
 */
export async function project(tx: Queryable, { table, key, values, place, part = "" }: ProjectedRow): Promise<void> {
  const row = { ...key, ...values };
  const columns = Object.keys(row);
  const replaced = Object.keys(values).map((column) => `${column} = excluded.${column}`);
  const keyTexts = Object.values(key).map((value) => (value === null || value === undefined ? null : String(value)));
  const [name, ofPart, rowKey, at] = [1, 2, 3, 4].map((n) => `$${columns.length + n}`);
  await tx.query(
    `insert into ${table} (${columns.join(", ")}) select ${columns.map((_, index) => `$${index + 1}`).join(", ")}
      where weft.inbox_may_write(${name}, ${ofPart}, ${rowKey}, ${at})
     on conflict (${Object.keys(key).join(", ")}) do update set ${replaced.join(", ")}`,
    [...Object.values(row), table, part, keyTexts, place ?? null],
  );
}
