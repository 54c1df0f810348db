import { spawn } from "node:child_process";
import { defineError, timeLimit } from "@weft/core";
import { isDefect } from "../../failure.ts";

/** What a command of the engine's may print before only its end is kept, in characters. */
const maxOutput = 64 * 1024;
const answerTimeoutMs = 15_000;
const commandTimeoutMs = 60_000;

const EngineUnavailable = defineError<{ message: string }>({
  code: "ENGINE_UNAVAILABLE",
  kind: "unavailable",
  message: ({ message }) => `${message} Or start without --infra docker: the embedded servers need no engine.`,
});

/** A command that the engine refused, in its own words. */
export class CommandFailed extends Error {}

interface CommandOptions {
  /** @defaultValue 60 s; 0 for as long as it takes */
  timeoutMs?: number;
  /** Ends the command; it then rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Standard error belongs to the answer too: a container's own goes there. */
  withErrors?: boolean;
}

/** The engine's command line. @returns what it printed on standard output   @throws CommandFailed */
export type Docker = (args: string[], options?: CommandOptions) => Promise<string>;

export const docker: Docker = (args, { timeoutMs = commandTimeoutMs, signal, withErrors = false } = {}) =>
  new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    // Of its own group: Ctrl-C in the terminal is for the supervisor, which ends its containers in order.
    const child = spawn("docker", args, { stdio: ["ignore", "pipe", "pipe"], detached: true });
    const output = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      const kept = withErrors ? "stdout" : name;
      child[name].setEncoding("utf8").on("data", (text: string) => {
        output[kept] = (output[kept] + text).slice(-maxOutput);
      });
    }
    const late = () => new CommandFailed(`docker ${args[0]} did not end within ${timeoutMs / 1000} s`);
    const limit = timeoutMs === 0 ? undefined : timeLimit(timeoutMs, late, signal);
    const end = limit?.signal ?? signal;
    const onEnd = () => void child.kill("SIGKILL");
    end?.addEventListener("abort", onEnd);
    const clear = () => {
      limit?.clear();
      end?.removeEventListener("abort", onEnd);
    };
    child.once("error", (error) => {
      clear();
      reject(error);
    });
    child.once("close", (code) => {
      clear();
      if (end?.aborted) reject(end.reason);
      else if (code === 0) resolve(output.stdout.trim());
      else reject(new CommandFailed(plain(output.stderr || output.stdout)));
    });
  });

/** Without what its command line puts around the reason. */
const plain = (text: string) =>
  text
    .replaceAll(
      /^docker: |^Error response from daemon: |Error response from daemon: |\n+Run 'docker [^']*' for more.*/g,
      "",
    )
    .trim();

/** @throws EngineUnavailable with what to do */
export async function checkEngine(run: Docker = docker): Promise<void> {
  try {
    await run(["version", "--format", "{{.Server.Version}}"], { timeoutMs: answerTimeoutMs });
  } catch (error) {
    if (isDefect(error)) throw error;
    throw new EngineUnavailable({ message: whyNot(error as Error) }, { cause: error });
  }
}

function whyNot(error: Error): string {
  if ((error as NodeJS.ErrnoException).code === "ENOENT")
    return "There is no `docker` command on this machine, and --infra docker runs the servers with it: install Docker.";
  if (/permission denied/i.test(error.message))
    return "A Docker engine is there, and this user may not use it: add the user to the group `docker` and log in again (`sudo usermod -aG docker $USER`).";
  if (/did not end within/.test(error.message))
    return `The Docker engine does not answer (waited ${answerTimeoutMs / 1000} s): restart it.`;
  return `No Docker engine answers: start one (\`sudo systemctl start docker\`, or Docker Desktop). It said: ${error.message.replace(/[.?!]*$/, ".")}`;
}
