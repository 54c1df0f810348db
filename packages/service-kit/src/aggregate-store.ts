import { contractOf, type EventData, type EventType, keyOf } from "@weft/contracts";
import { defineError } from "@weft/core";
import type { Database, Outbox, Queryable, Row, Transaction } from "@weft/outbox";

/** An event of the aggregate that changes: its topic is the store's, its key the aggregate's id. */
export type NewEvent<Type extends EventType> = { [T in Type]: { type: T; data: EventData<T> } }[Type];

/** What was decided of one aggregate: how it is from now on, and what others are told of it. */
export interface Decision<Thing, Type extends EventType> {
  thing: Thing;
  /** In the order in which they are published. @defaultValue none */
  events?: readonly NewEvent<Type>[];
}

type CreateDecision<Thing, Type extends EventType> = (
  tx: Transaction,
) => Decision<Thing, Type> | Promise<Decision<Thing, Type>>;

type ChangeDecision<Thing, Type extends EventType> = (
  thing: Thing,
  tx: Transaction,
) => Decision<Thing, Type> | undefined | Promise<Decision<Thing, Type> | undefined>;

type Created<Thing> =
  | { isNew: true; thing: Thing }
  /** `existing` is the one with that id; it is absent where the value of another unique column is taken. */
  | { isNew: false; existing?: Thing };

/** How the table holds an aggregate. Names of tables and columns come from code, never from a request. */
export interface AggregateStoreOptions<Thing> {
  /** Where its events go. */
  topic: string;
  /** The table needs `seq bigint generated always as identity unique` where it is to be listed. */
  table: string;
  /** The column of the aggregate's id, which is the key of its events. */
  id: string;
  /** Every column that is written, the id with them. */
  toRow(thing: Thing): Row;
  // A method, so that it may take the type of the rows that the table really gives.
  fromRow(row: Row): Thing;
}

/** Which rows a list shows besides equal columns: SQL over the table's columns, with its own `$1`, `$2` … in it. */
export interface Condition {
  sql: string;
  values: readonly unknown[];
}

export interface AggregatesInTransaction<Thing, Type extends EventType> {
  /**
   * Saves a new aggregate and its events. With an id and a callback: for who must look at other rows first; it is called only
   * where the id is free, with the aggregate locked. What it writes itself stays also where another unique column is taken.
   * @throws what `outbox.append` throws   @throws EventOfAnotherAggregate
   */
  create(thing: Thing, events: readonly NewEvent<Type>[]): Promise<Created<Thing>>;
  create(id: string, decide: CreateDecision<Thing, Type>): Promise<Created<Thing>>;

  find(id: string): Promise<Thing | undefined>;

  /**
   * Loads, decides, saves the whole and its events, one change of an aggregate at a time. Nothing decided, or the same thing
   * without events: nothing is written. The callback may run more than once (after a deadlock), so only what it does with
   * `tx` may have an effect.
   * @returns the aggregate as it is after, or nothing where there is none with that id
   * @throws what `outbox.append` throws   @throws EventOfAnotherAggregate
   */
  change(id: string, decide: ChangeDecision<Thing, Type>): Promise<Thing | undefined>;
}

export interface AggregateStore<Thing, Type extends EventType> extends AggregatesInTransaction<Thing, Type> {
  /** @param tx where the transaction's own changes must show */
  find(id: string, tx?: Queryable): Promise<Thing | undefined>;

  /**
   * The newest first, in the order of their creation.
   * @param filter column → value that it must have: `undefined` is any, `null` none
   * @param count at most so many, all of them before the position `before`: what `pageOf` asks for
   */
  list(
    filter: Readonly<Record<string, unknown>>,
    count: number,
    before?: number,
    condition?: Condition,
  ): Promise<(Thing & { position: number })[]>;

  /** The same inside a transaction of the caller, as the one that an event handler shares with the inbox. */
  in(tx: Transaction): AggregatesInTransaction<Thing, Type>;
}

/** Only the aggregate that changes is locked: an event of another one could be numbered against the order of its changes. */
export const EventOfAnotherAggregate = defineError<{ eventType: string; of: string; changed: string }>({
  code: "EVENT_OF_ANOTHER_AGGREGATE",
  kind: "internal",
  message: ({ eventType, of, changed }) => `${eventType} is an event of ${of}, but what changes is ${changed}`,
});

/** A table or column by a name that SQL would have to quote. */
export const StoreNamesInvalid = defineError<{ names: readonly string[] }>({
  code: "STORE_NAMES_INVALID",
  kind: "internal",
  message: ({ names }) => `${names.map((name) => JSON.stringify(name)).join(", ")} cannot name a table or a column`,
});

/**
 * What services do alike with the things they own: one row an aggregate, its events in the same transaction, one change of
 * an aggregate at a time. The outbox is locked before the row, everywhere, so that events are numbered in the order of the
 * changes, and whoever decides about an id that has no row yet waits for who else does.
 * @throws StoreNamesInvalid
 */
export function aggregateStore<Thing, Type extends EventType = EventType>(
  { database, outbox }: { database: Database; outbox: Outbox<Type> },
  { topic, table, id: idColumn, toRow, fromRow }: AggregateStoreOptions<Thing>,
): AggregateStore<Thing, Type> {
  assertNames([table, idColumn]);

  const lock = (tx: Queryable, id: string) => outbox.lock(tx, [{ topic, aggregateId: id }]);

  async function load(queryable: Queryable, id: string, locked = ""): Promise<Thing | undefined> {
    const { rows } = await queryable.query(`select * from ${table} where ${idColumn} = $1 ${locked}`, [id]);
    return rows[0] && fromRow(rows[0]);
  }

  async function insert(tx: Transaction, thing: Thing, events: readonly NewEvent<Type>[]): Promise<Created<Thing>> {
    const row = toRow(thing);
    const columns = Object.keys(row);
    assertNames(columns);
    const id = String(row[idColumn]);
    await lock(tx, id);
    const { rowCount } = await tx.query(
      `insert into ${table} (${columns.join(", ")}) values (${columns.map((_, index) => `$${index + 1}`).join(", ")})
       on conflict do nothing`,
      Object.values(row),
    );
    if (rowCount === 0) return { isNew: false, existing: await load(tx, id) };
    await append(tx, id, events);
    return { isNew: true, thing };
  }

  async function update(tx: Transaction, id: string, thing: Thing): Promise<void> {
    const { [idColumn]: _, ...row } = toRow(thing);
    const columns = Object.keys(row);
    assertNames(columns);
    await tx.query(
      `update ${table} set ${columns.map((column, index) => `${column} = $${index + 2}`).join(", ")} where ${idColumn} = $1`,
      [id, ...Object.values(row)],
    );
  }

  async function append(tx: Transaction, id: string, events: readonly NewEvent<Type>[]): Promise<void> {
    for (const { type, data } of events) {
      const envelope = await outbox.append(tx, type, data as EventData<Type>);
      const of = `${contractOf(type)?.topic} ${keyOf(envelope)}`;
      const changed = `${topic} ${id}`;
      if (of !== changed) throw new EventOfAnotherAggregate({ eventType: type, of, changed });
    }
  }

  async function create(
    tx: Transaction,
    thingOrId: Thing | string,
    given: readonly NewEvent<Type>[] | CreateDecision<Thing, Type>,
  ): Promise<Created<Thing>> {
    if (typeof given !== "function") return insert(tx, thingOrId as Thing, given);
    const id = thingOrId as string;
    await lock(tx, id);
    const existing = await load(tx, id);
    if (existing !== undefined) return { isNew: false, existing };
    const { thing, events = [] } = await given(tx);
    return insert(tx, thing, events);
  }

  async function change(tx: Transaction, id: string, decide: ChangeDecision<Thing, Type>): Promise<Thing | undefined> {
    await lock(tx, id);
    const before = await load(tx, id, "for update");
    if (before === undefined) return undefined;
    const { thing, events = [] } = (await decide(before, tx)) ?? { thing: before };
    if (thing !== before) await update(tx, id, thing);
    await append(tx, id, events);
    return thing;
  }

  return {
    create: (thingOrId: Thing | string, given: readonly NewEvent<Type>[] | CreateDecision<Thing, Type>) =>
      database.transaction((tx) => create(tx, thingOrId, given)),
    find: (id, tx = database) => load(tx, id),
    change: (id, decide) => database.transaction((tx) => change(tx, id, decide)),
    in: (tx) => ({
      create: (thingOrId: Thing | string, given: readonly NewEvent<Type>[] | CreateDecision<Thing, Type>) =>
        create(tx, thingOrId, given),
      find: (id) => load(tx, id),
      change: (id, decide) => change(tx, id, decide),
    }),

    async list(filter, count, before, condition) {
      const wanted = Object.entries(filter).filter(([, value]) => value !== undefined);
      assertNames(wanted.map(([column]) => column));
      // The condition's values come first, so that its placeholders stay as they were written.
      const values = [...(condition?.values ?? [])];
      const terms = condition ? [`(${condition.sql})`] : [];
      for (const [column, value] of wanted) {
        terms.push(value === null ? `${column} is null` : `${column} = $${values.push(value)}`);
      }
      if (before !== undefined) terms.push(`seq < $${values.push(before)}`);
      const where = terms.length === 0 ? "" : `where ${terms.join(" and ")}`;
      const { rows } = await database.query(
        `select * from ${table} ${where} order by seq desc limit $${values.push(count)}`,
        values,
      );
      return rows.map((row) => ({ ...fromRow(row), position: Number(row.seq) }));
    },
  };
}

function assertNames(names: readonly string[]): void {
  const wrong = names.filter((name) => !/^[a-z_][a-z0-9_]*$/.test(name));
  if (wrong.length > 0) throw new StoreNamesInvalid({ names: wrong });
}
