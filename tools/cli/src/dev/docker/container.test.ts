import { createServer } from "node:net";
import { afterEach, describe, expect, it } from "@jest/globals";
import type { ContainerDefinition } from "./compose-file.ts";
import { startContainer } from "./container.ts";
import { CommandFailed, type Docker } from "./engine.ts";

const definition: ContainerDefinition = {
  image: "some/kafka:1",
  options: ["--memory", "1g"],
  command: ["serve"],
  check: { command: ["ask", "it"], timeoutMs: 5_000 },
  usesHostNetwork: false,
  volumes: new Map(),
  dependsOn: [],
  stopSeconds: 7,
};

/** An engine that answers as told; what it is asked is kept. */
function engine(answers: Partial<Record<string, () => Promise<string>>>) {
  const asked: string[][] = [];
  const docker: Docker = (args) => {
    asked.push(args);
    return answers[args[0]!]?.() ?? Promise.resolve("");
  };
  return { docker, asked, commands: () => asked.map(([command]) => command) };
}

const state = (fields: object) => async () =>
  JSON.stringify({ Status: "running", Pid: 42, ExitCode: 0, OOMKilled: false, ...fields });
const healthy = state({});
const unhealthy = () => Promise.reject(new CommandFailed("connection refused"));
const never = () => new Promise<string>(() => {});

describe("a container that pnpm dev starts", () => {
  const server = createServer();
  const lines: string[] = [];
  afterEach(() => {
    server.close();
    lines.length = 0;
  });

  const start = async (docker: Docker, signal = new AbortController().signal) => {
    if (!server.listening) await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    return startContainer(docker, {
      ...{ name: "weft-1-kafka", definition, options: ["--label", "a=b"], port, portName: "WEFT_KAFKA_PORT", signal },
      address: { url: "u", text: "t" },
      onLine: (line) => lines.push(line),
    });
  };

  it("is up with the process that the engine names, once its check passes and its port answers", async () => {
    const { docker, asked } = engine({ inspect: healthy, wait: never });
    expect(await start(docker)).toMatchObject({ pid: 42, address: { text: "t" } });
    expect(asked[0]).toEqual(["rm", "--force", "--volumes", "weft-1-kafka"]);
    expect(asked[1]!.join(" ")).toBe("run --detach --name weft-1-kafka --label a=b --memory 1g some/kafka:1 serve");
    expect(asked[2]!.join(" ")).toBe("exec weft-1-kafka ask it");
  });

  it("is not up before its check passes", async () => {
    const checks = [unhealthy, unhealthy, async () => ""];
    const { docker, commands } = engine({ inspect: healthy, wait: never, exec: () => checks.shift()!() });
    await start(docker);
    expect(commands().filter((command) => command === "exec")).toHaveLength(3);
  });

  it("that ends before it is healthy tells its last lines, is removed, and says how it ended", async () => {
    const { docker, commands } = engine({
      exec: unhealthy,
      inspect: state({ Status: "exited", ExitCode: 3 }),
      logs: async () => "one\ntwo\n\tat kafka.Kafka.main(Kafka.scala)\n  ... 3 more\n",
    });
    await expect(start(docker)).rejects.toThrow("its container ended with code 3; its last lines are above");
    expect(lines).toEqual(["one", "two"]);
    expect(commands().at(-1)).toBe("rm");
  });

  it("whose port another program took in between is refused for good, with the name of the port", async () => {
    const { docker } = engine({
      run: () => Promise.reject(new CommandFailed("Bind for 127.0.0.1:9092 failed: port is already allocated")),
    });
    const error = await start(docker).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ refusal: "final", message: expect.stringMatching(/is taken: .*WEFT_KAFKA_PORT/) });
  });

  it("that dies later says so, with the reason that the engine has", async () => {
    let end = (_: string) => {};
    const states = [healthy, state({ ExitCode: 137, OOMKilled: true })];
    const { docker } = engine({
      inspect: () => (states.length > 1 ? states.shift()! : states[0]!)(),
      wait: () => new Promise((resolve) => (end = resolve)),
      logs: async () => "heap",
    });
    const { exited } = await start(docker);
    end("137");
    expect((await exited).text).toMatch(/killed for want of memory/);
    expect(lines).toEqual(["heap"]);
  });

  it("is stopped with the time that its definition gives it, then removed", async () => {
    const { docker, asked } = engine({ inspect: healthy, wait: never });
    await (await start(docker)).stop();
    expect(asked.slice(-2)).toEqual([
      ["stop", "-t", "7", "weft-1-kafka"],
      ["rm", "--force", "--volumes", "weft-1-kafka"],
    ]);
  });

  it("whose start is cut short leaves nothing", async () => {
    const ending = new AbortController();
    const { docker, commands } = engine({
      inspect: healthy,
      exec: () => {
        ending.abort(new Error("it is being stopped"));
        return unhealthy();
      },
    });
    await expect(start(docker, ending.signal)).rejects.toThrow("it is being stopped");
    expect(commands().at(-1)).toBe("rm");
  });
});
