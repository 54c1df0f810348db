import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { compileCache, repositoryRoot as root } from "../../cli/src/layout.ts";

/**
 * `pnpm test`: every check and every suite, cheapest first, all of them even when one fails. Checks run side by side, as many
 * as there are processors; suites one after the other. A check counts as one test; the suites count their own. The last line
 * is `N passed, N failed, N skipped`, and the exit code says the same.
 */
const bin = (name: string) => join(root, "node_modules/.bin", name);
const source = ["--conditions=@weft/source", "--disable-warning=ExperimentalWarning"];

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

interface Stage {
  name: string;
  /** @returns what it counted, and what it wrote unless that was shown meanwhile */
  run: () => Promise<Counts & { output?: string }>;
  isCheck?: true;
}

/** Exit codes that a shell gives for these. */
const signals = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
/** How long what was told to stop may take, in milliseconds: it removes its containers first. */
const stopTimeoutMs = 30_000;
const running = new Set<ChildProcess>();
let interruptedBy: keyof typeof signals | undefined;

for (const signal of Object.keys(signals) as (keyof typeof signals)[]) {
  process.on(signal, () => {
    // The second does not wait.
    if (interruptedBy) return endAll();
    interruptedBy = signal;
    for (const child of running) child.kill(signal);
    setTimeout(endAll, stopTimeoutMs).unref();
  });
}

/** With all that it started: workers of jest outlive a jest that is told to stop. */
function end({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {} // nobody is left
}

const endAll = () => running.forEach(end);

/** @param onOutput takes what the command writes; without it, that is shown at once   @returns its exit code */
function execute(
  command: string,
  args: string[],
  { environment = {}, onOutput }: { environment?: NodeJS.ProcessEnv; onOutput?: (text: string) => void } = {},
): Promise<number> {
  const output = onOutput ? "pipe" : "inherit";
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: ["ignore", output, output],
      // What tests start again and again is compiled once.
      env: {
        NODE_COMPILE_CACHE: compileCache,
        ...process.env,
        DO_NOT_TRACK: "1",
        ...environment,
      },
      // A group of its own, so that Ctrl-C reaches it once, and all of it can be ended.
      detached: true,
    });
    running.add(child);
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding("utf8").on("data", onOutput!);
    child.once("error", () => resolve(127));
    child.once("exit", () => {
      if (interruptedBy) end(child);
    });
    child.once("close", (code) => {
      running.delete(child);
      resolve(code ?? 1);
    });
  });
}

const check = (name: string, command: string, args: string[]): Stage => ({
  name,
  isCheck: true,
  run: async () => {
    let output = "";
    const code = await execute(command, args, { onOutput: (text) => (output += text) });
    const failed = code === 0 ? 0 : 1;
    return { passed: 1 - failed, failed, skipped: 0, output };
  },
});

/** A jest project. Libraries behave as they are deployed: some of them change their defaults under NODE_ENV=test. */
const suite = (name: string, project: string, ...more: string[]): Stage => ({
  name,
  run: async () => {
    const folder = mkdtempSync(join(tmpdir(), "weft-test-"));
    const report = join(folder, "report.json");
    const jest = join(root, "node_modules/jest/bin/jest.js");
    try {
      const nodeFlags = ["--experimental-vm-modules", ...source];
      const jestFlags = ["--selectProjects", project, "--json", `--outputFile=${report}`, ...more];
      const environment = { NODE_ENV: "production" };
      const code = await execute(process.execPath, [...nodeFlags, jest, ...jestFlags], { environment });
      return readReport(report, code);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
});

function readReport(file: string, code: number): Counts {
  try {
    const report = JSON.parse(readFileSync(file, "utf8"));
    const failed: number = report.numFailedTests + report.numRuntimeErrorTestSuites;
    return {
      passed: report.numPassedTests,
      // A run that ended badly without a failed test (nothing matched, a leak that kept it from ending) is a failure too.
      failed: failed === 0 && code !== 0 ? 1 : failed,
      skipped: report.numPendingTests + report.numTodoTests,
    };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

/** What only real servers show. Where no Docker engine answers, `pnpm test` counts its tests as skipped; asked for by name, it fails. */
const integration: Stage = {
  name: "integration",
  run: async () => {
    const code = await execute(process.execPath, [...source, "tests/integration/src/run/check-engine.ts"]);
    const run = (...more: string[]) => suite("integration", "integration", "--maxWorkers=3", ...more).run();
    if (code === 0) return run();
    if (wanted.includes("integration")) return { passed: 0, failed: 1, skipped: 0 };
    // Matches no test, so that none runs and each is counted.
    process.env.INTEGRATION_MODE = "count";
    const { failed, skipped } = await run("--testNamePattern=^(?!)", "--silent");
    return { passed: 0, failed, skipped };
  },
};

const wanted = process.argv.slice(2);

const stages: Stage[] = [
  check("generated contracts are up to date", process.execPath, [
    ...source,
    "packages/contracts/src/generate/main.ts",
    "--check",
  ]),
  check("schemas go together with older ones", process.execPath, [
    ...source,
    "tools/cli/src/main.ts",
    "schemas",
    "check",
  ]),
  check("every event that is read is published", process.execPath, [
    ...source,
    "tools/cli/src/main.ts",
    "events",
    "map",
  ]),
  check("pages made from the code, links", process.execPath, [...source, "tools/docs/src/main.ts", "--check"]),
  check("types", bin("tsc"), []),
  check("lint", bin("biome"), ["check", "."]),
  check("unused code and dependencies", bin("knip"), []),
  check("import directions", bin("depcruise"), [
    "--config",
    ".dependency-cruiser.cjs",
    "packages",
    "services",
    "tools",
    "tests",
  ]),
  // Much of what these do is waiting: with one worker more than processors, these are not idle meanwhile.
  suite("unit", "unit", "--maxWorkers=3"),
  suite("mesh", "mesh", "--maxWorkers=3"),
  integration,
];

const unknown = wanted.filter((name) => !stages.some((stage) => stage.name === name));
if (unknown.length > 0) {
  process.stderr.write(
    `there is no stage ${unknown.join(", ")}; there are:\n${stages.map(({ name }) => `  ${name}\n`).join("")}`,
  );
  process.exit(2);
}
const total: Counts = { passed: 0, failed: 0, skipped: 0 };
const lines = new Map<Stage, string>();

async function runStage(stage: Stage): Promise<void> {
  if (interruptedBy) return;
  const { name, run, isCheck } = stage;
  if (!isCheck) process.stdout.write(`\n── ${name}\n`);
  const begun = performance.now();
  const { passed, failed, skipped, output } = await run();
  if (isCheck && !interruptedBy) process.stdout.write(`\n── ${name}\n${output}`);
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  lines.set(
    stage,
    `${failed > 0 ? "✗" : "✓"} ${name.padEnd(36)} ${String(passed).padStart(5)} passed ${String(failed).padStart(4)} failed ${seconds.padStart(7)} s`,
  );
}

const chosen = stages.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
const checks = chosen.filter(({ isCheck }) => isCheck).values();
const takeChecks = async () => {
  for (const stage of checks) await runStage(stage);
};
await Promise.all(Array.from({ length: availableParallelism() }, takeChecks));
for (const stage of chosen) if (!stage.isCheck) await runStage(stage);

if (interruptedBy) {
  process.stderr.write(`\ninterrupted by ${interruptedBy}: what ran is stopped, and nothing is counted\n`);
  process.exit(signals[interruptedBy]);
}
const summary = chosen.map((stage) => lines.get(stage)).join("\n");
process.stdout.write(`\n${summary}\n\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
process.exitCode = total.failed > 0 ? 1 : 0;
