import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { eventually, ownPorts, weftProgram } from "@weft/testkit";
import { type TcpProxy, tcpProxy } from "../conformance/tcp-proxy.ts";

/** A service may take a minute to start, and the overview waits for Kafka without an end. */
const soonMs = 30_000;

describe("Ctrl-C in the middle of a start", () => {
  let stateDir: string;
  let proxy: TcpProxy;
  let held: { text: string; requests: number };

  beforeEach(async () => {
    stateDir = mkdtempSync(join(tmpdir(), "weft-cut-short-"));
    held = { text: "", requests: 0 };
    proxy = await tcpProxy((near, far) => {
      near.on("data", (bytes) => {
        if (bytes.includes(held.text)) held.requests++;
        else far.write(bytes);
      });
      far.pipe(near);
      return { endsTogether: () => true };
    });
  });

  afterEach(async () => {
    await proxy.stop();
    rmSync(stateDir, { recursive: true, force: true });
  });

  it.each([
    {
      who: "a service waits for PostgreSQL",
      says: "database\0customer\0",
      portName: "WEFT_POSTGRES_PORT",
      through: (port: number) => ({ WEFT_POSTGRES_URL: `postgres://weft:weft@127.0.0.1:${port}/{database}` }),
    },
    {
      who: "the overview waits for Kafka",
      says: "weft-overview",
      portName: "WEFT_KAFKA_PORT",
      through: (port: number) => ({ WEFT_KAFKA_ADVERTISED: `127.0.0.1:${port}` }),
    },
  ])(
    "ends it, also while $who, which says nothing",
    async ({ says, portName, through }) => {
      held.text = says;
      const ports = await ownPorts();
      proxy.target = Number(ports[portName]);
      const child = spawn(process.execPath, [...weftProgram, "dev", "--no-demo", "--only", "customer"], {
        env: {
          ...process.env,
          ...ports,
          ...through(proxy.port),
          WEFT_STATE_DIR: stateDir,
        },
        stdio: "ignore",
      });
      let code: number | null | undefined;
      child.once("exit", (exitCode) => {
        code = exitCode;
      });
      try {
        await eventually("it waits", () => held.requests > 0 || code !== undefined, { timeoutMs: 60_000 });
        expect(code).toBeUndefined();
        child.kill("SIGINT");
        await eventually("it has ended", () => code !== undefined, { timeoutMs: soonMs });
        expect(code).toBe(0);
        expect(existsSync(join(stateDir, "dev.json"))).toBe(false);
      } finally {
        child.kill("SIGKILL");
      }
    },
    120_000,
  );
});
