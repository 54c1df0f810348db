import { beforeEach, describe, expect, it } from "@jest/globals";
import { createOutbox, type Database, EventNotDeclared, type Outbox, type Row, type Transaction } from "@weft/outbox";
import { aggregateStore, EventOfAnotherAggregate, StoreNamesInvalid } from "./aggregate-store.ts";

interface Shelf {
  shelfId: string;
  label: string;
  height: number;
}

type Asked = { text: string; values: readonly unknown[] };

let asked: Asked[];
/** The rows that the next statements give, in turn; beyond them, none. */
let answers: Row[][];

const database = {
  async query(text: string, values: readonly unknown[] = []) {
    asked.push({ text: text.replace(/\s+/g, " ").trim(), values });
    const isAnswered = /^(select|insert into shelves)/i.test(text);
    const rows = isAnswered ? (answers.shift() ?? []) : [];
    return { rows, rowCount: rows.length };
  },
  transaction: (work: (tx: Transaction) => Promise<unknown>) => work(database as unknown as Transaction),
} as unknown as Database;

/** The first words of what was asked, in order. */
const steps = () => asked.map(({ text }) => /(weft\.\w+|shelves)/.exec(text)![0] + text.slice(0, 6).toLowerCase());
const locked = "weft.aggregatesinsert";
const published = "weft.aggregateswith a";

const low: Shelf = { shelfId: "prod_1", label: "low", height: 1 };
const rowOfLow = { shelf_id: "prod_1", label: "low", height: 1, seq: "7" };
const inserted = [{}];
const outbox: Outbox<"PriceChanged"> = createOutbox({}, { source: "s", publishes: ["PriceChanged"] });
const told = (productId = "prod_1") => ({
  type: "PriceChanged" as const,
  data: { productId, basePrice: 1, finalPrice: 1, currency: "EUR", changedAt: "2026-01-02T03:04:05Z" },
});
const options = {
  topic: "pricing.events",
  table: "shelves",
  id: "shelf_id",
  toRow: ({ shelfId, label, height }: Shelf): Row => ({ shelf_id: shelfId, label, height }),
  fromRow: (row: { shelf_id: string; label: string; height: number }): Shelf => ({
    shelfId: row.shelf_id,
    label: row.label,
    height: row.height,
  }),
};
const shelves = aggregateStore({ database, outbox }, options);

beforeEach(() => {
  asked = [];
  answers = [];
});

describe("a new aggregate", () => {
  it("is locked, written and told, in this order", async () => {
    answers = [inserted];
    expect(await shelves.create(low, [told()])).toEqual({ isNew: true, thing: low });
    expect(steps()).toEqual([locked, "shelvesinsert", published]);
    expect(asked[1]).toEqual({
      text: "insert into shelves (shelf_id, label, height) values ($1, $2, $3) on conflict do nothing",
      values: ["prod_1", "low", 1],
    });
  });

  it("finds who has its id, and nobody where another unique column is taken, and tells nothing", async () => {
    answers = [[], [rowOfLow]];
    expect(await shelves.create(low, [told()])).toEqual({ isNew: false, existing: low });
    answers = [[], []];
    expect(await shelves.create(low, [told()])).toEqual({ isNew: false, existing: undefined });
    expect(steps()).not.toContain(published);
  });

  it("is decided with the lock held, and only where the id is free", async () => {
    answers = [[], inserted];
    const decide = async () => {
      expect(steps()).toEqual([locked, "shelvesselect"]);
      return { thing: low, events: [told()] };
    };
    expect(await shelves.create("prod_1", decide)).toEqual({ isNew: true, thing: low });
    expect(steps().at(-1)).toBe(published);
    answers = [[rowOfLow]];
    const never = () => {
      throw new Error("was asked");
    };
    expect(await shelves.create("prod_1", never)).toEqual({ isNew: false, existing: low });
  });
});

describe("a change", () => {
  it("locks the outbox before the row, then writes every column but the id, then tells", async () => {
    answers = [[rowOfLow]];
    const high = { ...low, height: 9 };
    expect(await shelves.change("prod_1", () => ({ thing: high, events: [told()] }))).toBe(high);
    expect(steps()).toEqual([locked, "shelvesselect", "shelvesupdate", published]);
    expect(asked[1]!.text).toMatch(/for update$/);
    expect(asked[2]).toEqual({
      text: "update shelves set label = $2, height = $3 where shelf_id = $1",
      values: ["prod_1", "low", 9],
    });
  });

  it("that decides nothing, or the same thing without events, writes nothing", async () => {
    for (const decide of [() => undefined, (thing: Shelf) => ({ thing }), (thing: Shelf) => ({ thing, events: [] })]) {
      asked = [];
      answers = [[rowOfLow]];
      expect(await shelves.change("prod_1", decide)).toEqual(low);
      expect(steps()).toEqual([locked, "shelvesselect"]);
    }
  });

  it("of what does not exist asks nobody", async () => {
    const never = () => {
      throw new Error("was asked");
    };
    expect(await shelves.change("prod_1", never)).toBeUndefined();
  });

  it("joins a transaction of the caller with the same steps", async () => {
    answers = [[rowOfLow]];
    const mine = shelves.in(database as unknown as Transaction);
    await mine.change("prod_1", (thing, tx) => {
      expect(tx).toBe(database);
      return { thing, events: [told()] };
    });
    expect(steps()).toEqual([locked, "shelvesselect", published]);
  });
});

describe("an event", () => {
  it("of another aggregate or topic fails the transaction", async () => {
    answers = [inserted];
    const refused = await shelves.create(low, [told("prod_2")]).catch((error: unknown) => error);
    expect(EventOfAnotherAggregate.is(refused) && refused.message).toBe(
      "PriceChanged is an event of pricing.events prod_2, but what changes is pricing.events prod_1",
    );
    answers = [[rowOfLow]];
    const elsewhere = aggregateStore({ database, outbox }, { ...options, topic: "shipping.events" });
    const alsoRefused = elsewhere.change("prod_1", (thing) => ({ thing, events: [told()] }));
    await expect(alsoRefused).rejects.toMatchObject({ code: "EVENT_OF_ANOTHER_AGGREGATE" });
  });

  it("that the service does not declare is refused when it is compiled, and when it runs", async () => {
    answers = [inserted];
    const stray = { type: "StockChanged" as const, data: {} };
    // @ts-expect-error the outbox does not take it
    const refused = await shelves.create(low, [stray]).catch((error: unknown) => error);
    expect(EventNotDeclared.is(refused)).toBe(true);
    // @ts-expect-error an outbox for one type is none for all
    const all: Outbox = outbox;
    // @ts-expect-error nor for a store of another type
    aggregateStore<Shelf, "StockChanged">({ database, outbox: all && outbox }, options);
  });
});

describe("a list", () => {
  it("has the newest first, by columns that are equal, any, or without a value", async () => {
    answers = [[rowOfLow]];
    expect(await shelves.list({ label: "low", height: undefined, room: null }, 3)).toEqual([{ ...low, position: 7 }]);
    expect(asked[0]).toEqual({
      text: "select * from shelves where label = $1 and room is null order by seq desc limit $2",
      values: ["low", 3],
    });
  });

  it("keeps the placeholders of a condition as they were written", async () => {
    await shelves.list({ label: "low" }, 3, 9, { sql: "height > $1 or $2", values: [4, true] });
    await shelves.list({}, 3);
    expect(asked).toEqual([
      {
        text: "select * from shelves where (height > $1 or $2) and label = $3 and seq < $4 order by seq desc limit $5",
        values: [4, true, "low", 9, 3],
      },
      { text: "select * from shelves order by seq desc limit $1", values: [3] },
    ]);
  });
});

describe("names of tables and columns", () => {
  it.each(["shelves; drop table x", "Shelves", "", "1st", 'a"b'])("must need no quotes: %j", async (name) => {
    expect(() => aggregateStore({ database, outbox }, { ...options, table: name })).toThrow(StoreNamesInvalid);
    expect(() => aggregateStore({ database, outbox }, { ...options, id: name })).toThrow(StoreNamesInvalid);
    await expect(shelves.list({ [name]: 1 }, 1)).rejects.toThrow(StoreNamesInvalid);
    const strange = aggregateStore({ database, outbox }, { ...options, toRow: () => ({ shelf_id: "a", [name]: 1 }) });
    await expect(strange.create(low, [])).rejects.toThrow(StoreNamesInvalid);
    expect(asked.filter(({ text }) => text.includes("shelves"))).toEqual([]);
  });
});
