import { containerEngine } from "@weft/testkit/infrastructure";

/** Exit code 0 where a Docker engine answers; otherwise 1, and one sentence on what is missing and what to do. */
try {
  await containerEngine();
  process.exit(0);
} catch (error) {
  process.stdout.write(`${(error as Error).message}\n`);
  process.exit(1);
}
