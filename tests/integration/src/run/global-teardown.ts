import { containerEngine, sweepOwnRun } from "@weft/testkit/infrastructure";
import { servers } from "./servers.ts";

/** Stops the shared servers. What else is there of this run a test left behind: it is removed too, and is a failure. */
export default async function globalTeardown(): Promise<void> {
  if (process.env.INTEGRATION_MODE === "count") return;
  await servers.ending;
  await servers.shared?.stop();
  const left = await sweepOwnRun(await containerEngine());
  if (left.length > 0) throw new Error(`tests left behind: ${left.join(", ")}`);
}
