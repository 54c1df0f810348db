import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { eventually } from "../eventually.ts";
import { containerEngine } from "./engine.ts";
import { sweepDeadRuns } from "./owner.ts";

/** A process whose containers and networks belong to a run of its own. */
export interface AnotherRun {
  /** All that it wrote. */
  output(): string;
  /** Resolves when it has written this. @throws where it ends first, with what it wrote */
  says(text: string, options?: { timeoutMs?: number }): Promise<void>;
  /** Its exit code, once it has ended. */
  ended: Promise<number | null>;
  /** With SIGKILL, so that it removes nothing. */
  kill(): Promise<void>;
  /** What there is of it: the server of each container and network. */
  left(): Promise<{ id: string; server: string }[]>;
}

/** Runs Node with these arguments as another run. Whatever `use` does, the process is dead afterwards and nothing of it is left. */
export async function withAnotherRun(
  { args, cwd }: { args: string[]; cwd: string },
  use: (run: AnotherRun) => Promise<void>,
): Promise<void> {
  const engine = await containerEngine();
  const { dockerode } = engine.container;
  const id = randomUUID();
  const child: ChildProcess = spawn(process.execPath, args, {
    cwd,
    env: {
      ...process.env,
      TESTKIT_OWNER: "",
      TESTCONTAINERS_RYUK_DISABLED: "true",
      TESTKIT_RUN: id,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  let hasEnded = false;
  const ended = new Promise<number | null>((resolve) => {
    child.once("close", (code) => {
      hasEnded = true;
      resolve(code);
    });
  });
  const kill = async () => {
    child.kill("SIGKILL");
    await ended;
  };
  try {
    await use({
      output: () => output,
      async says(text, { timeoutMs = 120_000 } = {}) {
        await eventually(`it says "${text}"`, () => output.includes(text) || hasEnded, { timeoutMs });
        if (!output.includes(text)) throw new Error(`it ended before it said "${text}":\n${output}`);
      },
      ended,
      kill,
      async left() {
        const filters = { label: [`weft.testkit.run=${id}`] };
        const containers = await dockerode.listContainers({ all: true, filters });
        const networks = (await dockerode.listNetworks({ filters })).map(({ Id, Labels = {} }) => ({ Id, Labels }));
        return [...containers, ...networks].map(({ Id, Labels }) => ({
          id: Id,
          server: Labels["weft.testkit.server"] ?? "",
        }));
      },
    });
  } finally {
    await kill();
    await sweepDeadRuns(engine);
  }
}
