import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "@jest/globals";

it("the program in the README starts a server, asks it, and stops it", () => {
  const cwd = fileURLToPath(new URL("..", import.meta.url));
  const dataDir = mkdtempSync(join(tmpdir(), "weft-readme-"));
  const [, program = ""] = /```ts\n([\s\S]*?)```/.exec(readFileSync(`${cwd}/README.md`, "utf8")) ?? [];
  const flags = [
    "--conditions=@weft/source",
    "--input-type=module-typescript",
    "--eval",
    program.replace(".weft/consul", dataDir),
  ];
  try {
    const { stdout, stderr } = spawnSync(process.execPath, flags, { cwd, encoding: "utf8", timeout: 55_000 });
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+ pid \d+ up in \d+ ms$/m);
    expect(stdout).toMatch(/^127\.0\.0\.1:\d+$/m);
    expect(stdout).toMatch(/^gone: 0$/m);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});
