import { spawn } from "node:child_process";
import { chownSync, existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { writeFileAtomically } from "../data-directory.ts";
import { EmbeddedDataDirectoryUnusable, EmbeddedNoSpace, EmbeddedStartFailed } from "../errors.ts";
import type { PostgresBinaries } from "./binaries.ts";
import type { RunAs } from "./run-as.ts";

export interface ClusterOptions {
  /** The cluster's own directory; its parent must exist. */
  directory: string;
  user: string;
  password: string;
  /** Databases that it has from the start. */
  databases: string[];
}

/** What the server is started with: small enough to sit beside a whole mesh on a laptop, and as durable as any. */
export const serverSettings: Record<string, string> = {
  unix_socket_directories: "", // a path of more than 107 bytes is refused, and nobody here needs a socket file
  shared_buffers: "48MB",
  max_connections: "120",
  max_wal_size: "256MB",
  fsync: "on",
  full_page_writes: "on",
  io_method: "sync", // no pool of reader processes
  max_worker_processes: "2",
  max_parallel_workers_per_gather: "0",
  max_logical_replication_workers: "0",
  autovacuum_max_workers: "1",
  autovacuum_worker_slots: "2",
  huge_pages: "off",
  jit: "off",
  timezone: "UTC",
  log_timezone: "UTC",
  log_line_prefix: "",
  log_checkpoints: "off",
  lc_messages: "C", // the server's lines are read below
};

/** Locale and language of the server's programs, and nothing of ours that would lead them elsewhere (PGDATA, PGPORT …). */
export const serverEnvironment = (): NodeJS.ProcessEnv => ({ PATH: process.env.PATH, LC_ALL: "C", TZ: "UTC" });

/**
 * Makes a cluster, or nothing: `initdb` works in a directory beside, which gets its name only when complete.
 * The files are not forced to disk meanwhile (it halves the time); `syncCluster` does it once the server is up.
 */
export async function initCluster(binaries: PostgresBinaries, identity: RunAs, options: ClusterOptions): Promise<void> {
  const next = `${options.directory}.new`;
  const passwordFile = join(next, "..", "password.new");
  rmSync(next, { recursive: true, force: true });
  mkdirSync(next, { mode: 0o700 });
  writeFileSync(passwordFile, `${options.password}\n`, { mode: 0o600 });
  if (identity.user) for (const path of [next, passwordFile]) chownSync(path, identity.user.uid, identity.user.gid);
  try {
    await run(identity, binaries.initdb, options.directory, [
      `--pgdata=${next}`,
      `--username=${options.user}`,
      `--pwfile=${passwordFile}`,
      "--auth=scram-sha-256",
      "--encoding=UTF8",
      "--locale=C",
      "--locale-provider=builtin",
      "--builtin-locale=C.UTF-8",
      "--no-sync",
      "--no-instructions",
    ]);
    await createDatabases(binaries, identity, next, options);
    renameSync(next, options.directory);
  } finally {
    rmSync(passwordFile, { force: true });
    rmSync(next, { recursive: true, force: true });
  }
}

/** In single-user mode without forcing anything to disk, which takes a third of what the running server needs for it. */
async function createDatabases(
  binaries: PostgresBinaries,
  identity: RunAs,
  cluster: string,
  { directory, databases }: ClusterOptions,
): Promise<void> {
  if (databases.length === 0) return;
  const input = databases.map((name) => `CREATE DATABASE "${name.replaceAll('"', '""')}";\n`).join("");
  await run(identity, binaries.postgres, directory, ["--single", "-F", "-D", cluster, "postgres"], { input });
}

/** Forces a new cluster's files to disk. A failure is only reported: the server itself syncs what it writes. */
export const syncCluster = (
  binaries: PostgresBinaries,
  identity: RunAs,
  directory: string,
  signal: AbortSignal,
): Promise<void> => run(identity, binaries.initdb, directory, ["--sync-only", `--pgdata=${directory}`], { signal });

export const isCluster = (directory: string): boolean => existsSync(join(directory, "PG_VERSION"));

/** @throws EmbeddedDataDirectoryUnusable when another user made the cluster: PostgreSQL insists on owning it */
export function checkOwner(directory: string): void {
  const mine = process.getuid?.();
  const { uid } = statSync(directory);
  if (mine !== undefined && mine !== 0 && mine !== uid)
    throw new EmbeddedDataDirectoryUnusable({ path: directory, reason: `it belongs to user id ${uid}, not ${mine}` });
}

/** Everyone logs in with a password, over TCP. */
export function writeAccessRules(identity: RunAs, directory: string, { anyAddress }: { anyAddress: boolean }): void {
  const file = join(directory, "pg_hba.conf");
  const from = anyAddress ? ["all"] : ["127.0.0.0/8", "::1/128"];
  writeFileAtomically(file, from.map((address) => `host all all ${address} scram-sha-256\n`).join(""));
  if (identity.user) chownSync(file, identity.user.uid, identity.user.gid);
}

function run(
  identity: RunAs,
  program: string,
  dataDir: string,
  args: string[],
  { signal, input }: { signal?: AbortSignal; input?: string } = {},
): Promise<void> {
  const { file, args: all, ...ids } = identity.command(program, args);
  return new Promise((resolve, reject) => {
    const child = spawn(file, all, {
      ...ids,
      stdio: [input === undefined ? "ignore" : "pipe", "ignore", "pipe"],
      env: serverEnvironment(),
      cwd: "/",
      signal,
    });
    child.stdin?.on("error", () => {}); // it may end before it has read everything
    child.stdin?.end(input);
    let output = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-4096);
    });
    child.on("error", (error) => {
      // One that was told to end is over when it is gone, not before.
      if (child.pid === undefined) reject(error);
    });
    child.on("close", (code, signal) => {
      if (code === 0) return resolve();
      if (/No space left on device|Disk quota exceeded/.test(output))
        return reject(new EmbeddedNoSpace({ path: dataDir }));
      const said = output
        .split("\n")
        .find((line) => /error|fatal|could not/i.test(line))
        ?.trim();
      reject(
        new EmbeddedStartFailed({
          name: "postgres",
          reason: said ?? `${basename(program)} ended with ${code ?? signal}`,
        }),
      );
    });
  });
}
