import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { newContext, remainingMs, runInContext, withTimeout } from "@weft/core";
import { CommitUnknown, DatabaseTooNew, DatabaseUnavailable, MigrationFailed } from "@weft/outbox";
import { eventually } from "@weft/testkit";
import { type PostgresServer, postgresServer } from "./fixtures.ts";

let server: PostgresServer;
let directory: string;

beforeAll(async () => {
  server = await postgresServer();
  directory = await mkdtemp(join(tmpdir(), "weft-migrations-"));
});
afterEach(() => server.closeDatabases());
afterAll(async () => {
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

async function migrationsOf(files: Record<string, string>): Promise<string> {
  const path = await mkdtemp(join(directory, "set-"));
  for (const [name, sql] of Object.entries(files)) await writeFile(join(path, name), sql);
  return path;
}

describe("migrations", () => {
  it("are applied once by many processes that start together, and again start finds nothing to do", async () => {
    const source = await server.create();
    const migrations = [await migrationsOf({ "0001_a.sql": "CREATE TABLE a (n int); INSERT INTO a VALUES (1);" })];
    const databases = [1, 2, 3, 4].map(() => server.open(source, { migrations }));
    await Promise.all(databases.map((database) => database.start()));
    const again = server.open(source, { migrations });
    await again.start();
    expect((await again.query("SELECT n FROM a")).rows).toEqual([{ n: 1 }]);
    const partitions = await again.query("SELECT FROM pg_inherits WHERE inhparent = 'weft.outbox'::regclass");
    expect(partitions.rowCount).toBe(4);
  });

  it("leave nothing of a broken set behind, and name the file and the reason", async () => {
    const source = await server.create();
    const good = { "0001_good.sql": "CREATE TABLE good (n int);" };
    const broken = await migrationsOf({ ...good, "0002_broken.sql": "CREATE TABLE half (n int); SELEC 1;" });
    const failed = server.open(source, { migrations: [broken] }).start();
    await expect(failed).rejects.toThrow(
      /0002_broken\.sql failed and was rolled back: syntax error at or near "SELEC"/,
    );
    await expect(failed).rejects.toBeInstanceOf(MigrationFailed);
    const repaired = server.open(source, { migrations: [await migrationsOf(good)] });
    await repaired.start();
    const { rows } = await repaired.query("SELECT to_regclass('half') AS half, to_regclass('good')::text AS good");
    expect(rows).toEqual([{ half: null, good: "good" }]);
  });

  it("refuse a database of a newer version, and a file that comes before one that was applied", async () => {
    const source = await server.create();
    const second = { "0002_second.sql": "SELECT 1;" };
    await server.open(source, { migrations: [await migrationsOf(second)] }).start();
    const older = server.open(source, { migrations: [await migrationsOf({})] });
    await expect(older.start()).rejects.toBeInstanceOf(DatabaseTooNew);
    const late = server.open(source, { migrations: [await migrationsOf({ ...second, "0001_late.sql": "SELECT 1;" })] });
    await expect(late.start()).rejects.toThrow(/0001_late\.sql .* would come before 0002_second/);
  });
});

describe("database", () => {
  it("says that it is unavailable while there is no server, without its password, and can be started later", async () => {
    const database = server.open("postgres://weft:secret@127.0.0.1:1/none", { startTimeoutMs: 100 });
    const failed = database.start();
    await expect(failed).rejects.toBeInstanceOf(DatabaseUnavailable);
    await expect(failed.catch((error: Error) => error.message)).resolves.not.toContain("secret");
    await expect(failed).rejects.toMatchObject({ retryable: true, kind: "resource" });
  });

  it("gives numeric and int8 as numbers, and timestamptz as Date", async () => {
    const { database } = await server.database();
    const { rows } = await database.query(
      "SELECT 12.34::numeric AS a, 5::int8 AS b, 9007199254740993::int8 AS c, now() AS d",
    );
    expect(rows).toEqual([{ a: 12.34, b: 5, c: 9007199254740993n, d: expect.any(Date) }]);
  });

  it("joins a transaction that is around it, and refuses to commit what a failed part left", async () => {
    const { database } = await server.database();
    await database.query("CREATE TABLE t (n int)");
    await database.transaction(async () => {
      await database.query("INSERT INTO t VALUES (1)");
      await database.transaction((tx) => tx.query("INSERT INTO t VALUES (2)"));
      expect((await database.query("SELECT FROM t")).rowCount).toBe(2);
    });
    const half = database.transaction(async () => {
      const part = database.transaction(async (tx) => {
        await tx.query("INSERT INTO t VALUES (3)");
        throw new Error("part failed");
      });
      await part.catch(() => {});
    });
    await expect(half).rejects.toThrow("part failed");
    expect((await database.query("SELECT FROM t")).rowCount).toBe(2);
  });

  it("does not pretend to have committed when the error of a statement was swallowed", async () => {
    const { database } = await server.database();
    const swallowed = database.transaction(async (tx) => {
      await tx.query("SELECT 1 / 0").catch(() => {});
    });
    await expect(swallowed).rejects.toThrow(/error was swallowed/);
  });

  it("commits nothing after the deadline of the request that it belongs to", async () => {
    const { database } = await server.database();
    await database.query("CREATE TABLE t (n int)");
    const insert = (isLate: boolean) =>
      runInContext(withTimeout(newContext(), isLate ? 20 : 60_000), () =>
        database.transaction(async (tx) => {
          await tx.query("INSERT INTO t VALUES (1)");
          if (isLate) await eventually("the deadline is over", () => remainingMs() === 0);
        }),
      );
    await expect(insert(true)).rejects.toMatchObject({ code: "TIMEOUT" });
    expect((await database.query("SELECT FROM t")).rowCount).toBe(0);
    await insert(false);
    expect((await database.query("SELECT FROM t")).rowCount).toBe(1);
  });

  it("says that the outcome is unknown when the connection breaks during the commit", async () => {
    const { database } = await server.database();
    await database.query("CREATE TABLE t (n int)");
    await database.query(`CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$`);
    await database.query(
      "CREATE CONSTRAINT TRIGGER cut AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION cut()",
    );
    const unknown = database.transaction((tx) => tx.query("INSERT INTO t VALUES (1)"));
    await expect(unknown).rejects.toBeInstanceOf(CommitUnknown);
    await expect(unknown).rejects.toMatchObject({ retryable: true, kind: "resource" });
  });

  /** A database with a function that fails as PostgreSQL does when it meets the state, and as often as `broken` says. */
  async function failingDatabase() {
    const { database } = await server.database();
    await database.query("CREATE TABLE t (n int)");
    await database.query(`CREATE FUNCTION fail(state text) RETURNS void LANGUAGE plpgsql AS $$
      BEGIN RAISE EXCEPTION 'it is %', state USING ERRCODE = state; END $$`);
    return database;
  }

  it.each(["53100", "53200", "53400", "58030"])(
    "is a shared resource that may pass where the server says %s",
    async (state) => {
      const database = await failingDatabase();
      const inside = () => database.transaction((tx) => tx.query("SELECT fail($1)", [state]));
      const alone = () => database.query("SELECT fail($1)", [state]);
      for (const failing of [inside, alone]) {
        const failure = await failing().catch((error: unknown) => error);
        expect(failure).toBeInstanceOf(DatabaseUnavailable);
        expect(failure).toMatchObject({ kind: "resource", retryable: true, retryAfterSeconds: 5 });
      }
    },
  );

  it("refuses writes without a transaction once the disk is known to be full, and finds out when it is not any more", async () => {
    const database = await failingDatabase();
    let begun = 0;
    const insert = (state?: string) =>
      database.transaction(async (tx) => {
        begun += 1;
        await tx.query("INSERT INTO t VALUES (1)");
        if (state) await tx.query("SELECT fail($1)", [state]);
      });
    await expect(insert("53100")).rejects.toMatchObject({ kind: "resource" });
    const refused = await Promise.allSettled(Array.from({ length: 50 }, () => insert()));
    expect(refused.filter(({ status }) => status === "rejected")).toHaveLength(50);
    expect(begun).toBe(1);
    await expect(database.query("INSERT INTO t VALUES (1)")).rejects.toMatchObject({ kind: "resource" });
    expect((await database.query("SELECT FROM t")).rowCount).toBe(0);
    expect(await database.health?.()).toMatchObject({ status: "degraded", message: "the database's disk is full" });
    await eventually("one write finds room", () =>
      insert().then(
        () => true,
        () => false,
      ),
    );
    await Promise.all(Array.from({ length: 5 }, () => insert()));
    expect((await database.query("SELECT FROM t")).rowCount).toBe(6);
    expect(await database.health?.()).toMatchObject({ status: "healthy" });
  });

  it("refuses a parameter that has no form in SQL as the program's fault, and goes on with the same connection", async () => {
    const { database } = await server.database({ poolSize: 1 });
    const cyclic: Record<string, unknown> = {};
    cyclic.self = cyclic;
    for (const value of [cyclic, { id: 1n }, new Date(Number.NaN), () => {}]) {
      for (const failed of [
        database.query("SELECT $1::json", [value]),
        database.transaction((tx) => tx.query("SELECT $1::json", [value])),
      ]) {
        await expect(failed).rejects.toMatchObject({ code: "PARAMETER_NOT_ENCODABLE", kind: "bug", retryable: false });
      }
    }
    const { rows } = await database.query("SELECT $1::jsonb AS a, $2::text[] AS b", [{ c: [1] }, ["x", 'y"z']]);
    expect(rows).toEqual([{ a: { c: [1] }, b: ["x", 'y"z'] }]);
  });

  it("answers within the caller's deadline that it has no connection free, and loses none for it", async () => {
    const { database } = await server.database({ poolSize: 1 });
    const free = Promise.withResolvers<void>();
    const isHeld = Promise.withResolvers<void>();
    const holder = database.transaction(() => {
      isHeld.resolve();
      return free.promise;
    });
    await isHeld.promise;
    const waiting = runInContext(withTimeout(newContext(), 200), async () => {
      const error = await database.query("SELECT 1").catch((caught: unknown) => caught);
      return { error, leftMs: remainingMs()! };
    });
    const { error, leftMs } = await waiting;
    expect(error).toMatchObject({ code: "DATABASE_UNAVAILABLE", kind: "resource", retryAfterSeconds: 1 });
    expect(leftMs).toBeGreaterThan(0);
    free.resolve();
    await holder;
    expect((await database.query("SELECT 2 AS n")).rows).toEqual([{ n: 2 }]);
    expect(await database.health?.()).toMatchObject({ details: { pools: { api: { total: 1, waiting: 0 } } } });
  });

  it("D4: runs a transaction again that met a deadlock", async () => {
    const { database } = await server.database();
    await database.query("CREATE TABLE t (n int, hits int DEFAULT 0)");
    await database.query("INSERT INTO t VALUES (1), (2)");
    const bothHold = Promise.withResolvers<void>();
    let holding = 0;
    const hit = (first: number, second: number) =>
      database.transaction(async (tx) => {
        await tx.query("UPDATE t SET hits = hits + 1 WHERE n = $1", [first]);
        holding += 1;
        if (holding === 2) bothHold.resolve();
        await bothHold.promise;
        await tx.query("UPDATE t SET hits = hits + 1 WHERE n = $1", [second]);
      });
    await Promise.all([hit(1, 2), hit(2, 1)]);
    expect((await database.query("SELECT hits FROM t ORDER BY n")).rows).toEqual([{ hits: 2 }, { hits: 2 }]);
    expect(holding).toBeGreaterThan(2);
  });

  it("D3: waits at most a second for a connection, and has them all back afterwards", async () => {
    const { database } = await server.database({ poolSize: 2, connectTimeoutMs: 1_000 });
    let free = () => {};
    const until = new Promise<void>((resolve) => {
      free = resolve;
    });
    let holding = 0;
    const holders = [1, 2].map(() =>
      database.transaction(() => {
        holding += 1;
        return until;
      }),
    );
    await eventually("both are held", () => holding === 2);
    await expect(database.transaction(async () => {})).rejects.toBeInstanceOf(DatabaseUnavailable);
    expect(await database.health?.()).toMatchObject({ status: "degraded" });
    free();
    await Promise.all(holders);
    expect(await database.health?.()).toMatchObject({
      status: "healthy",
      details: { pools: { api: { total: 2, waiting: 0 } } },
    });
  });

  it("D1: survives that its connections are cut, reads on, and reports a cut transaction as retryable", async () => {
    const { database } = await server.database();
    const cutAll = () =>
      server.asAdmin("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'weft:%'");
    const cut = database.transaction(async (tx) => {
      await tx.query("SELECT 1");
      await cutAll();
      await tx.query("SELECT 2");
    });
    await expect(cut).rejects.toMatchObject({ retryable: true, kind: "resource" });
    await server.restart();
    expect((await database.query("SELECT 3 AS n")).rows).toEqual([{ n: 3 }]);
    await eventually("it is healthy", async () => (await database.health?.())?.status === "healthy");
  });
});
