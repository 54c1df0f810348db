import type { ChildProcess } from "node:child_process";
import { subscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { sleep } from "@weft/core";
import { containerEngine, shareAddresses, startInfrastructure, sweepOwnRun } from "@weft/testkit/infrastructure";
import { servers } from "./servers.ts";

/** Exit codes that a shell gives for these. */
const signals = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** The servers that all files share, started once before the first of them. Nothing of them outlives the run. */
export default async function globalSetup(): Promise<void> {
  if (process.env.INTEGRATION_MODE === "count") return;
  for (const [signal, code] of Object.entries(signals)) process.once(signal, () => end(code));
  subscribe("child_process", (message) => children.add((message as { process: ChildProcess }).process));
  const begun = performance.now();
  const infrastructure = await startInfrastructure("containers", {
    onDeath: (message) => end(1, message),
  });
  servers.shared = infrastructure;
  shareAddresses(infrastructure);
  process.stdout.write(`servers are up after ${((performance.now() - begun) / 1000).toFixed(1)} s\n`);
}

/** Jest's workers, and where it needs none, what the tests start. */
const children = new Set<ChildProcess>();

function end(code: number, why?: string): void {
  // The sweep is the death of the others.
  if (servers.ending) return;
  if (why) process.stderr.write(`\nthe run stops: ${why}\n`);
  servers.ending = sweepAndExit(code);
}

/** Workers first: a busy one could start a container after the sweep. What they started sees its channel close as they do. */
async function sweepAndExit(code: number): Promise<never> {
  try {
    await Promise.all([...children].filter(({ connected }) => connected).map(disconnected));
    await sweepOwnRun(await containerEngine());
  } finally {
    process.exit(code);
  }
}

async function disconnected(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit");
  child.disconnect();
  await Promise.race([ended, sleep(10_000)]);
}
