import { type ChildProcess, fork } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { type Component, silentLogger, sleep } from "@weft/core";
import {
  BrokerUnavailable,
  lastHeader,
  type OutgoingRecord,
  RecordRefused,
  SchemaRegistryUnavailable,
} from "@weft/messaging";
import { type Database, outboxRelay, type RelayOptions } from "@weft/outbox";
import { eventually } from "@weft/testkit";
import {
  committedIn,
  newOutbox,
  type PostgresServer,
  pendingIn,
  postgresServer,
  priceChanged,
  recordingBroker,
  schemas,
  verdict,
} from "./fixtures.ts";
import { randomWriters } from "./writers.ts";

let server: PostgresServer;
const relays: Component[] = [];
const outbox = newOutbox();

beforeAll(async () => {
  server = await postgresServer();
});
afterEach(async () => {
  await Promise.all(relays.splice(0).map((relay) => relay.stop()));
  await server.closeDatabases();
});
afterAll(() => server.stop());

async function startRelay(
  database: Database,
  parts: Partial<Parameters<typeof outboxRelay>[0]>,
  options?: RelayOptions,
) {
  const { broker } = recordingBroker();
  const relay = outboxRelay(
    { database, outbox, broker, schemas, log: silentLogger, ...parts },
    { leaseMs: 2_000, renewMs: 200, ...options },
  );
  relays.push(relay);
  await relay.start();
  return relay;
}

const append = (database: Database, productId: string, events = 1) =>
  database.transaction(async (tx) => {
    for (let n = 0; n < events; n++) await outbox.append(tx, "PriceChanged", priceChanged(productId, n));
  });

const published = (database: Database, timeoutMs = 20_000) =>
  eventually("all is published", async () => (await pendingIn(database)) === 0, { timeoutMs });
const shardsOf = (relay: Component) =>
  ((relay.health?.() as { details: { shards: number[] } } | undefined)?.details.shards ?? []) as number[];

describe("outbox relay", () => {
  it("sends what a rolled back transaction appended never, and the rest with its headers and stored bytes", async () => {
    const { database } = await server.database();
    const records: OutgoingRecord[] = [];
    const { broker } = recordingBroker(async (batch) => void records.push(...batch));
    await startRelay(database, { broker });
    const failed = database.transaction(async (tx) => {
      await outbox.append(tx, "PriceChanged", priceChanged("prod_1"));
      throw new Error("no");
    });
    await expect(failed).rejects.toThrow("no");
    const envelope = await database.transaction((tx) => outbox.append(tx, "PriceChanged", priceChanged("prod_1")));
    await published(database);
    expect(records).toHaveLength(1);
    expect(records[0]).toMatchObject({ topic: "pricing.events", key: "prod_1" });
    expect(records[0]?.value).toEqual(
      Buffer.concat([Buffer.from([0, 0, 0, 0, 7]), Buffer.from(JSON.stringify(envelope))]),
    );
    expect(records[0]?.headers).toMatchObject({
      "event-id": envelope.eventId,
      "event-type": "PriceChanged",
      "event-version": "1.0",
      "event-sequence": "1",
      "aggregate-id": "prod_1",
      source: "pricing-service",
      "content-type": "application/json",
    });
  });

  it("O1: publishes a lower id that commits after a higher one, each aggregate in order", async () => {
    const { database } = await server.database();
    const { log, broker } = recordingBroker();
    await startRelay(database, { broker });
    let finish = () => {};
    const slow = database.transaction(async (tx) => {
      await outbox.append(tx, "PriceChanged", priceChanged("prod_slow"));
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
    });
    await append(database, "prod_fast", 3);
    await eventually("the later ones are out", () => log.length >= 3);
    await sleep(600); // past the bound that the relay keeps in memory
    finish();
    await slow;
    await append(database, "prod_slow");
    await eventually("the late one is out", () => log.length >= 5);
    expect(verdict(log, await committedIn(database))).toMatchObject({ lost: 0, inverted: 0 });
  });

  it("shares the shards among relays, and takes them over when one leaves or dies", async () => {
    const { database } = await server.database();
    const first = await startRelay(database, {});
    await eventually("the first has all", () => shardsOf(first).length === 16);
    const second = await startRelay(database, {});
    await eventually("each has half", () => shardsOf(first).length === 8 && shardsOf(second).length === 8);
    await second.stop();
    await eventually("the first has all again", () => shardsOf(first).length === 16);
  });

  it("gives shards away to a new relay although their release failed at first", async () => {
    const { database } = await server.database();
    let failures = 0;
    // One failure for each of the eight workers that stop, and two more for the attempts after that.
    const failing: Database = {
      ...database,
      async query(text, values) {
        const isRelease = text.includes("SET owner = NULL") && text.includes("unnest");
        if (isRelease && failures < 10) {
          failures += 1;
          throw new Error("Connection terminated unexpectedly");
        }
        return database.query(text, values) as never;
      },
    };
    const { log, broker } = recordingBroker();
    const first = await startRelay(failing, { broker });
    await eventually("the first has all", () => shardsOf(first).length === 16);
    const second = await startRelay(database, { broker });
    await eventually("each has half", () => shardsOf(first).length === 8 && shardsOf(second).length === 8);
    expect(failures).toBe(10);
    for (let n = 0; n < 64; n++) await append(database, `prod_${n}`);
    await published(database);
    expect(verdict(log, await committedIn(database))).toMatchObject({ lost: 0, inverted: 0 });
  });

  it("sends again what it could not mark while the database was away for longer than the lease", async () => {
    const { database } = await server.database();
    let isDown = false;
    let isRenewed = true;
    let isGivenUp = false;
    // The renewal is the first to work again, so that the lease is back before the worker wakes.
    const failing: Database = {
      ...database,
      async query(text, values) {
        const isRenewal = text.includes("INSERT INTO weft.relays");
        if (isDown || !(isRenewed || isRenewal)) throw new Error("Connection terminated unexpectedly");
        const result = await database.query(text, values);
        if (isRenewal) isRenewed = true;
        return result as never;
      },
    };
    const { log, broker } = recordingBroker(async () => {
      isDown = log.length === 0;
    });
    const warnings = {
      ...silentLogger,
      warn(...[, message]: unknown[]) {
        isGivenUp ||= String(message).includes("could not be marked");
      },
    };
    await startRelay(failing, { broker, log: warnings }, { leaseMs: 600, renewMs: 100 });
    await append(database, "prod_1", 2);
    await eventually("the mark is given up", () => isGivenUp);
    isRenewed = false;
    isDown = false;
    await eventually("the lease is renewed", () => isRenewed);
    await append(database, "prod_1");
    await published(database);
    expect(log.slice(0, 4).map(({ sequence }) => sequence)).toEqual([1, 2, 1, 2]);
    expect(verdict(log, await committedIn(database))).toMatchObject({ lost: 0, inverted: 0 });
  });

  it("waits while the broker is away, counts no attempt for it, then sends everything in order", async () => {
    const { database } = await server.database();
    let isDown = true;
    const { log, broker } = recordingBroker(async () => {
      if (isDown) throw new BrokerUnavailable({ operation: "send" });
    });
    const relay = await startRelay(database, { broker });
    for (let n = 0; n < 5; n++) await append(database, "prod_1", 2);
    await eventually("it is noticed", async () => (await relay.health?.())?.status === "degraded");
    isDown = false;
    await published(database);
    expect(log.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    const { rows } = await database.query("SELECT max(attempts) AS attempts FROM weft.outbox");
    expect(rows).toEqual([{ attempts: 0 }]);
    expect(await relay.health?.()).toMatchObject({ status: "healthy" });
  });

  it("holds the rows back while the registry does not answer", async () => {
    const { database } = await server.database();
    let isDown = true;
    const { log, broker } = recordingBroker();
    let asked = 0;
    const idOf = async () => {
      asked += 1;
      if (isDown) throw new SchemaRegistryUnavailable({ operation: "id" });
      return 7;
    };
    await startRelay(database, { broker, schemas: { ...schemas, idOf } }, { retryBaseMs: 50 });
    await append(database, "prod_1", 3);
    await eventually("it asked more than once", () => asked >= 3);
    expect(log).toEqual([]);
    isDown = false;
    await published(database);
    expect(log.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
  });

  it("O5: quarantines a refused event and what is behind it; the other aggregates go on", async () => {
    const { database } = await server.database();
    const { log, broker } = recordingBroker(async (records) => {
      const bad = records.find(
        ({ headers }) =>
          lastHeader(headers, "aggregate-id") === "prod_bad" && lastHeader(headers, "event-sequence") === "2",
      );
      if (bad) throw new RecordRefused({ topic: bad.topic, reason: "too_large", message: "MESSAGE_TOO_LARGE" });
    });
    await startRelay(database, { broker }, { attempts: 3, retryBaseMs: 30 });
    await append(database, "prod_bad", 4);
    for (let n = 0; n < 60; n++) await append(database, `prod_${n}`, 2);
    await eventually("only the poison is left", async () => (await pendingIn(database)) === 3);
    await eventually("it is quarantined", async () => {
      const { rowCount } = await database.query("SELECT FROM weft.outbox_pending WHERE quarantined_at IS NOT NULL");
      return rowCount === 3;
    });
    await append(database, "prod_bad"); // comes later, waits behind it
    await eventually("the later one too", async () => {
      const { rowCount } = await database.query("SELECT FROM weft.outbox_pending WHERE quarantined_at IS NOT NULL");
      return rowCount === 4;
    });
    expect(log.filter(({ aggregateId }) => aggregateId === "prod_bad").map(({ sequence }) => sequence)).toEqual([1]);
    expect(log.filter(({ aggregateId }) => aggregateId !== "prod_bad")).toHaveLength(120);
    const { rows } = await database.query(
      "SELECT event_sequence, attempts, quarantine_reason FROM weft.outbox_pending ORDER BY event_sequence",
    );
    expect(rows).toEqual([
      {
        event_sequence: 2,
        attempts: 3,
        quarantine_reason: expect.stringMatching(/^RECORD_REFUSED: .*MESSAGE_TOO_LARGE/),
      },
      ...[3, 4, 5].map((n) => ({
        event_sequence: n,
        attempts: 0,
        quarantine_reason: expect.stringMatching(/^waits behind event-sequence [24]$/),
      })),
    ]);
  });

  it("O4: the mark of a relay that was stopped and lost its shards changes nothing, by its epoch", async () => {
    const { database } = await server.database();
    let freeze = new Promise<void>(() => {});
    let isFrozen = false;
    const marks: number[] = [];
    // As a process that is stopped right before its mark reaches the server: no renewal leaves it either.
    const stopped: Database = {
      ...database,
      async query(text, values) {
        const isMark = text.includes("SET published_at");
        isFrozen ||= isMark;
        if (isFrozen) await freeze;
        const result = await database.query(text, values);
        if (isMark) marks.push(result.rowCount ?? 0);
        return result as never;
      },
    };
    let thaw = () => {};
    freeze = new Promise((resolve) => {
      thaw = resolve;
    });
    const zombie = recordingBroker();
    await startRelay(stopped, { broker: zombie.broker }, { leaseMs: 600, renewMs: 100, owner: "zombie" });
    await append(database, "prod_1", 2);
    await eventually("it has sent, and not marked", () => zombie.log.length === 2 && isFrozen);
    let letGo = () => {};
    const successor = recordingBroker(
      () =>
        new Promise((resolve) => {
          letGo = resolve;
        }),
    );
    await startRelay(database, { broker: successor.broker }, { leaseMs: 600, renewMs: 100 });
    await eventually("another has the shards", async () => {
      const { rowCount } = await database.query("SELECT FROM weft.relay_leases WHERE owner = 'zombie'");
      return rowCount === 0;
    });
    thaw();
    await eventually("the late mark came", () => marks.length > 0);
    expect(marks).toEqual([0]);
    expect(await pendingIn(database)).toBe(2);
    await eventually("the other repeats it", () => {
      letGo();
      return successor.log.length === 2;
    });
    await published(database);
  });

  it("O6: reads the history of published events in none of its statements", async () => {
    const { database } = await server.database();
    await database.query(
      `INSERT INTO weft.outbox (topic, aggregate_id, event_sequence, event_id, event_type, event_version, envelope, shard, published_at)
       SELECT 'pricing.events', 'prod_' || n % 100, 1 + n / 100, n::text, 'PriceChanged', '1.0', '{}', n % 16, now()
       FROM generate_series(0, 19999) AS n`,
    );
    await database.query("ANALYZE weft.outbox");
    const history = await database.query<{ partition: string }>(
      "SELECT DISTINCT tableoid::regclass::text AS partition FROM weft.outbox",
    );
    const plans = new Map<string, string>();
    const explained: Database = {
      ...database,
      async query(text, values) {
        if (text.includes("weft.outbox") && !plans.has(text)) {
          const { rows } = await database.query<{ "QUERY PLAN": string }>(`EXPLAIN ${text}`, values);
          plans.set(text, rows.map((row) => row["QUERY PLAN"]).join("\n"));
        }
        return database.query(text, values) as never;
      },
    };
    const { broker } = recordingBroker(async (records) => {
      const bad = records.find(({ headers }) => lastHeader(headers, "aggregate-id") === "prod_bad");
      if (bad) throw new RecordRefused({ topic: bad.topic, reason: "too_large", message: "too large" });
    });
    await startRelay(explained, { broker }, { attempts: 2, retryBaseMs: 10 });
    await append(database, "prod_1", 3);
    await append(database, "prod_bad", 2);
    await eventually("two are quarantined, the others out", async () => {
      const { rows } = await database.query<{ n: number; q: number }>(
        "SELECT count(*) AS n, count(quarantined_at) AS q FROM weft.outbox_pending",
      );
      return rows[0]?.n === 2 && rows[0]?.q === 2;
    });
    await explained.query("SELECT count(*) FROM weft.outbox_pending");
    const readsHistory = (plan: string) =>
      history.rows.some(({ partition }) => plan.includes(`Seq Scan on ${partition.replace("weft.", "")} `));
    const reading = [...plans].filter(([, plan]) => readsHistory(plan));
    expect(reading).toEqual([]);
    expect([...plans.keys()].filter((text) => /^\s*UPDATE/.test(text)).length).toBeGreaterThanOrEqual(3);
  });

  it("goes on by itself after the server was killed under load, and loses nothing (D1)", async () => {
    const { database } = await server.database();
    const { log, broker } = recordingBroker();
    await startRelay(database, { broker });
    await append(database, "prod_1", 3);
    await published(database);
    await server.restart();
    await eventually("it takes writes again", () => append(database, "prod_1", 3).then(() => true), {
      timeoutMs: 10_000,
    });
    await published(database);
    expect(verdict(log, await committedIn(database))).toMatchObject({ lost: 0, inverted: 0 });
  });
});

describe("relays in processes of their own", () => {
  let directory: string;
  const children: ChildProcess[] = [];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "weft-relay-"));
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  async function startProcess(source: string, topic: string, owner: string): Promise<ChildProcess> {
    const program = fileURLToPath(new URL("./relay-process.ts", import.meta.url));
    const child = fork(program, [source, topic, owner], { execArgv: ["--conditions=@weft/source"] });
    children.push(child);
    await new Promise((resolve) => child.once("message", resolve));
    return child;
  }

  async function topicAt(path: string) {
    const lines = (await readFile(path, "utf8")).split("\n").filter(Boolean);
    return lines.map((line) => {
      const [aggregateId = "", sequence, owner = ""] = line.split(" ");
      return { aggregateId, sequence: Number(sequence), owner };
    });
  }

  it("O2, O4: killed, stopped and resumed in turn under load, they repeat at most, and never invert or lose", async () => {
    const { database, source } = await server.database({ poolSize: 12 });
    const topic = join(directory, "topic");
    await writeFile(topic, "");
    let zombie = await startProcess(source, topic, "relay-0");
    let victim = await startProcess(source, topic, "relay-1");
    let isWriting = true;
    const writing = (async () => {
      while (isWriting) await randomWriters({ database, outbox }, { writers: 8, transactions: 200, aggregates: 30 });
    })();
    writing.catch(() => {}); // what it came to is asked at the end
    for (let round = 0; round < 2; round++) {
      zombie.kill("SIGSTOP");
      const next = await startProcess(source, topic, `relay-${round * 2 + 2}`);
      await eventually(
        "the stopped one's shards are taken",
        async () => {
          const { rows } = await database.query<{ n: number }>(
            "SELECT count(*) AS n FROM weft.relay_leases WHERE owner = $1",
            [zombie.spawnargs.at(-1)],
          );
          return rows[0]?.n === 0;
        },
        { timeoutMs: 60_000 },
      );
      victim.kill("SIGKILL");
      zombie.kill("SIGCONT");
      victim = zombie;
      zombie = next;
    }
    isWriting = false;
    await writing;
    await published(database, 90_000);
    const found = verdict(await topicAt(topic), await committedIn(database));
    console.log("O2/O4", found);
    expect(found).toMatchObject({ lost: 0, inverted: 0 });
  }, 300_000);
});
