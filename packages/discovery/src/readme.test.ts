import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "@jest/globals";
import { entry, fakeConsul } from "./testing/fake-consul.ts";

it("the program in the README registers, finds an instance, and leaves nothing behind", async () => {
  const cwd = fileURLToPath(new URL("..", import.meta.url));
  const [, program = ""] = /```ts\n([\s\S]*?)```/.exec(readFileSync(`${cwd}/README.md`, "utf8")) ?? [];
  const consul = await fakeConsul();
  consul.health.set("pricing-service", [entry("pricing-1", 8002, { service: "pricing-service" })]);
  try {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--conditions=@weft/source", "--input-type=module-typescript", "--eval", program],
      { cwd, env: { ...process.env, WEFT_CONSUL_URL: consul.url } },
    );
    expect(stdout).toBe("127.0.0.1 8002 0\n");
    expect(consul.requests.map(({ path }) => path)).toContain("/v1/agent/service/register");
    expect(consul.agentServices.size).toBe(0);
  } finally {
    await consul.close();
  }
});
