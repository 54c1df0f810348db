import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { eventually, weftProgram } from "@weft/testkit";
import type { AcknowledgedWrite } from "./compare.ts";

/** What `weft demo --json` says on each of its lines. */
interface DemoFigures {
  playedMs: number;
  begun: number;
  underWay: number;
  skipped: number;
  requests: { ok: number; refused: number; failed: number };
  repeated: number;
  codes: Record<string, number>;
  p50Ms?: number;
  p99Ms?: number;
  acknowledged: Record<string, number>;
}

export interface DemoSummary extends DemoFigures {
  isSummary: true;
  writes: AcknowledgedWrite[];
}

export interface DemoProcess {
  figures(): DemoFigures | undefined;
  /** Ctrl-C. */
  stop(): Promise<{ code: number | null; summary: DemoSummary | undefined; stderr: string }>;
}

/** `weft demo` as a person starts it, until its shop is open. */
export async function startDemo(stateDir: string, args: string[]): Promise<DemoProcess> {
  const child = spawn(process.execPath, [...weftProgram, "demo", "--json", ...args], {
    env: { ...process.env, NODE_OPTIONS: "", WEFT_STATE_DIR: stateDir },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let last: DemoFigures | DemoSummary | undefined;
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const lines = createInterface({ input: child.stdout });
  lines.on("line", (line) => {
    last = JSON.parse(line);
  });
  const closed = Promise.all([once(child, "close"), once(lines, "close")]);
  await eventually(
    "the demo's shop is open",
    () => {
      if (child.exitCode !== null) return "ended";
      return stderr.includes("the shop is open") && "open";
    },
    { timeoutMs: 60_000 },
  ).then((how) => {
    if (how === "ended") throw new Error(`weft demo ended with code ${child.exitCode}: ${stderr}`);
  });
  return {
    figures: () => last,
    async stop() {
      if (child.exitCode === null) child.kill("SIGINT");
      await closed;
      const summary = last !== undefined && "isSummary" in last ? last : undefined;
      return { code: child.exitCode, summary, stderr };
    },
  };
}
