import { monitorEventLoopDelay } from "node:perf_hooks";
import { type Logger, WeftError } from "@weft/core";
import { formatHostPort } from "./config-reader.ts";
import {
  createLifecycle,
  type Lifecycle,
  type LifecycleCollaborators,
  type LifecycleOptions,
  type LifecycleState,
  StartFailed,
  Stopping,
} from "./lifecycle.ts";
import type { Addresses } from "./registration.ts";

export interface RunServiceOptions extends Omit<LifecycleOptions, "onState"> {
  /** Told to a supervisor. */
  databaseName?: string;
}

/** What a process tells its supervisor over IPC. */
export interface StateMessage {
  state: LifecycleState;
  name: string;
  instanceId: string;
  pid: number;
  /** `http://127.0.0.1:8001` */
  http: string;
  /** `127.0.0.1:9001` */
  grpc?: string;
  database?: string;
}

/** After a fault that nobody caught, the state of the process is unknown: it may finish what is in hand, briefly. */
const afterFault = { drainWaitMs: 200, shutdownWithinMs: 5000 };
const watchdog = { everyMs: 5000, stallMs: 1000 };

/**
 * Binds a lifecycle to this process. SIGTERM, SIGINT, SIGHUP and the end of the supervisor's IPC channel stop it in order: exit
 * code 0, or 1 where something did not stop within its bound. The same signal a second time: exit code 1 at once (another one
 * is not the second: a terminal sends SIGINT to the whole group, and the supervisor sends SIGTERM then). A start that fails for
 * good: one line, exit code 1. What nobody caught: logged, drained for at most 5 s, exit code 1.
 */
export async function runService(
  collaborators: LifecycleCollaborators,
  { databaseName, ...options }: RunServiceOptions,
): Promise<void> {
  const { log } = collaborators;
  const { name, instanceId } = options.identity;
  const lifecycle = build();
  const ending = endProcess({ log, lifecycle });

  /** The server looks at all its routes when it is made: what is wrong with them ends the process as a failed start does. */
  function build(): Lifecycle {
    try {
      return createLifecycle(collaborators, { ...options, onState: tellSupervisor });
    } catch (error) {
      log.fatal(...whyNotStarted(error));
      process.exit(1);
    }
  }

  function tellSupervisor(state: LifecycleState, { http, grpc }: Addresses): void {
    const message: StateMessage = {
      state,
      name,
      instanceId,
      pid: process.pid,
      http: `http://${formatHostPort(http)}`,
      ...(grpc ? { grpc: formatHostPort(grpc) } : {}),
      ...(databaseName === undefined ? {} : { database: databaseName }),
    };
    if (process.connected) process.send?.(message, undefined, undefined, () => {});
  }

  const received = new Set<string>();
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
    process.on(signal, () => {
      if (received.has(signal)) process.exit(1);
      received.add(signal);
      ending({ reason: signal, exitCode: 0 });
    });
  }
  process.on("disconnect", () => ending({ reason: "supervisor is gone", exitCode: 0 }));
  process.on("uncaughtException", (error, origin) => {
    log.fatal(
      { err: error },
      origin === "unhandledRejection" ? "a rejection that nobody caught" : "an error that nobody caught",
    );
    ending({ reason: origin, exitCode: 1, bounds: afterFault });
  });
  watchEventLoop(log);

  try {
    await lifecycle.start();
  } catch (error) {
    if (error instanceof Stopping) return;
    log.fatal(...whyNotStarted(error));
    ending({ reason: "start failed", exitCode: 1, bounds: afterFault });
  }
}

interface Ending {
  reason: string;
  exitCode: 0 | 1;
  bounds?: { drainWaitMs: number; shutdownWithinMs: number };
}

/** The first reason begins the end; a later fault only makes its exit code 1. */
function endProcess({ log, lifecycle }: { log: Logger; lifecycle: Lifecycle }): (ending: Ending) => void {
  let exitCode: number = 0;
  let isEnding = false;
  return (ending) => {
    exitCode = Math.max(exitCode, ending.exitCode);
    if (isEnding) return;
    isEnding = true;
    log.info({ reason: ending.reason }, "stopping");
    const startedAt = performance.now();
    lifecycle.stop(ending.bounds).then(
      ({ isClean }) => {
        if (!isClean) exitCode = 1;
        log.info({ ms: Math.round(performance.now() - startedAt), exitCode }, "stopped");
        process.exit(exitCode);
      },
      (error) => {
        log.fatal({ err: error }, "the shutdown failed");
        process.exit(1);
      },
    );
  };
}

/** One line with the way out; the stack only of what nobody foresaw. */
function whyNotStarted(error: unknown): [Record<string, unknown>, string] {
  const cause = StartFailed.is(error) ? error.cause : error;
  if (error instanceof WeftError && cause instanceof WeftError) return [{ code: cause.code }, error.message];
  return [{ err: error }, StartFailed.is(error) ? error.message : "does not start"];
}

/** A stalled event loop stops heartbeats and health answers, and its log line is what explains them. */
function watchEventLoop(log: Logger): void {
  const delays = monitorEventLoopDelay({ resolution: 100 });
  delays.enable();
  setInterval(() => {
    const stalledMs = Math.round(delays.max / 1e6);
    if (stalledMs > watchdog.stallMs) log.warn({ stalledMs }, "the event loop stood still");
    delays.reset();
  }, watchdog.everyMs).unref();
}
