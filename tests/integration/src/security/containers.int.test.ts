import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, it } from "@jest/globals";
import { containerEngine, sweepDeadRuns } from "@weft/testkit/infrastructure";

const run = "a-security-test-that-dies";

async function left(): Promise<string[]> {
  const { dockerode } = (await containerEngine()).container;
  const found = await dockerode.listContainers({ all: true, filters: { label: [`weft.testkit.run=${run}`] } });
  return found.map(({ Id }) => Id);
}

it("a server of a run that was killed is removed by the sweep that the next one begins with, and not while it lives", async () => {
  const program = `
    import { secured } from ${JSON.stringify(new URL("./containers.ts", import.meta.url).href)};
    await secured("WEFT_IMAGE_REDIS").withExposedPorts(6379).start();
    console.log("up");
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--conditions=@weft/source", "--input-type=module", "-e", program], {
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    env: { ...process.env, TESTKIT_OWNER: "", TESTCONTAINERS_RYUK_DISABLED: "true", TESTKIT_RUN: run },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const up = new Promise((resolve) => createInterface({ input: child.stdout }).once("line", resolve));
  expect(await Promise.race([up, ended])).toBe("up");
  const engine = await containerEngine();
  await sweepDeadRuns(engine);
  expect(await left()).toHaveLength(1);
  child.kill("SIGKILL");
  await ended;
  expect(await left()).toHaveLength(1);
  // What every start of the infrastructure does first.
  await sweepDeadRuns(engine);
  expect(await left()).toEqual([]);
}, 180_000);
