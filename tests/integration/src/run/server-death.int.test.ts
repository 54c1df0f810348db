import { fileURLToPath } from "node:url";
import { expect, it } from "@jest/globals";
import { containerEngine, withAnotherRun } from "@weft/testkit/infrastructure";

const root = fileURLToPath(new URL("../../../../", import.meta.url));
const args = [
  ...["--conditions=@weft/source", "--experimental-vm-modules", "node_modules/jest/bin/jest.js"],
  // With a limit, jest has workers also for a single file.
  ...["--selectProjects", "integration", "--maxWorkers=1", "--workerIdleMemoryLimit=1GB"],
  ...["--testMatch", fileURLToPath(new URL("./busy.ts", import.meta.url))],
];

it("a shared server dies: the run says which and what it wrote last, ends with 1, and leaves neither worker nor container", async () => {
  await withAnotherRun({ args, cwd: root }, async (run) => {
    await run.says("busy in process ", { timeoutMs: 180_000 });
    const worker = Number(/busy in process (\d+)/.exec(run.output())?.[1]);
    const { dockerode } = (await containerEngine()).container;
    const consul = (await run.left()).find(({ server }) => server === "consul");
    await dockerode.getContainer(consul!.id).kill();
    expect(await run.ended).toBe(1);
    expect(run.output()).toMatch(
      /the run stops: consul \(image .+\) ended with code 137 during the run; its last lines:\n {2}.*\S/,
    );
    expect(() => process.kill(worker, 0)).toThrow(/ESRCH/);
    expect(await run.left()).toEqual([]);
  });
}, 300_000);
