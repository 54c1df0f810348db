import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type EmbeddedProcess, spawnEmbedded } from "@weft/embedded";
import { eventually } from "@weft/testkit";
import pg from "pg";

/** Processes of a cluster, wrapper included. */
function processesOf(dataDir: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map(Number)
    .filter((pid) => {
      try {
        if (readlinkSync(`/proc/${pid}/cwd`).startsWith(dataDir)) return true;
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(dataDir);
      } catch {
        return false;
      }
    });
}

describe("embedded PostgreSQL", () => {
  let dataDir: string;
  let server: EmbeddedProcess | undefined;

  const start = async () => {
    server = await spawnEmbedded("postgres", { dataDir, port: 0, databases: ["catalog"] });
    return server;
  };
  async function ask(sql: string): Promise<Record<string, unknown>[]> {
    const client = new pg.Client({ connectionString: server?.url.replace("{database}", "catalog") });
    await client.connect();
    try {
      return (await client.query(sql)).rows;
    } finally {
      await client.end();
    }
  }

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), "weft-postgres-"));
  });
  afterEach(async () => {
    await server?.stop();
    server = undefined;
    const left = processesOf(dataDir);
    for (const pid of left) process.kill(pid, "SIGKILL");
    rmSync(dataDir, { recursive: true, force: true });
    expect(left).toEqual([]);
  });

  it("makes a cluster with the databases asked for, durable and behind a password", async () => {
    const { url, pid } = await start();
    expect(url).toMatch(/^postgres:\/\/weft:weft@127\.0\.0\.1:\d+\/\{database\}$/);
    expect(processesOf(dataDir)).toContain(pid);
    expect(await ask("SELECT current_setting('fsync') AS fsync, current_database() AS name")).toEqual([
      { fsync: "on", name: "catalog" },
    ]);
    const wrong = new pg.Client({
      connectionString: url.replace("{database}", "catalog").replace(":weft@", ":wrong@"),
    });
    await expect(wrong.connect()).rejects.toThrow(/password authentication failed/);
    await wrong.end();
  });

  it("keeps data over an orderly restart, which ends with 0", async () => {
    const first = await start();
    await ask("CREATE TABLE t AS SELECT 42 AS answer");
    await first.stop();
    expect(await first.exited).toMatchObject({ code: 0 });
    expect(processesOf(dataDir)).toEqual([]);
    await start();
    expect(await ask("SELECT answer FROM t")).toEqual([{ answer: 42 }]);
  });

  it("says so when its postmaster is killed, and starts again with what was committed", async () => {
    const first = await start();
    await ask("CREATE TABLE t AS SELECT 42 AS answer");
    process.kill(first.pid, "SIGKILL");
    const { code, lastLines } = await first.exited;
    expect([code, lastLines.at(-1)]).toEqual([
      1,
      "postgres: the postgres server ended by itself (SIGKILL); start it again",
    ]);
    expect(processesOf(dataDir)).toEqual([]);
    await start();
    expect(await ask("SELECT answer FROM t")).toEqual([{ answer: 42 }]);
  });

  it("stops a postmaster whose wrapper was killed, and starts in its place", async () => {
    const first = await start();
    const wrapper = processesOf(dataDir).find((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("process.ts");
      } catch {
        return false; // one of the server's workers, which come and go
      }
    });
    await ask("CREATE TABLE t AS SELECT 42 AS answer");
    process.kill(wrapper ?? 0, "SIGKILL");
    await first.exited;
    const second = await start();
    expect(second.pid).not.toBe(first.pid);
    expect(await ask("SELECT answer FROM t")).toEqual([{ answer: 42 }]);
    await second.stop();
    // The new cluster's files are still forced to disk, by a process that the killed wrapper can no longer end.
    await eventually("nothing is left", () => processesOf(dataDir).length === 0);
  });

  it("leaves no process behind when its parent is killed", async () => {
    const program = `
      import { spawnEmbedded } from "@weft/embedded";
      await spawnEmbedded("postgres", { dataDir: process.argv[1], port: 0 });
      console.log("ready");
      setInterval(() => {}, 1000);`;
    const parent = spawn(
      process.execPath,
      ["--conditions=@weft/source", "--input-type=module", "-e", program, dataDir],
      { cwd: fileURLToPath(new URL("../..", import.meta.url)), stdio: ["ignore", "pipe", "inherit"] },
    );
    await new Promise((resolve) => createInterface({ input: parent.stdout }).once("line", resolve));
    expect(processesOf(dataDir).length).toBeGreaterThan(2);
    parent.kill("SIGKILL");
    await eventually("nothing left", () => processesOf(dataDir).length === 0);
  });

  it("refuses a data directory that another process holds, in one line", async () => {
    await start();
    await expect(spawnEmbedded("postgres", { dataDir, port: 0 })).rejects.toThrow(/is in use by process \d+/);
  });
});
