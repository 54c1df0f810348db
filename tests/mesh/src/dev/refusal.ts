import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "@jest/globals";
import { freePorts, weftProgram } from "@weft/testkit";

export interface Attempt {
  args: string[];
  environment?: NodeJS.ProcessEnv;
  /** Program to run instead of this repository's own. */
  main?: string;
  /** Program that starts it with fewer rights: see {@link heldToPermissions}. @defaultValue none */
  through?: string[];
  /** Sees what it writes, as it comes. */
  onOutput?: (text: string) => void;
}

export interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
  stateDir: string;
}

const timeLimitMs = 120_000;

/** Runs `weft` to its end; one that does not end by itself is stopped, and fails the test by its exit code. */
export async function attempt(
  stateDir: string,
  { args, environment, main, through = [], onOutput }: Attempt,
): Promise<Outcome> {
  const program = main === undefined ? weftProgram : [...weftProgram.slice(0, -1), main];
  const [file = "", ...command] = [...through, process.execPath, ...program, ...args];
  const child = spawn(file, command, {
    env: { ...process.env, NODE_OPTIONS: "", ...freePorts, WEFT_STATE_DIR: stateDir, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
      onOutput?.(text);
    });
  }
  const timer = setTimeout(() => child.kill("SIGTERM"), timeLimitMs);
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  clearTimeout(timer);
  return { code, ...output, stateDir };
}

/**
 * What holds a program of root's to the permissions of files: it is still root and so enters every folder above the checkout,
 * which another user may not. Nothing for other users, whom the permissions hold anyway; undefined where there is no such program.
 */
export function heldToPermissions(): string[] | undefined {
  if (process.getuid?.() !== 0) return [];
  const setpriv = ["/usr/bin/setpriv", "/bin/setpriv"].find((place) => existsSync(place));
  return setpriv === undefined ? undefined : [setpriv, "--bounding-set=-dac_override"];
}

/** One clear message on standard error, the right code, no stack, and nothing half-done. */
export function expectRefusal(outcome: Outcome, { code, says, lines = 1 }: Expected): void {
  const { stderr, stdout, stateDir } = outcome;
  for (const text of [says].flat()) expect(stderr).toContain(text);
  expect(outcome.code).toBe(code);
  expect(stderr.trim().split("\n")).toHaveLength(lines);
  expect(stderr + stdout).not.toMatch(/^\s+at .+:\d+/m);
  for (const file of ["runtime.json", "dev.json"]) expect(existsSync(join(stateDir, file))).toBe(false);
  expect(processesWith(stateDir)).toEqual([]);
}

export interface Expected {
  code: 1 | 2;
  says: string | string[];
  /** Of the message. @defaultValue 1 */
  lines?: number;
}

/** Processes that were started for a state directory: supervisors hand it down in the environment. */
export function processesWith(stateDir: string, inCommand = ""): number[] {
  if (!existsSync("/proc/self/environ")) return [];
  const read = (pid: string, file: string) => {
    try {
      return readFileSync(`/proc/${pid}/${file}`, "utf8");
    } catch {
      return ""; // gone, or somebody else's
    }
  };
  return readdirSync("/proc")
    .filter((pid) => /^\d+$/.test(pid))
    .filter((pid) => read(pid, "environ").includes(`WEFT_STATE_DIR=${stateDir}\0`))
    .filter((pid) => read(pid, "cmdline").includes(inCommand))
    .map(Number);
}

/** So many at a time, the others wait: refusals take half a second of processor each. */
export function inTurns(width: number): <T>(work: () => Promise<T>) => Promise<T> {
  const lanes = Array.from({ length: width }, () => Promise.resolve() as Promise<unknown>);
  let next = 0;
  return (work) => {
    const lane = next++ % width;
    const result = lanes[lane]!.then(work);
    lanes[lane] = result.catch(() => {});
    return result;
  };
}
