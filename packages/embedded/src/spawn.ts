import { type ChildProcess, spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { option, takeOptions, within } from "@weft/core";
import { EmbeddedStartFailed } from "./errors.ts";
import { isReadyLine, type ReadyLine } from "./ready-line.ts";
import type { EmbeddedAddress, EmbeddedServerName } from "./server.ts";

export interface SpawnEmbeddedOptions {
  dataDir: string;
  /** @defaultValue "127.0.0.1" */
  host?: string;
  /** 0 takes a free one. @defaultValue the server's usual port */
  port?: number;
  /** `host:port` that Kafka tells its clients, where that is not the address it listens on. */
  advertised?: string;
  /** Databases that PostgreSQL has once it serves. */
  databases?: string[];
  /** Names by which Consul and the Schema Registry answer besides those of loopback. @defaultValue none */
  allowedHosts?: readonly string[];
  /** Environment of the process. @defaultValue that of this one */
  env?: NodeJS.ProcessEnv;
  /** Gets each line that the process writes: JSON log lines, and what it says when it cannot start. */
  onLine?: (line: string) => void;
  /** In milliseconds. @defaultValue 30000 */
  startTimeoutMs?: number;
  /** How long an orderly stop may take before the process is killed, in milliseconds. @defaultValue 15000 */
  stopTimeoutMs?: number;
}

export interface EmbeddedProcess {
  readonly name: EmbeddedServerName;
  /** The process to kill in a fault test: for PostgreSQL the postmaster, not the process that wraps it. */
  readonly pid: number;
  readonly address: EmbeddedAddress;
  /** `postgres://weft:weft@127.0.0.1:5432/{database}` with a literal `{database}`, `http://…`, or `host:port` for Kafka. */
  readonly url: string;
  /** From spawn until it served, in milliseconds. */
  readonly startedInMs: number;
  /** Settles when the process is gone, for whatever reason. */
  readonly exited: Promise<{ code: number | null; signal: string | null; lastLines: string[] }>;
  /** Orderly stop. Resolves when the process is gone. */
  stop(): Promise<void>;
}

const rules = { startTimeoutMs: option.milliseconds(30_000), stopTimeoutMs: option.milliseconds(15_000) };
const isSource = import.meta.url.endsWith(".ts");
const program = fileURLToPath(new URL(isSource ? "./process.ts" : "./process.js", import.meta.url));
// Where Node itself would put it. Reading compiled modules instead of sources halves the time to start.
const compileCache = join(tmpdir(), "node-compile-cache");
// Small young generation: these processes idle most of the time, and a laptop holds many of them.
const nodeFlags = [...(isSource ? ["--conditions=@weft/source"] : []), "--max-semi-space-size=4"];

/**
 * Starts one server in a process of its own, and resolves when it serves. The process has its own session, so that a
 * Ctrl-C in the terminal reaches only its parent, which then stops things in order; and it ends when its parent is gone.
 * @throws OptionsInvalid   @throws EmbeddedStartFailed with the line that the process ended with
 */
export async function spawnEmbedded(name: EmbeddedServerName, options: SpawnEmbeddedOptions): Promise<EmbeddedProcess> {
  const { startTimeoutMs, stopTimeoutMs } = takeOptions("spawnEmbedded", rules, options);
  const startedAt = performance.now();
  const child = spawn(process.execPath, [...nodeFlags, program, name, ...flagsOf(options)], {
    env: { NODE_COMPILE_CACHE: compileCache, ...(options.env ?? process.env) },
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
  });
  const lastLines: string[] = [];
  const keep = (line: string) => {
    if (lastLines.push(line) > 20) lastLines.shift();
    options.onLine?.(line);
  };
  const exited = new Promise<Awaited<EmbeddedProcess["exited"]>>((resolve) => {
    child.once("error", (error) => resolve({ code: null, signal: null, lastLines: [error.message] }));
    child.once("close", (code, signal) => resolve({ code, signal, lastLines }));
  });
  child.stdin.on("error", () => {}); // it may be gone before we close it
  createInterface({ input: child.stderr }).on("line", keep);
  const ready = new Promise<ReadyLine>((resolve) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      const announcement = isReadyLine(line);
      if (announcement) resolve(announcement);
      else keep(line);
    });
  });
  const { address, pid, url } = await firstOf(name, child, { ready, exited, startTimeoutMs });
  return {
    name,
    pid,
    address,
    url,
    startedInMs: Math.round(performance.now() - startedAt),
    exited,
    async stop() {
      child.kill("SIGTERM");
      await within(stopTimeoutMs, exited, () => child.kill("SIGKILL"));
      await exited;
    },
  };
}

async function firstOf(
  name: EmbeddedServerName,
  child: ChildProcess,
  race: { ready: Promise<ReadyLine>; exited: EmbeddedProcess["exited"]; startTimeoutMs: number },
): Promise<ReadyLine> {
  const outcome = await within(race.startTimeoutMs, Promise.race([race.ready, race.exited]), () => {
    child.kill("SIGKILL");
    throw new EmbeddedStartFailed({ name, reason: `not ready within ${race.startTimeoutMs} ms` });
  });
  if ("address" in outcome) return outcome;
  const { code, signal, lastLines } = outcome;
  const reason = lastLines.at(-1)?.replace(`${name}: `, "") ?? `its process ended with ${signal ?? `code ${code}`}`;
  throw new EmbeddedStartFailed({ name, reason });
}

function flagsOf({ dataDir, host, port, advertised, databases, allowedHosts = [] }: SpawnEmbeddedOptions): string[] {
  return [
    `--data-dir=${dataDir}`,
    ...(host === undefined ? [] : [`--host=${host}`]),
    ...(port === undefined ? [] : [`--port=${port}`]),
    ...(advertised === undefined ? [] : [`--advertised=${advertised}`]),
    ...(databases === undefined || databases.length === 0 ? [] : [`--databases=${databases.join(",")}`]),
    ...(allowedHosts.length === 0 ? [] : [`--allowed-hosts=${allowedHosts.join(",")}`]),
  ];
}
