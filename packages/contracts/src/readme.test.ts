import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "@jest/globals";

it("the programs in the README run and say what they promise", () => {
  const cwd = fileURLToPath(new URL("..", import.meta.url));
  const programs = [...readFileSync(`${cwd}/README.md`, "utf8").matchAll(/```ts\n([\s\S]*?)```/g)].map(
    ([, one]) => one!,
  );
  const outputs = programs.map((program) => {
    const flags = ["--conditions=@weft/source", "--input-type=module-typescript", "--eval", program];
    return execFileSync(process.execPath, flags, { cwd, encoding: "utf8" });
  });
  expect(outputs).toEqual([expect.stringMatching(/^promotion\.events order_1 \{/), ""]);
});
