import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "@jest/globals";

const root = fileURLToPath(new URL("../../../../", import.meta.url));

/** What `pnpm test:integration` says and ends with, in another environment. */
function testIntegration(environment: NodeJS.ProcessEnv, as: { uid?: number; gid?: number } = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["tools/test/src/main.ts", "integration"], {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, ...environment },
    ...as,
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

  (isRoot ? it : it.skip)("the socket is another group's", async () => {
    const { code, lines } = testIntegration(
      { DOCKER_HOST: "unix:///var/run/docker.sock", HOME: "/" },
      { uid: 65_534, gid: 65_534 },
    );
    expect(lines.filter((line) => line.includes("Docker"))).toEqual([
      expect.stringMatching(/does not let this user in: add the user to the group that owns the socket/),
    ]);
    expect(code).toBe(1);
  });
});
