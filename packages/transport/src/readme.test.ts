import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "@jest/globals";

it("the program in the README serves its route", () => {
  const cwd = fileURLToPath(new URL("..", import.meta.url));
  const [, program = ""] = /```ts\n([\s\S]*?)```/.exec(readFileSync(`${cwd}/README.md`, "utf8")) ?? [];
  const flags = ["--conditions=@weft/source", "--input-type=module-typescript", "--eval", program];
  const answer = JSON.parse(execFileSync(process.execPath, flags, { cwd, encoding: "utf8" }));
  expect(answer).toMatchObject({ success: true, data: { greeting: "Hello Ada! Hello Ada!" } });
});
