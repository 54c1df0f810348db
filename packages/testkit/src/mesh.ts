import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Runtime, readRuntime } from "@weft/cli/runtime";
import { eventually } from "./eventually.ts";
import { ownPorts, weftProgram } from "./weft.ts";

export type { Runtime } from "@weft/cli/runtime";

export interface MeshOptions {
  /** Options of `pnpm dev`, besides those that keep a test apart: `--only`, `--scale`. */
  arguments?: string[];
  environment?: NodeJS.ProcessEnv;
  /** With the demo data of a first start. @defaultValue false */
  demo?: boolean;
  /** An earlier mesh's, to go on with its data. It stays when the mesh stops. @defaultValue one of its own, removed at the end */
  stateDir?: string;
  /** @defaultValue 120000 */
  startTimeoutMs?: number;
}

export interface ApiAnswer<Data> {
  status: number;
  headers: Headers;
  data: Data;
  meta: { requestId: string; nextCursor?: string; degraded?: string[] };
  error?: { code: string; message: string; details?: Record<string, unknown> };
}

export interface ApiRequest {
  body?: unknown;
  /** `null` for nobody. @defaultValue the admin's token */
  token?: string | null;
  headers?: Record<string, string>;
  /** @defaultValue the gateway with `/api` */
  base?: string;
}

/** A whole mesh as a value: real processes on ports of their own, under the same supervisor that `pnpm dev` is. */
export interface RunningMesh {
  readonly stateDir: string;
  readonly pid: number;
  /** As it is now: processes that were started again have other pids. */
  runtime(): Runtime;
  // biome-ignore lint/suspicious/noExplicitAny: a test knows what it asks for
  api<Data = any>(method: string, path: string, request?: ApiRequest): Promise<ApiAnswer<Data>>;
  /** Kills a service or an embedded server, by its pid, and resolves when it is back under another one. */
  kill(name: string, signal?: NodeJS.Signals): Promise<void>;
  /** All lines that it wrote (JSON), oldest first; bounded. */
  lines(): string[];
  /** Ctrl-C, and the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

const keptLines = 20_000;

/** @throws with its last lines when it does not come up */
export async function startMesh(options: MeshOptions = {}): Promise<RunningMesh> {
  const stateDir = options.stateDir ?? mkdtempSync(join(tmpdir(), "weft-mesh-"));
  const child = spawn(
    process.execPath,
    [...weftProgram, "dev", "--json", ...(options.demo ? [] : ["--no-demo"]), ...(options.arguments ?? [])],
    {
      env: {
        ...process.env,
        NODE_OPTIONS: "",
        ...(await ownPorts()),
        WEFT_STATE_DIR: stateDir,
        ...options.environment,
      },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      detached: true,
    },
  );
  const lines: string[] = [];
  collect(child, lines);
  const exited = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
  let code: number | null | undefined;
  void exited.then((exitCode) => {
    code = exitCode;
  });
  const stop = async (signal: NodeJS.Signals = "SIGINT") => {
    if (code === undefined) child.kill(signal);
    const exitCode = await exited;
    if (options.stateDir === undefined) rmSync(stateDir, { recursive: true, force: true, maxRetries: 5 });
    return exitCode;
  };
  const runtime = () => readRuntime(stateDir);
  try {
    await eventually(
      "the mesh is up",
      () => {
        if (code !== undefined) return { ended: code };
        const now = runtime();
        return now.pid === child.pid && now.services.length > 0 ? { ended: undefined } : undefined;
      },
      { timeoutMs: options.startTimeoutMs ?? 120_000, everyMs: 50 },
    ).then(({ ended }) => {
      if (ended !== undefined) throw new Error(`it ended with code ${ended}`);
    });
  } catch (error) {
    await stop("SIGTERM");
    throw new Error(`the mesh did not start:\n${lines.slice(-30).join("\n")}`, { cause: error });
  }

  const pidOf = (name: string) =>
    [...runtime().infraProcesses, ...runtime().services].find((part) => part.name === name)?.pid;

  return {
    stateDir,
    pid: child.pid!,
    runtime,
    lines: () => lines,
    stop,
    async api(method, path, { body, token, headers = {}, base } = {}) {
      const bearer = token === undefined ? runtime().tokens.admin : token;
      const response = await fetch(`${base ?? `${runtime().gateway.url}/api`}${path}`, {
        method,
        headers: {
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
        signal: AbortSignal.timeout(35_000),
      });
      const text = await response.text();
      const parsed = text.startsWith("{") ? JSON.parse(text) : { raw: text };
      return {
        status: response.status,
        headers: response.headers,
        data: parsed.data ?? parsed,
        meta: parsed.meta ?? {},
        error: parsed.error,
      };
    },
    async kill(name, signal = "SIGKILL") {
      const before = await eventually(`${name} runs`, () => pidOf(name), { timeoutMs: 30_000 });
      process.kill(before, signal);
      await eventually(
        `${name} is back after ${signal}`,
        () => {
          const now = pidOf(name);
          return now !== undefined && now !== before;
        },
        { timeoutMs: 60_000 },
      );
    },
  };
}

function collect(child: ChildProcess, lines: string[]): void {
  for (const stream of [child.stdout, child.stderr]) {
    let rest = "";
    stream?.setEncoding("utf8").on("data", (text: string) => {
      const parts = (rest + text).split("\n");
      rest = parts.pop() ?? "";
      lines.push(...parts);
      if (lines.length > keptLines) lines.splice(0, lines.length - keptLines);
    });
  }
}
