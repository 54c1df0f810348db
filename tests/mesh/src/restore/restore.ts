import { describe, expect, it } from "@jest/globals";
import { sleep } from "@weft/core";
import { eventually, runWeft } from "@weft/testkit";
import { type MeshFixture, unique } from "../http/mesh-fixture.ts";
import { things } from "../http/things.ts";

/** Takes a backup of a service's database. @returns what restores it */
export type Backup = (mesh: MeshFixture, database: string) => Promise<() => Promise<void>>;

const recovery = { timeoutMs: 90_000, everyMs: 200 };

/** Callers of pricing-service that change prices all the time. The n-th price of a product that was asked for is n. */
class Traffic {
  acknowledged = 0;
  refused = 0;
  private isOver = false;
  private readonly workers: Promise<void>[];

  constructor(mesh: MeshFixture, products: readonly string[]) {
    const change = async (productId: string) => {
      for (let n = 1; !this.isOver; n++) {
        const body = { basePrice: n, currency: "EUR" };
        const answer = await mesh
          .api("PUT", `/v1/pricing/products/${productId}/price`, { body })
          .catch(() => undefined);
        if (answer?.status === 200) this.acknowledged += 1;
        else this.refused += 1;
        await sleep(answer?.status === 200 ? 20 : 100);
      }
    };
    this.workers = products.map(change);
  }

  /** Waits for more acknowledged changes. */
  async more(count: number): Promise<void> {
    const until = this.acknowledged + count;
    await eventually(`${count} more prices are acknowledged`, () => this.acknowledged >= until, recovery);
  }

  async stop(): Promise<void> {
    this.isOver = true;
    await Promise.all(this.workers);
  }
}

/** Both ends of what was published: effects in catalog, and prices in both databases. */
async function compare(mesh: MeshFixture, products: readonly string[]) {
  const published = new Map(
    mesh
      .records(({ topic, key }) => topic === "pricing.events" && products.includes(key ?? ""))
      .map((record) => [record.envelope!.eventId, record]),
  );
  const effects = await mesh.rows<{ event_id: string; n: number }>(
    "catalog",
    "SELECT event_id, count(*)::int AS n FROM weft.inbox_effects WHERE topic = 'pricing.events' AND aggregate_id = ANY ($1) GROUP BY event_id",
    [products],
  );
  const had = new Map(effects.map(({ event_id, n }) => [event_id, n]));
  const prices = (database: string, table: string) =>
    mesh.rows<{ product_id: string; price: number }>(
      database,
      `SELECT product_id, final_price::float8 AS price FROM ${table} WHERE product_id = ANY ($1) ORDER BY product_id`,
      [products],
    );
  const [own, told] = [await prices("pricing", "prices"), await prices("catalog", "price_changes")];
  return {
    published: published.size,
    lost: [...published.keys()].filter((id) => !had.has(id)).length,
    doubled: effects.filter(({ n }) => n > 1).length,
    unequal: own.filter(({ price }, index) => told[index]?.price !== price).length + Math.abs(own.length - told.length),
  };
}

async function weft(mesh: MeshFixture, ...args: string[]) {
  const ran = await runWeft([...args, "--json"], { environment: { WEFT_STATE_DIR: mesh.mesh.stateDir } });
  return { code: ran.code, ...JSON.parse(ran.stdout || "{}") };
}

async function doctorOnSequences(mesh: MeshFixture): Promise<{ ok: boolean; found: string; advice?: string }> {
  const ran = await runWeft(["doctor", "--json"], { environment: { WEFT_STATE_DIR: mesh.mesh.stateDir } });
  return JSON.parse(ran.stdout).find(({ check }: { check: string }) => check === "sequences");
}

const pending = async (mesh: MeshFixture) =>
  (await mesh.rows<{ n: number }>("pricing", "SELECT count(*)::int AS n FROM weft.outbox_pending"))[0]!.n;

/** Nothing is on its way, and both ends agree. */
const agreement = (mesh: MeshFixture, products: readonly string[]) =>
  eventually(
    "the books agree",
    async () => {
      if ((await pending(mesh)) > 0) return undefined;
      const counts = await compare(mesh, products);
      return counts.lost + counts.doubled + counts.unequal === 0 ? counts : undefined;
    },
    recovery,
  );

/** The process that starts services again does not see that one ended, until `work` is over. */
async function whileStopped<T>(mesh: MeshFixture, service: string, work: () => Promise<T>): Promise<T> {
  const { pid: supervisor, services } = mesh.mesh.runtime();
  const { pid } = services.find(({ name }) => name === service)!;
  process.kill(supervisor, "SIGSTOP");
  try {
    process.kill(pid, "SIGTERM");
    await eventually(
      `the group of ${service} is empty`,
      async () => (await mesh.broker.groups()).every(({ group, members }) => group !== service || members === 0),
      recovery,
    );
    return await work();
  } finally {
    process.kill(supervisor, "SIGCONT");
  }
}

/**
 * A publisher's database goes back under traffic, with an orderly restore; after the way back that the guide tells, both ends
 * agree.
 */
export function restoreTests(mesh: MeshFixture, backup: Backup) {
  const { product } = things(mesh);
  const known = async (productId: string) =>
    (await mesh.rows("pricing", "SELECT FROM known_products WHERE product_id = $1", [productId])).length === 1;

  describe("a publisher's database that goes back under traffic", () => {
    it("is restored from a backup, and the books agree after resequence and rewind", async () => {
      const products = await Promise.all(Array.from({ length: 4 }, () => product()));
      const traffic = new Traffic(mesh, products);
      await traffic.more(40);
      const restore = await backup(mesh, "pricing");
      await traffic.more(40);
      const later = await product();
      await eventually("pricing knows a product that the backup does not", () => known(later), recovery);
      const figures = await whileStopped(mesh, "pricing-service", async () => {
        const begunAt = performance.now();
        await restore();
        const restoredAt = performance.now();
        expect(await known(later)).toBe(false);
        const dry = await weft(mesh, "outbox", "resequence", "--service", "pricing-service", "--dry-run");
        expect(dry).toMatchObject({ code: 0, done: 0, skipped: 0, failed: 0, dryRun: true });
        const resequencedFrom = performance.now();
        const acted = await weft(mesh, "outbox", "resequence", "--service", "pricing-service");
        const resequenceMs = Math.round(performance.now() - resequencedFrom);
        expect(acted).toEqual({ ...dry, done: dry.matched, dryRun: false });
        expect(dry.matched).toBeGreaterThanOrEqual(products.length);
        expect(await weft(mesh, "groups", "rewind", "--group", "pricing-service")).toMatchObject({
          code: 0,
          failed: 0,
        });
        return { restoreMs: Math.round(restoredAt - begunAt), resequenceMs, aggregates: acted.done };
      });
      await traffic.more(40);
      await traffic.stop();
      const counts = await agreement(mesh, products);
      await eventually("pricing has read again what came after the backup", () => known(later), recovery);
      expect(await weft(mesh, "outbox", "resequence", "--service", "pricing-service", "--dry-run")).toMatchObject({
        code: 1,
        matched: 0,
      });
      const operations = await mesh.rows("pricing", "SELECT action FROM weft.operations ORDER BY at");
      expect(operations).toEqual([{ action: "outbox resequence" }, { action: "groups rewind" }]);
      const { acknowledged, refused } = traffic;
      console.log(`restore: ${JSON.stringify({ ...figures, acknowledged, refused, ...counts })}`);
    }, 240_000);
  });
}

/** The same without anybody's notice: its counters go back, and the service runs on. */
export function setBackTests(mesh: MeshFixture) {
  const { product } = things(mesh);

  describe("a publisher whose counters go back under traffic", () => {
    it("is told by readers, doctor and health where nobody noticed, and the books agree after resequence beside the traffic", async () => {
      const products = await Promise.all(Array.from({ length: 4 }, () => product()));
      const traffic = new Traffic(mesh, products);
      await traffic.more(40);
      await mesh.rows(
        "pricing",
        "UPDATE weft.aggregates SET last_sequence = greatest(1, last_sequence - 4) WHERE aggregate_id = ANY ($1)",
        [products],
      );
      await traffic.more(60);
      const letters = await eventually(
        "catalog has dead letters",
        () => {
          const found = mesh.records(
            ({ topic, key, headers }) =>
              topic === "catalog-service.dlq" &&
              products.includes(key ?? "") &&
              headers["dlq-reason"] === "sequence_reused",
          );
          return found.length > 0 && found;
        },
        recovery,
      );
      const doctor = await doctorOnSequences(mesh);
      expect(doctor).toMatchObject({ ok: false, advice: expect.stringContaining("outbox resequence") });
      expect(doctor.found).toMatch(
        /catalog-service: \d+ events with a sequence that another one has had \(pricing.events, /,
      );
      const health = await eventually(
        "catalog's health says so",
        async () => {
          const { checks } = (await (
            await fetch(`${mesh.url("catalog-service")}/health`, {
              headers: { authorization: `Bearer ${mesh.mesh.runtime().tokens.operators}` },
            })
          ).json()) as {
            checks?: Record<string, { status: string; message?: string }>;
          };
          const check = checks?.["consumer catalog-service"];
          return check?.message?.includes("have a sequence that another one has had") && check;
        },
        recovery,
      );
      expect(health).toMatchObject({ status: "degraded" });
      const begunAt = performance.now();
      const acted = await weft(mesh, "outbox", "resequence", "--service", "pricing-service");
      const resequenceMs = Math.round(performance.now() - begunAt);
      expect(acted).toMatchObject({ code: 0, failed: 0, dryRun: false });
      await traffic.more(20);
      await traffic.stop();
      const counts = await agreement(mesh, products);
      const { acknowledged, refused } = traffic;
      console.log(
        `set back: ${JSON.stringify({ resequenceMs, aggregates: acted.done, deadLetters: letters.length, acknowledged, refused, ...counts })}`,
      );
      const left = await mesh.rows("catalog", "SELECT FROM weft.inbox_refused WHERE aggregate_id = ANY ($1)", [
        products,
      ]);
      expect(left).toHaveLength(0);
    }, 240_000);
  });
}

/** A backup where there is no `pg_dump`: every table's rows of one moment, in tables beside them. */
export const backupInSql: Backup = async (mesh, database) => {
  const schema = unique("backup").replaceAll("-", "_");
  const tables = (
    await mesh.rows<{ name: string }>(
      database,
      `SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
       WHERE n.nspname IN ('public', 'weft') AND c.relkind IN ('r', 'p') AND NOT c.relispartition
         AND c.relname NOT IN ('migrations', 'service_migrations')`,
    )
  ).map(({ name }) => name);
  const copies = tables.map((_, index) => `${schema}.copy_${index}`);
  await mesh.rows(database, `CREATE SCHEMA ${schema}`);
  await mesh.rows(database, "BEGIN ISOLATION LEVEL REPEATABLE READ");
  for (const [index, table] of tables.entries())
    await mesh.rows(database, `CREATE TABLE ${copies[index]} AS SELECT * FROM ${table}`);
  await mesh.rows(database, "COMMIT");
  return async () => {
    await mesh.rows(database, "BEGIN");
    await mesh.rows(database, `TRUNCATE ${tables.join(", ")}`);
    for (const [index, table] of tables.entries())
      await mesh.rows(database, `INSERT INTO ${table} OVERRIDING SYSTEM VALUE SELECT * FROM ${copies[index]}`);
    await mesh.rows(database, "COMMIT");
    await mesh.rows(database, `DROP SCHEMA ${schema} CASCADE`);
  };
};
