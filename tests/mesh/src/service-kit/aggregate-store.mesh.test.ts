import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import type { Database } from "@weft/outbox";
import { aggregateStore, pageOf, project } from "@weft/service-kit";
import { newOutbox, openConnections, type PostgresServer, postgresServer, priceChanged } from "../outbox/fixtures.ts";

interface Shelf {
  shelfId: string;
  label: string;
  height: number;
}

const poolSize = 16;
let server: PostgresServer;
let database: Database;

beforeAll(async () => {
  server = await postgresServer();
});
beforeEach(async () => {
  ({ database } = await server.database({ poolSize }));
  await openConnections(database, poolSize);
  await database.query(`create table shelves (
    shelf_id text primary key,
    seq bigint generated always as identity unique,
    label text not null unique,
    height integer not null
  )`);
  await database.query("create table boxes (shelf_id text not null, height integer not null)");
});
afterEach(() => server.closeDatabases());
afterAll(() => server.stop());

const newShelves = () =>
  aggregateStore(
    { database, outbox: newOutbox() },
    {
      topic: "pricing.events",
      table: "shelves",
      id: "shelf_id",
      toRow: ({ shelfId, label, height }: Shelf) => ({ shelf_id: shelfId, label, height }),
      fromRow: (row: { shelf_id: string; label: string; height: number }): Shelf => ({
        shelfId: row.shelf_id,
        label: row.label,
        height: row.height,
      }),
    },
  );
const shelf = (shelfId: string, height = 0): Shelf => ({ shelfId, label: `of ${shelfId}`, height });
/** Carries the height as its price. */
const told = ({ shelfId, height }: Shelf) => [
  { type: "PriceChanged" as const, data: priceChanged(shelfId, height + 1) },
];
/** As many at once as there are connections for: nobody waits for one, which is bounded. */
async function times<T>(count: number, work: (index: number) => Promise<T>, { connections = 1 } = {}): Promise<T[]> {
  const outcomes: T[] = [];
  let next = 0;
  const inTurn = async () => {
    while (next < count) {
      const index = next++;
      outcomes[index] = await work(index);
    }
  };
  await Promise.all(Array.from({ length: poolSize / connections }, inTurn));
  return outcomes;
}
const failure = (work: Promise<unknown>) =>
  work.then(
    () => "done",
    (error: Error) => error.message,
  );

async function events(): Promise<[id: string, sequence: number, height: number][]> {
  const { rows } = await database.query<{ aggregate_id: string; event_sequence: number; envelope: string }>(
    "select aggregate_id, event_sequence, envelope from weft.outbox order by aggregate_id, event_sequence",
  );
  return rows.map(({ aggregate_id, event_sequence, envelope }) => [
    aggregate_id,
    Number(event_sequence),
    JSON.parse(envelope).data.basePrice - 1,
  ]);
}

describe("an aggregate store on PostgreSQL", () => {
  it("makes concurrent changes of one aggregate one after the other, and numbers their events so", async () => {
    const shelves = newShelves();
    await shelves.create(shelf("a"), told(shelf("a")));
    await times(60, () =>
      shelves.change("a", async (before) => {
        const thing = { ...before, height: before.height + 1 };
        return { thing, events: told(thing) };
      }),
    );
    expect(await shelves.find("a")).toEqual(shelf("a", 60));
    expect(await events()).toEqual(Array.from({ length: 61 }, (_, height) => ["a", height + 1, height]));
  });

  it("lets one of those that create the same id at the same moment be new, and shows it to the others", async () => {
    const shelves = newShelves();
    const outcomes = await times(20, (height) =>
      height % 2
        ? shelves.create(shelf("a", height), told(shelf("a", height)))
        : shelves.create("a", async () => ({ thing: shelf("a", height), events: told(shelf("a", height)) })),
    );
    const made = outcomes.filter(({ isNew }) => isNew);
    expect(made).toHaveLength(1);
    const winner = await shelves.find("a");
    expect(made).toEqual([{ isNew: true, thing: winner }]);
    expect(outcomes.filter(({ isNew }) => !isNew)).toEqual(Array(19).fill({ isNew: false, existing: winner }));
    expect(await events()).toEqual([["a", 1, winner!.height]]);
  });

  it("knows a taken id from another value that is taken", async () => {
    const shelves = newShelves();
    const outcomes = await times(10, (index) => {
      const thing = { ...shelf(`s${index}`), label: "the same" };
      return shelves.create(thing, told(thing));
    });
    expect(outcomes.filter(({ isNew }) => isNew)).toHaveLength(1);
    expect(outcomes.filter(({ isNew }) => !isNew)).toEqual(Array(9).fill({ isNew: false, existing: undefined }));
    expect(await events()).toHaveLength(1);
  });

  it("counts what comes for an id before it is created, while it is, and after, once", async () => {
    const shelves = newShelves();
    /** As an event's handler does it: noted always, and added where the shelf is there already. */
    const addBox = (id: string) =>
      database.transaction(async (tx) => {
        await tx.query("insert into boxes values ($1, 1)", [id]);
        await shelves.in(tx).change(id, (before) => ({ thing: { ...before, height: before.height + 1 } }));
      });
    const create = (id: string) =>
      shelves.create(id, async (tx) => {
        const { rows } = await tx.query<{ height: number }>(
          "select coalesce(sum(height), 0)::int as height from boxes where shelf_id = $1",
          [id],
        );
        return { thing: shelf(id, rows[0]!.height) };
      });
    await times(
      25,
      (index) => Promise.all([addBox(`s${index}`), addBox(`s${index}`), create(`s${index}`), addBox(`s${index}`)]),
      { connections: 4 },
    );
    const { rows } = await database.query("select distinct height from shelves");
    expect(rows).toEqual([{ height: 3 }]);
  });

  it("leaves nothing of what fails: no row, no event, no number", async () => {
    const shelves = newShelves();
    await shelves.create(shelf("a"), told(shelf("a")));
    const fails = async (tx: { query: Database["query"] }) => {
      await tx.query("insert into boxes values ('x', 1)");
      throw new Error("no");
    };
    expect(await failure(shelves.create("b", fails))).toBe("no");
    expect(await failure(shelves.change("a", (_, tx) => fails(tx)))).toBe("no");
    const refused = (id: string) => ({
      type: "PriceChanged" as const,
      data: { ...priceChanged(id), basePrice: -1 },
    });
    expect(await failure(shelves.create(shelf("c"), [...told(shelf("c")), refused("c")]))).toContain("basePrice");
    expect(await failure(shelves.change("a", () => ({ thing: shelf("a", 5), events: [refused("a")] })))).toContain(
      "basePrice",
    );
    // The event of another aggregate is found out after it was written.
    expect(await failure(shelves.create(shelf("d"), told(shelf("a"))))).toContain("is an event of");

    const { rows } = await database.query("select shelf_id, height from shelves union all select * from boxes");
    expect(rows).toEqual([{ shelf_id: "a", height: 0 }]);
    expect(await events()).toEqual([["a", 1, 0]]);
    const { rows: aggregates } = await database.query("select aggregate_id, last_sequence from weft.aggregates");
    expect(aggregates).toEqual([{ aggregate_id: "a", last_sequence: 1 }]);
  });

  it("lists page by page without repeating or leaving out a row, also while others are created", async () => {
    const shelves = newShelves();
    for (let index = 0; index < 23; index += 1) await shelves.create(shelf(`old${index}`), []);
    let isPaging = true;
    const inserting = times(4, async (writer) => {
      for (let index = 0; isPaging; index += 1) await shelves.create(shelf(`new${writer}-${index}`, 1), []);
    });
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await pageOf({ limit: 5, cursor }, { list: "shelves" }, (count, before) =>
        shelves.list({}, count, before),
      );
      seen.push(...page.items.map(({ shelfId }) => shelfId));
      cursor = page.meta?.nextCursor;
    } while (cursor);
    isPaging = false;
    await inserting;
    expect(new Set(seen).size).toBe(seen.length);
    const old = seen.filter((id) => id.startsWith("old"));
    expect(old).toEqual(Array.from({ length: 23 }, (_, index) => `old${22 - index}`));
  });

  it("lists by columns and by a condition with values of its own", async () => {
    const shelves = newShelves();
    await times(8, (height) => shelves.create(shelf(`s${height}`, height % 4), []));
    const condition = { sql: "height > $1 or shelf_id = $2", values: [2, "s0"] };
    const ids = (rows: { shelfId: string }[]) => rows.map(({ shelfId }) => shelfId).sort();
    expect(ids(await shelves.list({ height: undefined }, 10, undefined, condition))).toEqual(["s0", "s3", "s7"]);
    expect(ids(await shelves.list({ height: 3 }, 10, undefined, condition))).toEqual(["s3", "s7"]);
    expect(await shelves.list({ height: null }, 10)).toEqual([]);
  });
});

describe("a projected row on PostgreSQL", () => {
  it("is what the newest event says, in whatever order events come, from whichever consumers", async () => {
    await database.query(
      "create table known (id text, warehouse text, label text, unique nulls not distinct (id, warehouse))",
    );
    const note = (place: number | undefined, label = `of ${place}`) =>
      database.transaction((tx) =>
        project(tx, { table: "known", key: { id: "a", warehouse: null }, values: { label }, place }),
      );
    const known = async () =>
      (await database.query("select label, (select place from weft.inbox_rows) as place from known")).rows;
    const shuffled = Array.from({ length: 40 }, (_, index) => ((index * 17) % 40) + 1);
    await times(shuffled.length, (index) => note(shuffled[index]));
    expect(await known()).toEqual([{ label: "of 40", place: 40 }]);
    await note(undefined, "of no order");
    expect(await known()).toEqual([{ label: "of no order", place: 40 }]);
    await note(40, "late");
    expect(await known()).toEqual([{ label: "of no order", place: 40 }]);
    await note(41);
    await note(40.5, "late, between two");
    expect(await known()).toEqual([{ label: "of 41", place: 41 }]);
  });
});
