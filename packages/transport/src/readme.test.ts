import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "@jest/globals";

const cwd = fileURLToPath(new URL("..", import.meta.url));

/** Runs the first program of the README that imports the package. */
function run(imports: string): unknown {
  const programs = [...readFileSync(`${cwd}/README.md`, "utf8").matchAll(/```ts\n([\s\S]*?)```/g)];
  const [, program = ""] = programs.find(([text]) => text.includes(`from "${imports}"`)) ?? [];
  const flags = ["--conditions=@weft/source", "--input-type=module-typescript", "--eval", program];
  return JSON.parse(execFileSync(process.execPath, flags, { cwd, encoding: "utf8" }));
}

it("the program in the README serves its route", () => {
  expect(run("@weft/transport")).toMatchObject({ success: true, data: { greeting: "Hello Ada! Hello Ada!" } });
});

it("the program in the README calls its method", () => {
  expect(run("@weft/transport/grpc")).toEqual({ reservationId: "res_1" });
});
