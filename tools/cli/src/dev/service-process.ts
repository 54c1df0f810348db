import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { within } from "@weft/core";
import type { Launched, Refusal } from "./supervise.ts";

export interface ServiceAddress {
  instanceId: string;
  http: string;
  grpc?: string;
}

export interface ServiceLaunch {
  main: string;
  environment: NodeJS.ProcessEnv;
  onLine: (line: string) => void;
  /** Until it says that it is ready, in milliseconds. */
  startTimeoutMs: number;
  /** From SIGTERM to SIGKILL, in milliseconds. */
  stopTimeoutMs: number;
  /** Tells it to stop while it is still starting; once it is ready, its own `stop` does. */
  stopped: AbortSignal;
}

interface StateMessage {
  state: "starting" | "ready" | "draining";
  instanceId: string;
  http: string;
  grpc?: string;
}

const keptLines = 20;

/**
 * Starts a service in a process of its own and resolves when it says that it is ready. The channel between the two is also
 * the leash: a service whose supervisor died sees it close, and drains.
 */
export function startService(launch: ServiceLaunch): Promise<Launched<ServiceAddress>> {
  const child = spawn(
    process.execPath,
    ["--conditions=@weft/source", "--disable-warning=ExperimentalWarning", launch.main],
    {
      env: launch.environment,
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      // Of its own group, so that Ctrl-C in the terminal reaches the supervisor alone, which stops things in order.
      detached: true,
    },
  );
  const lastLines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream! }).on("line", (line) => {
      lastLines.push(line);
      if (lastLines.length > keptLines) lastLines.shift();
      launch.onLine(line);
    });
  }
  const exited = new Promise<{ code: number | null; text: string }>((resolve) => {
    child.once("error", (error) => resolve({ code: null, text: `could not be started: ${error.message}` }));
    child.once("exit", (code, signal) =>
      resolve({ code, text: signal ? `killed by ${signal}` : `ended with code ${code}` }),
    );
  });

  const stop = () => stopChild(child, exited, launch.stopTimeoutMs);
  const starting = new AbortController();
  launch.stopped.addEventListener("abort", () => void stop(), { signal: starting.signal });

  const ready = new Promise<Launched<ServiceAddress>>((resolve, reject) => {
    void exited.then(({ code, text }) => {
      starting.abort();
      reject(code === 2 ? misconfigured(lastLines) : failed(`it ${text}`, lastLines));
    });
    child.on("message", (message: StateMessage) => {
      if (message?.state !== "ready") return;
      starting.abort();
      const { instanceId, http, grpc } = message;
      resolve({
        pid: child.pid!,
        address: { instanceId, http, ...(grpc === undefined ? {} : { grpc }) },
        exited,
        stop,
      });
    });
  });
  return within(launch.startTimeoutMs, ready, () => {
    child.kill("SIGKILL");
    throw new Error(`it was not ready within ${launch.startTimeoutMs / 1000} s${why(lastLines)}`);
  });
}

async function stopChild(child: ChildProcess, exited: Promise<unknown>, timeoutMs: number): Promise<void> {
  child.kill("SIGTERM");
  await within(timeoutMs, exited, () => child.kill("SIGKILL"));
  await exited;
}

const refused = (message: string, refusal: Refusal) => Object.assign(new Error(message), { refusal });

/** Exit code 2: what it wrote besides log lines is the whole message. */
function misconfigured(lines: string[]): Error {
  const plain = lines.filter((line) => line.trim() !== "" && !line.startsWith("{"));
  return refused(plain.length > 0 ? plain.join("\n") : "it refuses its configuration", "configuration");
}

/** A reason that it foresaw, such as a broken migration, it gives with its code, and will give again. */
function failed(how: string, lines: string[]): Error {
  for (const line of lines.toReversed()) {
    try {
      const { level, msg, code } = JSON.parse(line) as { level?: string; msg?: string; code?: string };
      if (level === "fatal" && code !== undefined && msg !== undefined) return refused(msg, "final");
    } catch {}
  }
  return new Error(`${how}${why(lines)}`);
}

/** The last thing that it said which sounds like a reason: a logged warning or error, or what Node prints before it gives up. */
function why(lines: string[]): string {
  const reasons = lines.flatMap((line) => {
    if (!line.startsWith("{")) return /^(\w*Error\b|[a-z][\w-]*: )/.test(line) ? [line] : [];
    try {
      const { level, msg, err } = JSON.parse(line) as { level?: string; msg?: string; err?: { message?: string } };
      const severe = level === "error" || level === "fatal" || level === "warn";
      return severe ? [[msg, err?.message].filter(Boolean).join(": ")] : [];
    } catch {
      return [];
    }
  });
  const plain = lines.findLast((line) => line.trim() !== "" && !line.startsWith("{"));
  const reason = reasons.at(-1) ?? plain;
  return reason === undefined ? "" : `: ${reason.trim()}`;
}
