import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "@jest/globals";
import type { StateMessage } from "./run-service.ts";

const folder = mkdtempSync(join(tmpdir(), "weft-run-service-"));
const configFile = join(folder, "config.yaml");
const write = (port = 0) =>
  writeFileSync(
    configFile,
    `
server: { http: { addr: "127.0.0.1:${port}", advertised: "public.test:99" } }
consul: { address: "127.0.0.1:1", service: { name: fixture-service, version: 1.2.3, metadata: { route: /v1 } } }
`,
  );

const running = new Set<ChildProcess>();
afterEach(() => {
  for (const child of running) child.kill("SIGKILL");
  running.clear();
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Started {
  child: ChildProcess;
  states: StateMessage[];
  lines: string[];
  exited: Promise<number | null>;
  until: (condition: () => boolean) => Promise<void>;
  http: () => string;
}

function start(fixture = "", file = "testing/fixture.ts", args: string[] = []): Started {
  const child = spawn(
    process.execPath,
    ["--conditions=@weft/source", new URL(file, import.meta.url).pathname, ...args],
    {
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      env: { ...process.env, FIXTURE: fixture, FIXTURE_CONFIG: configFile, WEFT_LOG_LEVEL: "info" },
    },
  );
  running.add(child);
  const states: StateMessage[] = [];
  const lines: string[] = [];
  child.on("message", (message) => states.push(message as StateMessage));
  for (const stream of [child.stdout, child.stderr]) {
    stream!.setEncoding("utf8").on("data", (text: string) => lines.push(...text.split("\n").filter(Boolean)));
  }
  // Not "close": it does not come after `disconnect`.
  const exited = Promise.all([
    once(child, "exit").then(([code]) => code as number | null),
    ...[child.stdout!, child.stderr!].map((stream) => once(stream, "end")),
  ]).then(([code]) => code);
  const until = async (condition: () => boolean) => {
    while (!condition()) {
      if (child.exitCode !== null) throw new Error(`it ended: ${lines.join("\n")}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  return { child, states, lines, exited, until, http: () => states.at(-1)!.http };
}

const isReady = ({ states }: Started) => states.some(({ state }) => state === "ready");

describe("a service as a process", () => {
  it("tells its supervisor where it is, registers the advertised address, and ends in order on SIGTERM", async () => {
    write();
    const service = start();
    await service.until(() => isReady(service));
    expect(service.states.map(({ state }) => state)).toEqual(["starting", "ready"]);
    expect(service.states[1]).toMatchObject({ name: "fixture-service", instanceId: "fixture-1" });
    expect((await fetch(`${service.http()}/health/ready`)).status).toBe(200);
    const asked = service.lines.find((line) => line.includes("asked to register"))!;
    expect(JSON.parse(asked).registration).toMatchObject({
      host: "public.test",
      port: 99,
      metadata: { route: "/v1", version: "1.2.3" },
    });

    const inFlight = fetch(`${service.http()}/v1/slow`);
    await service.until(() => service.lines.some((line) => line.includes("slow has begun")));
    service.child.kill("SIGTERM");
    await service.until(() => service.states.at(-1)?.state === "draining");
    expect((await inFlight).status).toBe(200);
    expect(await service.exited).toBe(0);
    const text = service.lines.join("\n");
    expect(text.indexOf("asked to deregister")).toBeLessThan(text.indexOf("part stopped"));
  });

  it("ends in order when its supervisor is gone", async () => {
    write();
    const service = start();
    await service.until(() => isReady(service));
    service.child.disconnect();
    expect(await service.exited).toBe(0);
    expect(service.lines.join("\n")).toContain("part stopped");
  });

  it("ends at once with 1 on the second signal of a kind, but not on SIGTERM after SIGINT", async () => {
    write();
    const service = start("hangs");
    await service.until(() => isReady(service));
    service.child.kill("SIGINT");
    await service.until(() => service.states.at(-1)?.state === "draining");
    service.child.kill("SIGTERM");
    await service.until(() => service.lines.some((line) => line.includes("goes on after SIGTERM")));
    service.child.kill("SIGTERM");
    expect(await service.exited).toBe(1);
  });

  it("logs a rejection that nobody caught, drains, and ends with 1", async () => {
    write();
    const service = start();
    await service.until(() => isReady(service));
    expect((await fetch(`${service.http()}/v1/fault`, { method: "POST" })).status).toBe(200);
    expect(await service.exited).toBe(1);
    const text = service.lines.join("\n");
    expect(text).toContain("nobody looks");
    expect(text).toContain("asked to deregister");
    expect(text).toContain("part stopped");
  });

  it("ends with 1 and one line without a stack when a part cannot start", async () => {
    write();
    const service = start("broken");
    expect(await service.exited).toBe(1);
    const fatal = service.lines.filter((line) => line.includes('"fatal"'));
    expect(fatal).toHaveLength(1);
    expect(fatal[0]).toContain("part does not start: migration 3 is broken");
    expect(service.lines.join("\n")).not.toContain("    at ");
  });

  it("shows the stack of what nobody foresaw", async () => {
    write();
    const service = start("bug");
    expect(await service.exited).toBe(1);
    expect(service.lines.join("\n")).toMatch(/not foreseen.*fixture\.ts/);
  });

  it("says which port is taken and what to change, and ends with 1", async () => {
    const taken = createServer();
    const port = await new Promise<number>((resolve) =>
      taken.listen(0, "127.0.0.1", () => resolve((taken.address() as { port: number }).port)),
    );
    write(port);
    const service = start();
    expect(await service.exited).toBe(1);
    expect(service.lines.join("\n")).toMatch(new RegExp(`127.0.0.1:${port}.*server.http.addr`));
    await new Promise((resolve) => taken.close(resolve));
  });
});

describe("the command line of a service", () => {
  it.each([
    [["--port", "1"], 2, "--port is not an option of this program; --help shows what there is"],
    [["--conf"], 2, "--conf needs the path of a file"],
    [["--conf="], 2, "--conf needs the path of a file"],
    [["--conf", "/nowhere/config.yaml"], 2, "/nowhere/config.yaml is not a valid configuration"],
    [["--help"], 0, "Usage: main [--conf PATH]"],
  ])("%j ends with %i and says what is wrong", async (args, code, text) => {
    const service = start("", "testing/plain-fixture.ts", args);
    expect(await service.exited).toBe(code);
    expect(service.lines.join("\n")).toContain(text);
    expect(service.lines.join("\n")).not.toContain("    at ");
  });

  it("refuses a broken file with the path of each wrong field", async () => {
    writeFileSync(
      configFile,
      "server: { http: { addr: nowhere } }\nconsul: { address: x, service: { name: UPPER } }\n",
    );
    const service = start("", "testing/plain-fixture.ts", [`--conf=${configFile}`]);
    expect(await service.exited).toBe(2);
    expect(service.lines.join("\n")).toMatch(/consul\.service\.version: is required/);
    expect(service.lines.join("\n")).toMatch(/consul\.service\.name: /);
  });
});
