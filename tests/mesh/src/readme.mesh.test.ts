import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { type RunningMesh, runWeft, startMesh } from "@weft/testkit";

const readme = readFileSync(new URL("../../../README.md", import.meta.url), "utf8");

const untilSilver = `until apply promo_silver '{"orderId":"order_probe","customerId":"cust_demo","items":[{"productId":"prod_loom","quantity":3,"unitPrice":420}]}' | grep '"success":true' >/dev/null; do sleep 0.2; done`;

describe("the README", () => {
  let mesh: RunningMesh;

  beforeAll(async () => {
    mesh = await startMesh({ demo: true });
  }, 180_000);

  afterAll(async () => {
    await mesh?.stop();
  }, 180_000);

  it("tells a story that happens when its commands are typed", async () => {
    const block = /```sh\n(npx -y pnpm weft events tail[\s\S]*?)```/.exec(readme)?.[1] ?? "";
    const script = block
      .slice(block.indexOf("TOKEN="))
      .replaceAll("http://127.0.0.1:8080", mesh.runtime().gateway.url)
      .replaceAll("./.weft/runtime.json", join(mesh.stateDir, "runtime.json"))
      // Somebody who types takes a moment between two commands; the events need less. Here she asks again until she may.
      .replace(/\n(# Accepted)/, `\n${untilSilver}\n$1`);
    const shell = spawnSync("bash", ["--norc", "-euo", "pipefail", "-c", script], {
      encoding: "utf8",
      timeout: 90_000,
    });
    expect(shell.stderr).toBe("");
    const answers = shell.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(answers).toHaveLength(3);
    expect(answers[0].error).toMatchObject({ code: "PROMOTION_NOT_APPLICABLE", details: { reason: "customer_tier" } });
    expect(answers[1].data.application).toMatchObject({ orderId: "order_2", finalAmount: 1400.4 });
    expect(answers[2].data.application).toMatchObject({ orderId: "order_3", discountAmount: 50 });
  }, 180_000);

  it("names commands that exist", async () => {
    const { stdout } = await runWeft(["--help"]);
    for (const command of ["services", "call", "events", "outbox", "dlq", "groups", "doctor"])
      expect(stdout).toContain(`  ${command} `);
    const { stdout: devHelp } = await runWeft(["dev", "--help"]);
    for (const option of readme.match(/`(--[a-z-]+)/g) ?? []) expect(devHelp).toContain(option.slice(1));
  });
});
