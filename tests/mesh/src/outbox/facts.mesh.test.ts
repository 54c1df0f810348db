import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { silentLogger } from "@weft/core";
import { type Database, type Outbox, outboxRelay } from "@weft/outbox";
import { eventually } from "@weft/testkit";
import {
  committedIn,
  newOutbox,
  type PostgresServer,
  pendingIn,
  postgresServer,
  recordingBroker,
  schemas,
  verdict,
} from "./fixtures.ts";
import { randomWriters, writersThatDrawIdsFirst } from "./writers.ts";
import { cursorRelay, idOrderRelay, skipLockedRelays, type WrongRelay } from "./wrong-relays.ts";

const load = { writers: 16, transactions: 600, aggregates: 20 };
let server: PostgresServer;

beforeAll(async () => {
  server = await postgresServer();
});
afterEach(() => server.closeDatabases());
afterAll(() => server.stop());

type Load = (place: { database: Database; outbox: Outbox }) => Promise<void>;
const random: Load = (place) => randomWriters(place, load);
const idsFirst: Load = ({ database }) => writersThatDrawIdsFirst(database, { ...load, aggregates: 10 });

async function verdictOn(start: (database: Database) => WrongRelay, write: Load) {
  const { database } = await server.database({ poolSize: 24 });
  const relay = start(database);
  await write({ database, outbox: newOutbox() });
  await relay.finish();
  return verdict(relay.log, await committedIn(database));
}

/** It is wrong by chance, so it is watched until it is. */
async function caught(start: (database: Database) => WrongRelay, write: Load, fault: "lost" | "inverted") {
  for (let round = 1; ; round++) {
    const found = await verdictOn(start, write);
    if (found[fault] > 0 || round === 5) return found;
    if (fault === "inverted") expect(found.lost).toBe(0);
  }
}

async function verdictOnOurs(write: Load, relays: number) {
  const { database } = await server.database({ poolSize: 20 });
  const outbox = newOutbox();
  const { log, broker } = recordingBroker(() => new Promise((resolve) => setTimeout(resolve, Math.random() * 3)));
  const running = Array.from({ length: relays }, () =>
    outboxRelay({ database, outbox, broker, schemas, log: silentLogger }, { leaseMs: 2_000, renewMs: 200 }),
  );
  await Promise.all(running.map((relay) => relay.start()));
  await write({ database, outbox });
  await eventually("everything is published", async () => (await pendingIn(database)) === 0, { timeoutMs: 90_000 });
  await Promise.all(running.map((relay) => relay.stop()));
  return verdict(log, await committedIn(database));
}

const flawless = { total: expect.any(Number), lost: 0, inverted: 0, repeated: expect.any(Number) };

describe("facts about relays", () => {
  it("E1: one that asks for ids above the last one loses events; ours does not", async () => {
    const wrong = await caught(cursorRelay, random, "lost");
    const ours = await verdictOnOurs(random, 1);
    console.log("E1", { wrong, ours });
    expect(wrong.lost).toBeGreaterThan(0);
    expect(ours).toEqual(flawless);
  }, 180_000);

  it("E2: several with SKIP LOCKED lose nothing and invert the order of aggregates; four of ours do not", async () => {
    const wrong = await caught((database) => skipLockedRelays(database, 4), random, "inverted");
    const ours = await verdictOnOurs(random, 4);
    console.log("E2", { wrong, ours });
    expect(wrong).toMatchObject({ lost: 0 });
    expect(wrong.inverted).toBeGreaterThan(0);
    expect(ours).toEqual(flawless);
  }, 180_000);

  it("E3: where ids are drawn before the aggregate is locked, their order is wrong; ours goes by sequence", async () => {
    const wrong = await caught(idOrderRelay, idsFirst, "inverted");
    const ours = await verdictOnOurs(idsFirst, 2);
    console.log("E3", { wrong, ours });
    expect(wrong).toMatchObject({ lost: 0 });
    expect(wrong.inverted).toBeGreaterThan(0);
    expect(ours).toEqual(flawless);
  }, 180_000);
});
