import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { createOutbox, type Database, postgresInbox, type Transaction } from "@weft/outbox";
import fc from "fast-check";
import { postgresReservationStore } from "../../../services/warehouse-inventory/src/adapters/postgres/reservation-store.ts";
import { postgresStockStore } from "../../../services/warehouse-inventory/src/adapters/postgres/stock-store.ts";
import type { Goods } from "../../../services/warehouse-inventory/src/domain/reservation.ts";
import {
  handClock,
  player,
  type Step,
  schedules,
  ttlMs,
} from "../../../services/warehouse-inventory/src/testing/schedule.ts";
import { openConnections, type PostgresServer, postgresServer } from "./outbox/fixtures.ts";

const migrations = [new URL("../../../services/warehouse-inventory/migrations/", import.meta.url)];
let server: PostgresServer;
let source: string;
/** Of two instances of the service. */
let databases: [Database, Database];
let clock: ReturnType<typeof handClock>;
let instances: ReturnType<typeof player>[];

beforeAll(async () => {
  server = await postgresServer();
}, 120_000);
afterAll(() => server.stop());

beforeEach(async () => {
  source = await server.create();
  const poolSize = 12;
  const open = () => server.open(source, { migrations, poolSize, consumerPoolSize: 8 });
  databases = [open(), open()];
  for (const database of databases) {
    await database.start();
    await openConnections(database, poolSize);
  }
  clock = handClock();
  instances = databases.map((database) => {
    const outbox = createOutbox({ clock }, { source: "warehouse-inventory-service" });
    return player({
      stocks: postgresStockStore({ database, outbox, clock }),
      reservations: postgresReservationStore({ database, outbox, clock }),
      clock,
      deliver: deliverTwice,
    });
  });
});
afterEach(() => server.closeDatabases());

/** Every event comes twice at the same moment, to both instances, as around a rebalance. */
async function deliverTwice(effect: (tx: Transaction) => Promise<void>): Promise<void> {
  const delivery = {
    consumer: "warehouse-inventory-service",
    topic: "shipping.events",
    partition: 0,
    offset: 0n,
    eventId: randomUUID(),
    eventType: "ShipmentCreated",
    aggregateId: "shp_1",
  };
  const outcomes = await Promise.all(databases.map((database) => postgresInbox({ database }).once(delivery, effect)));
  expect(outcomes.sort()).toEqual(["applied", "duplicate"]);
}

const everywhere = (step: Step) => Promise.all(instances.map((instance) => instance.play(step)));

interface Row {
  product_id: string;
  warehouse_id: string;
  on_hand: number;
  reserved: number;
  claimed: number;
  shipped: number;
  published: { onHand: number; reserved: number; available: number };
}

/** Every stock with what its reservations add up to, and the last that was published of it. */
async function stocks(): Promise<Row[]> {
  const { rows } = await databases[0].query<Row & Record<string, unknown>>(`
    with items as (select * from reservation_items join reservations using (reservation_id))
    select s.*,
      (select coalesce(sum(quantity), 0)::bigint from items i where i.status in ('held', 'confirmed')
         and (i.product_id, i.warehouse_id) = (s.product_id, s.warehouse_id)) as claimed,
      (select coalesce(sum(quantity), 0)::bigint from items i where i.status = 'shipped'
         and (i.product_id, i.warehouse_id) = (s.product_id, s.warehouse_id)) as shipped,
      (select envelope::json -> 'data' from weft.outbox where aggregate_id = s.product_id
         and envelope::json -> 'data' ->> 'warehouseId' = s.warehouse_id
         order by event_sequence desc limit 1) as published
    from stocks s order by 1, 2`);
  return rows;
}

const publishedOf = async (productId: string) =>
  (
    await databases[0].query<{ data: { onHand: number; reserved: number } }>(
      "select envelope::json -> 'data' as data from weft.outbox where aggregate_id = $1 order by event_sequence",
      [productId],
    )
  ).rows.map(({ data }) => [data.onHand, data.reserved]);

async function expectBooksToAgree(): Promise<void> {
  for (const { product_id, on_hand, reserved, claimed, published } of await stocks()) {
    expect({ product_id, reserved }).toEqual({ product_id, reserved: claimed });
    expect(published).toMatchObject({ onHand: on_hand, reserved, available: on_hand - reserved });
  }
}

const openReservations = async () =>
  (
    await databases[0].query<{ reservation_id: string }>(
      "select reservation_id from reservations where status in ('held', 'confirmed')",
    )
  ).rows.map(({ reservation_id }) => reservation_id);

/** Plays the steps on `lanes` lines at once, requests on both instances at the same moment. */
async function playAtOnce(steps: readonly Step[], lanes: number): Promise<Set<string>> {
  const answers = new Set<string>();
  await Promise.all(
    Array.from({ length: lanes }, async (_, lane) => {
      for (const step of steps.filter((_, n) => n % lanes === lane)) {
        const isRequest = ["reserve", "release", "sweep"].includes(step.kind);
        const given = isRequest ? await everywhere(step) : [await instances[lane % 2]!.play(step)];
        for (const answer of given) answers.add(answer);
      }
    }),
  );
  return answers;
}

async function endEverything(): Promise<void> {
  clock.pass(ttlMs);
  await everywhere({ kind: "sweep" });
  for (const [n, id] of (await openReservations()).entries()) {
    await instances[0]!.play({ kind: n % 2 ? "cancelled" : "shipped", id });
  }
}

/** Also those that were tried again and that nobody has noticed. Only a backend that has ended has surely told. */
async function deadlocks(): Promise<number> {
  await server.closeDatabases();
  const database = server.open(source, { migrations });
  await database.start();
  const { rows } = await database.query<{ deadlocks: number }>(
    "select deadlocks from pg_stat_database where datname = current_database()",
  );
  return rows[0]!.deadlocks;
}

const two: Goods = { orderId: "order_1", warehouseId: "wh_1", items: [{ productId: "prod_a", quantity: 2 }] };
const count = (onHand: number, productId = "prod_a"): Step => ({
  kind: "count",
  productId,
  warehouseId: "wh_1",
  onHand,
});

describe("inventory on PostgreSQL, two instances at once", () => {
  it("keeps its books over any schedule, and leaks nothing in the end", async () => {
    await fc.assert(
      fc.asyncProperty(schedules(48), fc.integer({ min: 2, max: 6 }), async (steps, lanes) => {
        await databases[0].query("truncate stocks, reservations, reservation_items");
        await databases[0].query("delete from weft.outbox");
        const answers = await playAtOnce(steps, lanes);
        for (const answer of answers) {
          expect(["OK", "CONFLICT", "STOCK_NOT_FOUND", "INSUFFICIENT_STOCK"]).toContain(answer);
        }
        await expectBooksToAgree();
        await endEverything();
        await expectBooksToAgree();
        for (const { reserved } of await stocks()) expect(reserved).toBe(0);
      }),
      { numRuns: 60 },
    );
    expect(await deadlocks()).toBe(0);
  }, 240_000);

  it("loses and makes no unit: what is gone from the shelves is what was shipped", async () => {
    const shelves = ["prod_a", "prod_b", "prod_c"].flatMap((productId) =>
      ["wh_1", "wh_2"].map((warehouseId): Step => ({ kind: "count", productId, warehouseId, onHand: 1000 })),
    );
    await fc.assert(
      fc.asyncProperty(schedules(48), async (steps) => {
        await databases[0].query("truncate stocks, reservations, reservation_items");
        await databases[0].query("delete from weft.outbox");
        for (const shelf of shelves) await instances[0]!.play(shelf);
        await playAtOnce(
          steps.filter(({ kind }) => kind !== "count"),
          6,
        );
        await endEverything();
        for (const { on_hand, shipped, reserved } of await stocks()) {
          expect({ on_hand, reserved }).toEqual({ on_hand: 1000 - shipped, reserved: 0 });
        }
      }),
      { numRuns: 40 },
    );
  }, 240_000);

  it("promises the last units once, whoever asks at the same moment", async () => {
    await instances[0]!.play(count(11));
    const answers = await Promise.all(
      Array.from({ length: 24 }, (_, n) =>
        instances[n % 2]!.play({ kind: "reserve", id: `shp_of_many_${n}`, goods: two }),
      ),
    );
    expect(answers.filter((answer) => answer === "OK")).toHaveLength(5);
    expect(answers.filter((answer) => answer === "INSUFFICIENT_STOCK")).toHaveLength(19);
    expect(await instances[1]!.stockOf("prod_a", "wh_1")).toMatchObject({ onHand: 11, reserved: 10 });
    await expectBooksToAgree();
  });

  it("makes one reservation of the same request, however often it comes at the same moment", async () => {
    await instances[0]!.play(count(5));
    const ask: Step = { kind: "reserve", id: "shp_1", goods: two };
    const answers = await Promise.all(Array.from({ length: 12 }, (_, n) => instances[n % 2]!.play(ask)));
    expect(answers).toEqual(answers.map(() => "OK"));
    expect(await publishedOf("prod_a")).toEqual([
      [5, 0],
      [5, 2],
    ]);
  });

  it("shows a reservation that nobody could cover to nobody", async () => {
    await instances[0]!.play(count(5));
    const items = [
      { productId: "prod_a", quantity: 2 },
      { productId: "prod_b", quantity: 1 },
    ];
    expect(await instances[0]!.play({ kind: "reserve", id: "shp_1", goods: { ...two, items } })).toBe(
      "STOCK_NOT_FOUND",
    );
    await instances[0]!.play(count(0, "prod_b"));
    expect(await instances[0]!.play({ kind: "reserve", id: "shp_1", goods: { ...two, items } })).toBe(
      "INSUFFICIENT_STOCK",
    );
    expect((await databases[0].query("select from reservations")).rowCount).toBe(0);
    expect(await publishedOf("prod_a")).toEqual([[5, 0]]);
  });

  it("lets an expiry and what saves the reservation from it happen in either order, never both", async () => {
    for (let round = 0; round < 20; round += 1) {
      const id = `shp_race_${round}`;
      await instances[0]!.play(count(100 + round));
      await instances[0]!.play({ kind: "reserve", id, goods: two });
      clock.pass(ttlMs);
      await Promise.all([
        everywhere({ kind: "sweep" }),
        instances[0]!.play({ kind: "created", id, goods: two }),
        instances[1]!.play({ kind: "reserve", id, goods: two }),
      ]);
      await expectBooksToAgree();
      expect(await openReservations()).toEqual([id]);
      await instances[1]!.play({ kind: "cancelled", id });
      expect(await instances[0]!.stockOf("prod_a", "wh_1")).toMatchObject({ onHand: 100 + round, reserved: 0 });
    }
  });

  it("claims from the first count what was promised before anything was counted", async () => {
    await instances[0]!.play({ kind: "created", id: "shp_1", goods: two });
    await Promise.all([instances[1]!.play(count(7)), instances[0]!.play({ kind: "created", id: "shp_2", goods: two })]);
    expect(await instances[1]!.stockOf("prod_a", "wh_1")).toMatchObject({ onHand: 7, reserved: 4 });
    await expectBooksToAgree();
  });

  it("publishes nothing where a count is so already", async () => {
    for (const onHand of [5, 5, 6, 6, 5]) await instances[0]!.play(count(onHand));
    expect(await publishedOf("prod_a")).toEqual([
      [5, 0],
      [6, 0],
      [5, 0],
    ]);
  });
});
