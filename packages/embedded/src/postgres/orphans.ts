import { execFileSync } from "node:child_process";
import { readFileSync, realpathSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Logger, poll } from "@weft/core";
import { readOrNothing } from "../data-directory.ts";
import { isAlive, processesIn } from "../processes.ts";

/**
 * What an earlier server of this cluster may have left:
 *  - a postmaster whose wrapper was killed: it is stopped, by fast shutdown first;
 *  - children whose postmaster was killed: they leave by themselves, and hold the shared memory until then;
 *  - `postmaster.pid` with a number that now belongs to somebody else: PostgreSQL would refuse to start, so it is removed.
 */
export async function clearLeftovers(log: Logger, directory: string, { patienceMs = 10_000 } = {}): Promise<void> {
  const pidFile = join(directory, "postmaster.pid");
  const pid = Number(readOrNothing(pidFile)?.split("\n")[0]);
  if (Number.isInteger(pid) && pid > 1) {
    if (isPostmasterOf(pid, directory)) {
      log.warn({ pid }, "stopping a server that lost its wrapper");
      await stopPostmaster(pid, patienceMs);
    } else {
      rmSync(pidFile, { force: true });
    }
  }
  await waitForChildren(directory, patienceMs);
}

/** Resolves when no process of the cluster is left. Those that do not go in time are told to. */
export async function waitForChildren(directory: string, patienceMs: number): Promise<void> {
  const real = realpathSync(directory);
  const left = () => processesIn(real);
  if (await poll({ everyMs: 20, forMs: patienceMs }, () => left().length === 0 || undefined)) return;
  await poll({ everyMs: 20, forMs: 2000 }, () => {
    const remaining = left();
    for (const pid of remaining) signal(pid, "SIGKILL");
    return remaining.length === 0 || undefined;
  });
}

/**
 * Fast shutdown (SIGINT): open transactions are rolled back, a checkpoint is written. Then immediate (SIGQUIT), then the end.
 * Source: PostgreSQL documentation, "Shutting Down the Server".
 */
export async function stopPostmaster(pid: number, patienceMs: number): Promise<void> {
  for (const [name, share] of [
    ["SIGINT", 0.7],
    ["SIGQUIT", 0.2],
    ["SIGKILL", 0.1],
  ] as const) {
    signal(pid, name);
    if (await poll({ everyMs: 10, forMs: patienceMs * share }, () => !isAlive(pid) || undefined)) return;
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It is gone, which is what was wanted.
  }
}

function isPostmasterOf(pid: number, directory: string): boolean {
  if (!isAlive(pid)) return false;
  return processesIn(realpathSync(directory)).includes(pid) || commandLine(pid).includes(directory);
}

// In a container root may lack the right to read another user's working directory; the command line is public.
function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    try {
      return execFileSync("ps", ["-o", "command=", "-p", String(pid)], {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
      });
    } catch {
      return "";
    }
  }
}
