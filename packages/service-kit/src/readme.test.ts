import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "@jest/globals";
import type { StateMessage } from "./run-service.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const blockOf = (language: string) => new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(readme)?.[1] ?? "";

it("the program in the README serves its route with the configuration beside it, and stops when it is told to", async () => {
  const folder = mkdtempSync(join(tmpdir(), "weft-readme-"));
  const file = join(folder, "config.yaml");
  writeFileSync(file, blockOf("yaml").replace(":8001", ":0").replace("8500", "1"));
  const flags = ["--conditions=@weft/source", "--input-type=module-typescript", "--eval", blockOf("ts")];
  const child = spawn(process.execPath, [...flags, "main", "--conf", file], {
    // Its addresses are those of a developer's machine.
    env: { ...process.env, WEFT_ENVIRONMENT: "development" },
    cwd: fileURLToPath(new URL("..", import.meta.url)),
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  try {
    const state = await new Promise<StateMessage>((resolve, reject) => {
      child.on("message", (message) => {
        if ((message as StateMessage).state === "ready") resolve(message as StateMessage);
      });
      child.once("exit", (code) => reject(new Error(`it ended with ${code}`)));
    });
    const answer = await (await fetch(`${state.http}/v1/greetings/Ada`)).json();
    expect(answer).toMatchObject({ success: true, data: { greeting: "Hello Ada!" } });
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([0, null]);
  } finally {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true });
  }
});
