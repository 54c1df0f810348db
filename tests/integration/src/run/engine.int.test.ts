import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "@jest/globals";

const root = fileURLToPath(new URL("../../../../", import.meta.url));

/** What `pnpm test:integration` says and ends with, in another environment. */
function testIntegration(environment: NodeJS.ProcessEnv) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["tools/test/src/main.ts", "integration"], {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, ...environment },
  });
  return { code: status, lines: `${stdout}${stderr}`.split("\n").filter((line) => line.trim() !== "") };
}

const isRoot = process.getuid?.() === 0;

describe("where no engine can be used, `pnpm test:integration` ends with 1 and one sentence on what to do", () => {
  it.each([
    ["there is none", "unix:///nowhere/docker.sock", /there is none at \/nowhere\/docker\.sock: install and start one/],
    ["nobody listens", "tcp://127.0.0.1:1", /none answers at tcp:\/\/127\.0\.0\.1:1 \(ECONNREFUSED\): start it/],
  ])("%s", (_what, host, sentence) => {
    const { code, lines } = testIntegration({ DOCKER_HOST: host });
    expect(lines.filter((line) => line.includes("Docker"))).toEqual([expect.stringMatching(sentence)]);
    expect(lines.at(-1)).toBe("0 passed, 1 failed, 0 skipped");
    expect(code).toBe(1);
  });
});

/** What `containerEngine()` tells another user, who has read the code before: he may not be let into the checkout. */
function refusal(dockerHost: string) {
  const program = `
    import { createServer } from "node:http";
    import { containerEngine } from "@weft/testkit/infrastructure";
    process.setgroups([]);
    process.setgid(65534);
    process.setuid(65534);
    const broken = createServer((_, answer) => answer.writeHead(500).end()).listen(0, "127.0.0.1");
    await new Promise((resolve) => broken.once("listening", resolve));
    process.env.DOCKER_HOST = ${JSON.stringify(dockerHost)}.replace("{broken}", broken.address().port);
    const { name, message, cause } = await containerEngine().then(() => ({}), (error) => error);
    console.log(JSON.stringify({ name, message, cause: cause?.message }));
    process.exit();`;
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ["--conditions=@weft/source", "--input-type=module", "-e", program],
    { cwd: fileURLToPath(new URL("../..", import.meta.url)), encoding: "utf8", env: { ...process.env, HOME: "/" } },
  );
  expect(stderr).toBe("");
  return JSON.parse(stdout);
}

(isRoot ? describe : describe.skip)("an engine that is there is no use, and the sentence says why, where", () => {
  it("the socket is another group's", () => {
    expect(refusal("unix:///var/run/docker.sock").message).toMatch(
      /does not let this user in: add the user to the group that owns the socket/,
    );
  });

  it("it answers only with errors", () => {
    expect(refusal("tcp://127.0.0.1:{broken}")).toEqual({
      name: "Error",
      message: expect.stringMatching(
        /^The Docker engine at tcp:\/\/127\.0\.0\.1:\d+ cannot be used: .+DEBUG=testcontainers/,
      ),
      cause: expect.stringContaining("container runtime strategy"),
    });
  });
});
