import { describe, it } from "@jest/globals";
import { silentLogger } from "@weft/core";
import { consulRegistry } from "@weft/discovery";
import { eventually } from "@weft/testkit";
import type { MeshFixture } from "./mesh-fixture.ts";

interface Check {
  Status: string;
  ServiceID: string;
  Output: string;
}

/** An instance that was killed is still registered, and another process has its address now (failure-modes C9). */
export function takenAddress(mesh: MeshFixture) {
  describe("an address that another process took over", () => {
    it.each(["catalog-service", "gateway"])(
      "keeps no dead instance alive in Consul (%s)",
      async (successor) => {
        const { consul, services } = mesh.mesh.runtime();
        const { hostname: host, port } = new URL(services.find(({ name }) => name === successor)!.http);
        const instanceId = `thing-service-before-${successor}`;
        const registry = consulRegistry({ log: silentLogger }, { url: consul.url });
        try {
          await registry.register({
            service: "thing-service",
            instanceId,
            version: "1.0.0",
            host,
            port: Number(port),
            tags: [],
            metadata: {},
            check: { intervalMs: 1000, timeoutMs: 3000, deregisterCriticalAfterMs: 60_000 },
          });
          await eventually(
            "the agent finds out",
            async () => {
              const checks = (await (await fetch(`${consul.url}/v1/agent/checks`)).json()) as Record<string, Check>;
              return Object.values(checks).find(
                (one) => one.ServiceID === instanceId && one.Status === "critical" && one.Output.includes("421"),
              );
            },
            { timeoutMs: 60_000, everyMs: 200 },
          );
        } finally {
          await registry.stop();
        }
      },
      120_000,
    );
  });
}
