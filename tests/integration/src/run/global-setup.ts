import { containerEngine, shareAddresses, startInfrastructure, sweepOwnRun } from "@weft/testkit/infrastructure";
import { servers } from "./servers.ts";

/** Exit codes that a shell gives for these. */
const signals = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** The servers that all files share, started once before the first of them. Nothing of them outlives the run. */
export default async function globalSetup(): Promise<void> {
  if (process.env.INTEGRATION_MODE === "count") return;
  for (const [signal, code] of Object.entries(signals)) process.once(signal, () => void end(code));
  const begun = performance.now();
  const infrastructure = await startInfrastructure("containers", {
    onDeath(message) {
      process.stderr.write(`\nthe run stops: ${message}\n`);
      void end(1);
    },
  });
  servers.shared = infrastructure;
  shareAddresses(infrastructure);
  process.stdout.write(`servers are up after ${((performance.now() - begun) / 1000).toFixed(1)} s\n`);
}

/** A mesh of a test sees its channel close, and drains. */
async function end(code: number): Promise<void> {
  try {
    await sweepOwnRun(await containerEngine());
  } finally {
    process.exit(code);
  }
}
