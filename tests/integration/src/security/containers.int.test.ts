import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "@jest/globals";
import { eventually } from "@weft/testkit";
import { containerEngine, sweepDeadRuns, withAnotherRun } from "@weft/testkit/infrastructure";
import { Wait } from "testcontainers";
import { secured } from "./containers.ts";

it("a server of a run that was killed is removed by the sweep that the next one begins with, and not while it lives", async () => {
  const program = `
    import { secured } from ${JSON.stringify(new URL("./containers.ts", import.meta.url).href)};
    await secured("WEFT_IMAGE_REDIS").withExposedPorts(6379).start();
    console.log("up");
    setInterval(() => {}, 1000);`;
  const args = ["--conditions=@weft/source", "--input-type=module", "-e", program];
  await withAnotherRun({ args, cwd: fileURLToPath(new URL("../..", import.meta.url)) }, async (run) => {
    await run.says("up");
    const engine = await containerEngine();
    await sweepDeadRuns(engine);
    expect(await run.left()).toHaveLength(1);
    await run.kill();
    // What every start of the infrastructure does first.
    await sweepDeadRuns(engine);
    // The sweep of another run may have taken it, and be about to remove it.
    await eventually("nothing of it is left", async () => (await run.left()).length === 0);
  });
}, 180_000);

describe("a server that does not start is named, with what helps, and nothing of it is left", () => {
  const usual = process.env.WEFT_IMAGE_REDIS;
  const labels = { "weft.test.wrong": "redis" };
  const redis = () =>
    secured("WEFT_IMAGE_REDIS")
      .withLabels(labels)
      .withWaitStrategy(Wait.forLogMessage(/Ready to accept connections/));
  afterEach(async () => {
    if (usual === undefined) delete process.env.WEFT_IMAGE_REDIS;
    else process.env.WEFT_IMAGE_REDIS = usual;
    const { dockerode } = (await containerEngine()).container;
    expect(await dockerode.listContainers({ all: true, filters: { label: ["weft.test.wrong"] } })).toEqual([]);
  });

  it("its image, with the variable that names another", async () => {
    process.env.WEFT_IMAGE_REDIS = "weft-local/none:0";
    await expect(redis().start()).rejects.toThrow(
      /^redis \(image weft-local\/none:0\) did not start: its image cannot be had: .+WEFT_IMAGE_REDIS$/s,
    );
  }, 240_000);

  it.each([
    ["while its message is waited for", (container: ReturnType<typeof redis>) => container],
    ["while its port is waited for", (container: ReturnType<typeof redis>) => container.withExposedPorts(6379)],
  ])(
    "its last lines where it dies at start, %s",
    async (_when, changed) => {
      const dying = changed(redis().withCommand(["redis-server", "--no-such-option", "1"]));
      await expect(dying.start()).rejects.toThrow(/^redis \(image .+\) .+; its last lines:\n.+no-such-option/s);
    },
    240_000,
  );
});
