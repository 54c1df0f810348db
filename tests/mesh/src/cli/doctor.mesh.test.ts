import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "@jest/globals";
import { spawnEmbedded } from "@weft/embedded";
import { runWeft } from "@weft/testkit";

it("doctor says what a service that answers does without, and takes one that is not of Weft as it is", async () => {
  const folder = mkdtempSync(join(tmpdir(), "weft-doctor-"));
  const consul = await spawnEmbedded("consul", { dataDir: join(folder, "consul"), port: 0 });
  const redis = { status: "degraded", message: "Redis is away: ECONNREFUSED" };
  const ledger = createServer((request, response) => {
    const checks = { postgres: { status: "healthy" }, redis };
    response.end(request.url === "/health" ? JSON.stringify({ status: "degraded", checks }) : "");
  });
  const edge = createServer((_request, response) => response.end(JSON.stringify({ status: "degraded", checks: {} })));
  const foreign = createTcpServer((socket) => socket.destroy());
  try {
    for (const [Name, server, Meta] of [
      ["ledger-service", ledger, { version: "1.0.0" }],
      ["edge-service", edge, { version: "1.0.0" }],
      ["foreign-service", foreign, {}],
    ] as const) {
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const { port: Port } = server.address() as AddressInfo;
      await fetch(`${consul.url}/v1/agent/service/register`, {
        method: "PUT",
        body: JSON.stringify({ Name, Address: "127.0.0.1", Port, Meta }),
      });
    }
    const doctor = await runWeft(["doctor", "--json", "--consul", consul.url], {
      environment: { WEFT_STATE_DIR: join(folder, "nothing-here") },
    });
    expect(JSON.parse(doctor.stdout).slice(1)).toEqual([
      { check: "services", ok: true, found: "3 instances pass their checks" },
      {
        check: "dependencies",
        ok: false,
        found:
          "edge-service (edge-service): it is degraded, and tells its operators why; ledger-service (ledger-service): redis is degraded (Redis is away: ECONNREFUSED)",
        advice: expect.stringContaining("start what is away"),
      },
    ]);
    expect([doctor.code, doctor.stderr]).toEqual([1, ""]);
  } finally {
    for (const server of [ledger, edge, foreign]) server.close();
    await consul.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}, 60_000);
