import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { defineError } from "@weft/core";

/** `.weft/runtime.json`: where the running mesh is. Other programs read it, so its form is fixed. */
export interface Runtime {
  pid: number;
  infra: "embedded" | "docker" | "external";
  kafka: { brokers: string[] };
  consul: { url: string };
  schemaRegistry: { url: string };
  /** With `{database}` in the place of the database's name. */
  postgres: { url: string };
  gateway: { url: string };
  console: { url: string };
  infraProcesses: { name: string; pid: number }[];
  services: RuntimeService[];
  /** `operators` shows the gateway's metrics and the details of its health. */
  tokens: { admin: string; customer: string; operators: string };
}

export interface RuntimeService {
  name: string;
  instanceId: string;
  pid: number;
  http: string;
  grpc?: string;
  database?: string;
}

export const NothingRuns = defineError<{ stateDir: string }>({
  code: "NOTHING_RUNS",
  kind: "unavailable",
  message: ({ stateDir }) =>
    `no mesh runs here (${join(stateDir, "runtime.json")} does not exist): start one with \`npx -y pnpm dev\`, or name the addresses (--kafka, --consul, …)`,
});

const RuntimeUnreadable = defineError<{ path: string; reason: string }>({
  code: "RUNTIME_UNREADABLE",
  kind: "internal",
  message: ({ path, reason }) =>
    `${path} cannot be read (${reason}): start \`npx -y pnpm dev\` again, which writes it anew`,
});

const file = (stateDir: string) => join(stateDir, "runtime.json");

/** Whole or not at all: a reader never sees half a file. The tokens in it are for this user's eyes. */
export function writeRuntime(stateDir: string, runtime: Runtime): void {
  const temporary = `${file(stateDir)}.${process.pid}.tmp`;
  writeFileSync(temporary, `${JSON.stringify(runtime, null, 2)}\n`, { mode: 0o600 });
  renameSync(temporary, file(stateDir));
}

export function removeRuntime(stateDir: string): void {
  rmSync(file(stateDir), { force: true });
}

export const isRunning = (stateDir: string) => existsSync(file(stateDir));

/** @throws NothingRuns   @throws RuntimeUnreadable */
export function readRuntime(stateDir: string): Runtime {
  if (!isRunning(stateDir)) throw new NothingRuns({ stateDir });
  try {
    return JSON.parse(readFileSync(file(stateDir), "utf8")) as Runtime;
  } catch (cause) {
    // It may have ended between the two.
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") throw new NothingRuns({ stateDir });
    throw new RuntimeUnreadable({ path: file(stateDir), reason: (cause as Error).message }, { cause });
  }
}
