import { connect } from "node:net";
import { poll } from "@weft/core";
import type { ServerAddress } from "../infrastructure.ts";
import type { Launched } from "../supervise.ts";
import type { ContainerDefinition } from "./compose-file.ts";
import { CommandFailed, type Docker } from "./engine.ts";

/** From `docker run` to healthy. Its images are there by then; a first start makes a cluster or formats a log. */
const healthyTimeoutMs = 180_000;
const reachableTimeoutMs = 5_000;
const pollMs = 250;
const shownLines = 8;
const readLines = 100;

export interface ContainerRun {
  name: string;
  definition: ContainerDefinition;
  /** Labels, network, volumes. */
  options: string[];
  port: number;
  /** How the port is chosen by hand, for whoever finds it taken. */
  portName: string;
  address: ServerAddress;
  /** Stops the wait. */
  signal: AbortSignal;
  /** The last lines of a container that ended, or that did not get healthy. */
  onLine: (line: string) => void;
  /** What is to be done inside once it is healthy and before anybody hears of it. */
  prepare?: (exec: (command: string[]) => Promise<string>) => Promise<void>;
}

/**
 * Starts a container and resolves when its health check passes and its port answers on this machine. Whatever goes wrong,
 * its last lines are told, and nothing of it is left. The check is run from here and until it passes: left to the engine, it
 * would go on for as long as the container lives, and four of them once a second take a third of a processor.
 */
export async function startContainer(docker: Docker, run: ContainerRun): Promise<Launched<ServerAddress>> {
  const { name, definition, signal } = run;
  await remove(docker, name);
  try {
    const { options, image, command } = definition;
    // Not cut short by the signal: the engine would go on alone, and make a container that nobody waits for.
    await docker(["run", "--detach", "--name", name, ...run.options, ...options, image, ...command]);
    signal.throwIfAborted();
    const pid = await untilHealthy(docker, run);
    await run.prepare?.((inside) => docker(["exec", name, ...inside], { signal }));
    await untilReachable(run);
    return {
      pid,
      address: run.address,
      exited: untilExit(docker, run),
      async stop() {
        const { stopSeconds } = definition;
        await docker(["stop", "-t", `${stopSeconds}`, name], { timeoutMs: (stopSeconds + 20) * 1000 }).catch(() => {});
        await remove(docker, name);
      },
    };
  } catch (error) {
    await remove(docker, name).catch(() => {});
    throw explained(error as Error, run);
  }
}

/** With the volumes that its image made without a name; the named ones stay. */
async function remove(docker: Docker, name: string): Promise<void> {
  await docker(["rm", "--force", "--volumes", name]).catch((error: Error) => {
    if (!/no such container/i.test(error.message)) throw error;
  });
}

interface State {
  Status: string;
  Pid: number;
  ExitCode: number;
  OOMKilled: boolean;
}

const stateOf = async (docker: Docker, name: string, signal?: AbortSignal) =>
  JSON.parse(
    await docker(["inspect", "--format", "{{json .State}}", name], signal === undefined ? {} : { signal }),
  ) as State;

async function untilHealthy(docker: Docker, run: ContainerRun): Promise<number> {
  const { name, definition, signal } = run;
  const { command, timeoutMs } = definition.check;
  let said = "";
  const look = async () => {
    const wrong = await docker(["exec", name, ...command], { timeoutMs, signal }).then(
      () => undefined,
      (error: Error) => error,
    );
    signal.throwIfAborted();
    const state = await stateOf(docker, name, signal);
    if (state.Status === "exited" || state.Status === "dead") {
      await tellLastLines(docker, run);
      throw new Error(`its container ${endOf(state)}; its last lines are above`);
    }
    said = wrong?.message.trim() ?? "";
    return wrong ? undefined : state.Pid;
  };
  const pid = await poll({ everyMs: pollMs, forMs: healthyTimeoutMs }, look, signal);
  if (pid !== undefined) return pid;
  const check = said ? ` (its check says: ${said})` : "";
  await tellLastLines(docker, run);
  throw new Error(`not healthy within ${healthyTimeoutMs / 1000} s${check}; its last lines are above`);
}

async function untilReachable({ port, definition, signal }: ContainerRun): Promise<void> {
  const look = async () => (await accepts(port)) || undefined;
  if (await poll({ everyMs: pollMs, forMs: reachableTimeoutMs }, look, signal)) return;
  const hint = definition.usesHostNetwork
    ? "it runs on the machine's own network, which Docker Desktop has to allow (Settings, Resources, Network: host networking)"
    : "is the engine on another machine (DOCKER_HOST)?";
  throw new Error(`healthy inside its container, but nothing answers on 127.0.0.1:${port}: ${hint}`);
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1", timeout: reachableTimeoutMs });
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => settle(true));
    socket.once("timeout", () => settle(false));
    socket.once("error", () => settle(false));
  });
}

async function untilExit(docker: Docker, run: ContainerRun): Promise<{ text: string }> {
  try {
    await docker(["wait", run.name], { timeoutMs: 0 });
    const state = await stateOf(docker, run.name);
    if (!run.signal.aborted) await tellLastLines(docker, run);
    return { text: `its container ${endOf(state)}` };
  } catch (error) {
    return { text: `its container is out of sight: ${(error as Error).message}` };
  }
}

const endOf = ({ ExitCode, OOMKilled }: State) =>
  OOMKilled ? "was killed for want of memory (mem_limit in infra/compose.yaml)" : `ended with code ${ExitCode}`;

/** Without the frames of Java's stacks, which would hide the reason. An engine that is gone has no lines to tell. */
async function tellLastLines(docker: Docker, { name, onLine }: ContainerRun): Promise<void> {
  const text = await docker(["logs", "--tail", `${readLines}`, name], { withErrors: true }).catch(() => "");
  const lines = text.split("\n").filter((line) => line.trim() !== "" && !/^\s+(at |\.\.\. \d+ more)/.test(line));
  for (const line of lines.slice(-shownLines)) onLine(line.trimEnd());
}

function explained(error: Error, { portName, port, definition }: ContainerRun): Error {
  if (!(error instanceof CommandFailed)) return error;
  if (/port is already allocated|address already in use/i.test(error.message)) {
    const message = `port ${port} is taken: end the program that has it, or set ${portName} to another`;
    return Object.assign(new Error(message, { cause: error }), { refusal: "final" });
  }
  if (/no such image|pull access denied/i.test(error.message)) {
    const message = `the image ${definition.image} is not there any more`;
    return Object.assign(new Error(message, { cause: error }), { refusal: "final" });
  }
  return error;
}
