import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { runWeft } from "@weft/testkit";
import { hostPort } from "@weft/testkit/infrastructure";

describe("weft demo, used wrongly", () => {
  let stateDir: string;
  beforeAll(() => {
    stateDir = mkdtempSync(join(tmpdir(), "weft-demo-"));
  });
  afterAll(() => rmSync(stateDir, { recursive: true, force: true }));

  const demo = (...args: string[]) => runWeft(["demo", ...args], { environment: { WEFT_STATE_DIR: stateDir } });

  it.each([
    [["--rate", "0"], "a number above 0, at most 1000"],
    [["--rate", "fast"], "a number above 0, at most 1000"],
    [["--rate", "1001"], "a number above 0, at most 1000"],
    [["--duration", "5x"], "write it like 30s, 5m or 1h"],
    [["--duration", "0s"], "write it like 30s, 5m or 1h"],
    [["--seed", "-1"], "a whole number from 0"],
    [["--seed", "1.5"], "a whole number from 0"],
    [["--gateway", "nowhere", "--admin-token", "x"], "--gateway must be a URL"],
    [["--gateway", "http://127.0.0.1:1"], "--gateway also needs --admin-token"],
    [
      ["--gateway", "http://127.0.0.1:1", "--admin-token", "x", "--customer-token", "y"],
      "--customer-token is not a JWT",
    ],
    [["now"], "too many arguments"],
  ])("%j is refused in one line, with code 2", async (args, says) => {
    const { code, stdout, stderr } = await demo(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(says);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });

  it("says that nothing runs, and what to do", async () => {
    const { code, stderr } = await demo();
    expect(code).toBe(1);
    expect(stderr).toContain("no mesh runs here");
    expect(stderr).toContain("pnpm dev");
  });

  it("says where nobody answers", async () => {
    const url = `http://127.0.0.1:${await hostPort()}`;
    const { code, stderr } = await demo("--gateway", url, "--admin-token", "x");
    expect(code).toBe(1);
    expect(stderr).toBe(`no gateway answers at ${url} (ECONNREFUSED): does the mesh run?\n`);
  });
});
