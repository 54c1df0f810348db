import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "@jest/globals";
import { silentLogger } from "@weft/core";
import type { Broker } from "@weft/messaging";
import { kafkaBroker } from "@weft/messaging/kafkajs";
import { type RunningMesh, runWeft, startMesh, weftProgram } from "@weft/testkit";

export interface Ran {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** One mesh, a folder for files and another for "no mesh runs here". */
export interface Fixture {
  mesh: RunningMesh;
  broker: Broker;
  /** On the mesh. */
  weft(args: string[], input?: string): Promise<Ran>;
  /** Where nothing runs: only what the arguments say. */
  away(...args: string[]): Promise<Ran>;
  file(name: string, content: unknown): string;
  /** Records that were ever written, of a topic. */
  written(topic: string): Promise<number>;
  tail(...args: string[]): Tail;
  close(): Promise<void>;
}

interface Tail {
  lines: string[];
  /** Ctrl-C. @returns the exit code */
  stop(): Promise<number | null>;
}

export async function startFixture(): Promise<Fixture> {
  const folder = mkdtempSync(join(tmpdir(), "weft-cli-"));
  const mesh = await startMesh({ arguments: ["--no-console"] });
  const broker = kafkaBroker({ log: silentLogger }, { brokers: mesh.runtime().kafka.brokers, clientId: "cli-test" });
  await broker.start();
  const tails = new Set<ChildProcess>();
  return {
    mesh,
    broker,
    weft: (args, input) =>
      runWeft(args, {
        environment: { WEFT_STATE_DIR: mesh.stateDir },
        ...(input === undefined ? {} : { input }),
      }),
    away: (...args) => runWeft(args, { environment: { WEFT_STATE_DIR: join(folder, "nothing-here") } }),
    file(name, content) {
      const path = join(folder, name);
      writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
      return path;
    },
    async written(topic) {
      const offsets = await broker.topicOffsets(topic);
      return offsets.reduce((sum, { next }) => sum + Number(next), 0);
    },
    tail(...args) {
      const child = spawn(process.execPath, [...weftProgram, "events", "tail", ...args], {
        env: { ...process.env, NODE_OPTIONS: "", WEFT_STATE_DIR: mesh.stateDir },
        stdio: ["ignore", "pipe", "inherit"],
      });
      tails.add(child);
      const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
      const lines: string[] = [];
      let rest = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        const parts = (rest + text).split("\n");
        rest = parts.pop() ?? "";
        lines.push(...parts);
      });
      return {
        lines,
        async stop() {
          child.kill("SIGINT");
          const code = await ended;
          tails.delete(child);
          return code;
        },
      };
    },
    async close() {
      for (const child of tails) child.kill("SIGKILL");
      await broker.stop();
      await mesh.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Exit code 0, nothing on standard error, and what it printed as JSON. */
export function json(ran: Ran): unknown {
  expect(ran).toMatchObject({ code: 0, stderr: "" });
  return JSON.parse(ran.stdout);
}

/** A message on standard error that says all of this, nothing on standard output, no stack. */
export function expectFailure(ran: Ran, code: 1 | 2, ...says: string[]): void {
  for (const text of says) expect(ran.stderr).toContain(text);
  expect(ran).toMatchObject({ code, stdout: "" });
  expect(ran.stderr.trim().split("\n")).toHaveLength(1);
}
