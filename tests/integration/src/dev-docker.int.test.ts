import { execFile } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { acceptanceStory, MeshFixture } from "@weft/mesh-tests/suites";
import { eventually, type MeshOptions, type RunningMesh, startMesh } from "@weft/testkit";

const execute = promisify(execFile);
const startTimeoutMs = 240_000;

/** `pnpm dev --infra docker`: containers of its own, and none left of them. */
const stateDir = join(tmpdir(), `weft-docker-${randomUUID()}`);
const key = createHash("sha256").update(stateDir).digest("hex").slice(0, 12);
const listed = async (...command: string[]) =>
  (await execute("docker", [...command, "--quiet", "--filter", `label=dev.weft.state=${key}`])).stdout
    .split(/\s+/)
    .filter(Boolean);
const containers = () => listed("ps", "--all");
const options: MeshOptions = {
  stateDir,
  arguments: ["--infra", "docker", "--only", "customer,promotion"],
  startTimeoutMs,
};

const mesh = new MeshFixture();
let second: RunningMesh | undefined;
let isFirstStopped = false;
const stopFirst = async () => {
  if (isFirstStopped) return;
  isFirstStopped = true;
  await mesh.stop();
};
beforeAll(() => mesh.start(options), startTimeoutMs + 90_000);
afterAll(async () => {
  const stops = await Promise.allSettled([stopFirst(), second?.stop()]);
  const remove = async (left: string[], ...command: string[]) =>
    left.length > 0 && (await execute("docker", [...command, ...left]));
  await remove(await containers(), "rm", "--force", "--volumes");
  await remove(await listed("network", "ls"), "network", "rm");
  await remove(await listed("volume", "ls"), "volume", "rm");
  rmSync(stateDir, { recursive: true, force: true });
  for (const stop of stops) if (stop.status === "rejected") throw stop.reason;
}, 240_000);

acceptanceStory(mesh);

describe("pnpm dev --infra docker", () => {
  it("says in runtime.json that its servers are containers, with the process of each", async () => {
    const { infra, infraProcesses } = mesh.mesh.runtime();
    expect(infra).toBe("docker");
    expect(infraProcesses.map(({ name }) => name).sort()).toEqual(["consul", "kafka", "postgres", "schema-registry"]);
    const { stdout } = await execute("docker", ["inspect", "--format", "{{.State.Pid}}", ...(await containers())]);
    expect(stdout.trim().split("\n").map(Number).sort()).toEqual(infraProcesses.map(({ pid }) => pid).sort());
  });

  it("names a container that dies, and has it back with what it held", async () => {
    const pid = () => mesh.mesh.runtime().infraProcesses.find(({ name }) => name === "postgres")?.pid;
    const before = pid();
    await execute("docker", ["kill", "--signal", "KILL", `weft-${key}-postgres`]);
    await eventually("postgres is back", () => ![undefined, before].includes(pid()), { timeoutMs: 60_000 });
    const told = () =>
      mesh.mesh.lines().filter((line) => line.includes('"postgres"') && line.includes("ended with code 137"));
    // What it wrote comes through a pipe, and may come later than its file says that the container is back.
    await eventually("its end is told", () => told().length > 0);
    const { status } = await eventually(
      "the customer is there",
      async () => {
        const answer = await mesh.api("GET", "/v1/customers/cust_story");
        return answer.status === 200 ? answer : undefined;
      },
      { timeoutMs: 60_000 },
    );
    expect(status).toBe(200);
    expect(told()).toHaveLength(1);
  }, 240_000);

  it(
    "after kill -9 starts anew in place of what was left, with the data",
    async () => {
      const left = await containers();
      await mesh.mesh.stop("SIGKILL");
      expect(await containers()).toEqual(left);
      await mesh.stop();
      second = await startMesh(options);
      const now = await containers();
      expect(now).toHaveLength(4);
      expect(now.filter((id) => left.includes(id))).toEqual([]);
      expect((await second.api("GET", "/v1/customers/cust_story")).status).toBe(200);
    },
    startTimeoutMs + 90_000,
  );

  it("leaves neither container nor network after Ctrl-C, and exits with 0", async () => {
    expect(await second?.stop()).toBe(0);
    expect(await containers()).toEqual([]);
    expect(await listed("network", "ls")).toEqual([]);
    expect(await listed("volume", "ls")).toHaveLength(2);
  }, 180_000);
});
