import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "@jest/globals";

it("the program in the README runs and says what it promises", () => {
  const cwd = fileURLToPath(new URL("..", import.meta.url));
  const [, program = ""] = /```ts\n([\s\S]*?)```/.exec(readFileSync(`${cwd}/README.md`, "utf8")) ?? [];
  const flags = ["--conditions=@weft/source", "--input-type=module-typescript", "--eval", program];
  const output = execFileSync(process.execPath, flags, { cwd, encoding: "utf8" });
  expect(output).toMatch(/^promotion\.events order_1 \{/);
});
