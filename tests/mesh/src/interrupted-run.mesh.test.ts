import { spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "@jest/globals";
import { eventually } from "@weft/testkit";

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** Every process with its parent; one that only waits to be reaped is none. */
function processes(): { pid: number; parent: number }[] {
  const rows = existsSync("/proc/self/stat")
    ? readdirSync("/proc")
        .filter((name) => /^\d+$/.test(name))
        .flatMap(statOf)
    : spawnSync("ps", ["-A", "-o", "pid=,ppid=,state="], { encoding: "utf8" }).stdout.split("\n");
  return rows
    .filter((row) => !/ Z/.test(row))
    .map((row) => {
      const [pid = 0, parent = 0] = row.trim().split(/\s+/).map(Number);
      return { pid, parent };
    });
}

/** Its name may hold anything, and ends with the last bracket. */
function statOf(pid: string): string[] {
  try {
    const [, state, parent] = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\)/s, "x").split(" ");
    return [`${pid} ${parent} ${state}`];
  } catch {
    return []; // it ended meanwhile
  }
}

function descendantsOf(pid: number): number[] {
  const all = processes();
  const below = (one: number): number[] =>
    all.filter(({ parent }) => parent === one).flatMap((child) => [child.pid, ...below(child.pid)]);
  return below(pid);
}

it.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)(
  "a run that is told to stop by %s ends with %i, and nothing that its tests started goes on",
  async (signal, code) => {
    const run = spawn(process.execPath, ["tools/test/src/main.ts", "mesh"], {
      cwd: root,
      env: { ...process.env, NODE_OPTIONS: "" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const output = { text: "" };
    for (const stream of [run.stdout, run.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => {
        output.text += text;
      });
    const ended = new Promise<number | null>((resolve) => run.once("exit", resolve));
    // jest, its workers, and what they started.
    const started = await eventually(
      "its tests are busy",
      () => {
        const below = descendantsOf(run.pid!);
        return below.length > 4 && below;
      },
      { timeoutMs: 90_000 },
    );
    run.kill(signal);
    expect(await ended).toBe(code);
    expect(output.text).toContain(`interrupted by ${signal}`);
    // A mesh that is just starting finishes that first.
    await eventually("none is left", () => !processes().some(({ pid }) => started.includes(pid)), {
      timeoutMs: 120_000,
    });
  },
  300_000,
);
