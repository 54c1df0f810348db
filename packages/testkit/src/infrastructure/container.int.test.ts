import { createServer, type Server as NetServer } from "node:net";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "@jest/globals";
import { eventually } from "../eventually.ts";
import { withAnotherRun } from "./another-run.ts";
import { ServerContainer, startContainer } from "./container.ts";
import { containerEngine } from "./engine.ts";
import { sweepDeadRuns } from "./owner.ts";
import { postgresContainer } from "./postgres-container.ts";

/** Names of containers and networks that carry a label of testkit. */
async function labelled(label: string): Promise<string[]> {
  const { dockerode } = (await containerEngine()).container;
  const filters = { label: [label] };
  const containers = await dockerode.listContainers({ all: true, filters });
  const networks = await dockerode.listNetworks({ filters });
  return [...containers.map(({ Id }) => Id), ...networks.map(({ Id }) => Id)];
}

const definition = (changes: object = {}) => ({
  name: "wrong",
  image: "WEFT_IMAGE_POSTGRES" as const,
  containerPort: 5432,
  answers: async () => false,
  ...changes,
});
const wrong = "weft.testkit.server=wrong";

describe("a server that does not start is named, with what it said, and nothing of it is left", () => {
  const usual = process.env.WEFT_IMAGE_POSTGRES;
  let blocker: NetServer | undefined;
  afterEach(async () => {
    if (usual === undefined) delete process.env.WEFT_IMAGE_POSTGRES;
    else process.env.WEFT_IMAGE_POSTGRES = usual;
    await new Promise((resolve) => (blocker ? blocker.close(resolve) : resolve(undefined)));
    blocker = undefined;
    expect(await labelled(wrong)).toEqual([]);
  });

  it("an image that does not exist", async () => {
    process.env.WEFT_IMAGE_POSTGRES = "weft-local/none:0";
    await expect(startContainer(() => definition())).rejects.toThrow(
      /^wrong \(image weft-local\/none:0\) did not start: its image cannot be had: .+WEFT_IMAGE_POSTGRES$/s,
    );
  }, 240_000);

  it("a port that another program has", async () => {
    const other = createServer();
    blocker = other;
    const port = await new Promise<number>((resolve) => {
      other.listen(0, "127.0.0.1", () => resolve((other.address() as { port: number }).port));
    });
    await expect(startContainer(() => definition(), { choosePort: async () => port })).rejects.toThrow(
      new RegExp(`^wrong \\(image .+\\) did not start: .+${port}.+address already in use`, "s"),
    );
  }, 240_000);

  it("what else is not found is no image", async () => {
    const named = /^wrong \(image [^)]+\) did not start: (?!its image).*(executable file|network weft-none) not found/s;
    const noProgram = new ServerContainer("wrong", "WEFT_IMAGE_POSTGRES").withEntrypoint(["no-such-program"]);
    await expect(noProgram.start()).rejects.toThrow(named);
    const network = { name: "weft-none", alias: "wrong" };
    await expect(startContainer(() => definition({ network }))).rejects.toThrow(named);
  }, 240_000);

  it("a process that ends at once", async () => {
    const command = ["sh", "-c", "echo this is why; exit 7"];
    await expect(startContainer(() => definition({ command }))).rejects.toThrow(
      /^wrong \(image .+\) ended with code 7; its last lines:\n {2}this is why$/,
    );
  }, 240_000);
});

describe("a server that runs", () => {
  it("is told of with its last lines when it ends by itself, and not when a test ended it", async () => {
    const deaths: string[] = [];
    const postgres = await postgresContainer({ onDeath: (message) => deaths.push(message) });
    try {
      await postgres.restart("immediate");
      expect(deaths).toEqual([]);
      const { dockerode } = (await containerEngine()).container;
      const [found] = (await dockerode.listContainers({ filters: { label: ["weft.testkit.server=postgres"] } })).filter(
        ({ Ports }) => Ports.some(({ PublicPort }) => postgres.url.includes(`:${PublicPort}/`)),
      );
      await dockerode.getContainer(found!.Id).kill({ signal: "SIGKILL" });
      await eventually("its death is told", () => deaths.length > 0);
      expect(deaths).toEqual([
        expect.stringMatching(
          /^postgres \(image .+\) ended with code 137 during the run; its last lines:\n.+ready to accept/s,
        ),
      ]);
    } finally {
      await postgres.remove();
    }
  }, 180_000);
});

describe("what a run leaves behind", () => {
  const evaluated = (program: string) => ({
    args: ["--conditions=@weft/source", "--input-type=module", "-e", program],
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
  });

  it("is removed at the next start where it was killed, and what a living one has is not", async () => {
    const program = `
      import { kafkaContainers } from "@weft/testkit/infrastructure";
      await kafkaContainers({ brokers: 3 });
      console.log("up");
      setInterval(() => {}, 1000);`;
    await withAnotherRun(evaluated(program), async (run) => {
      await run.says("up");
      const engine = await containerEngine();
      await sweepDeadRuns(engine);
      // Three containers and their network.
      expect(await run.left()).toHaveLength(4);
      await run.kill();
      await sweepDeadRuns(engine);
      // The sweep of another run may have taken it, and be about to remove it.
      await eventually("nothing of it is left", async () => (await run.left()).length === 0);
    });
  }, 240_000);

  it("is told of when the run itself sweeps, networks too", async () => {
    const program = `
      import { containerEngine, ownLabels, sweepOwnRun } from "@weft/testkit/infrastructure";
      const engine = await containerEngine();
      await engine.container.dockerode.createNetwork({ Name: process.env.TESTKIT_RUN, Labels: ownLabels("kafka") });
      console.log(JSON.stringify([await sweepOwnRun(engine), await sweepOwnRun(engine)]));`;
    await withAnotherRun(evaluated(program), async (run) => {
      expect([await run.ended, run.output().trim()]).toEqual([0, '[["the network of kafka"],[]]']);
    });
  }, 60_000);
});
