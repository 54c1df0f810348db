import { describe, expect, it } from "@jest/globals";
import type { MeshFixture } from "@weft/mesh-tests/suites";
import { eventually } from "@weft/testkit";

interface HealthEntry {
  Service: { ID: string; Address: string; Port: number; Tags: string[]; Meta: Record<string, string> };
  Checks: HealthCheck[];
}
interface HealthCheck {
  Status: string;
  ServiceID: string;
  Output: string;
}

/** What a real agent knows of the services, and what it finds when it asks them itself. */
export function consulRegistration(mesh: MeshFixture) {
  const health = async (name: string) => {
    const { consul } = mesh.mesh.runtime();
    return (await (await fetch(`${consul.url}/v1/health/service/${name}`)).json()) as HealthEntry[];
  };

  describe("registration in Consul", () => {
    it("has every instance with its address, version, layer and team", async () => {
      for (const service of mesh.mesh.runtime().services) {
        const entries = await health(service.name);
        expect(entries.map(({ Service }) => Service.ID)).toEqual([service.instanceId]);
        const [{ Service }] = entries as [HealthEntry];
        expect(`http://${Service.Address}:${Service.Port}`).toBe(service.http);
        expect(Service.Meta).toMatchObject({
          version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
          layer: expect.stringMatching(/.+/),
          team: expect.stringMatching(/.+/),
          environment: expect.stringMatching(/.+/),
        });
        if (service.grpc) expect(Service.Meta.grpc_port).toBe(service.grpc.split(":").at(-1));
      }
    });

    it("finds each of them healthy when it asks them itself, over HTTP and where they serve it over gRPC", async () => {
      const { consul, services } = mesh.mesh.runtime();
      for (const service of services) {
        const own = await eventually(
          `the agent has asked ${service.name}`,
          async () => {
            // The agent's own view: the catalog hears of a new output only when the status changes with it.
            const checks = (await (await fetch(`${consul.url}/v1/agent/checks`)).json()) as Record<string, HealthCheck>;
            const found = Object.values(checks).filter(({ ServiceID }) => ServiceID === service.instanceId);
            return found.length > 0 && found.every(({ Output }) => Output !== "") && found;
          },
          { timeoutMs: 60_000, everyMs: 200 },
        );
        expect(own.map(({ Status }) => Status)).toEqual(own.map(() => "passing"));
        expect(own).toHaveLength(service.grpc ? 2 : 1);
      }
    }, 240_000);

    it("finds out by itself when one hangs, and when it is back", async () => {
      const name = "pricing-service";
      const statuses = async () => (await health(name))[0]?.Checks.map(({ Status }) => Status) ?? [];
      await mesh.whileFrozen(name, () =>
        eventually("its check is critical", async () => (await statuses()).includes("critical"), {
          timeoutMs: 60_000,
          everyMs: 200,
        }),
      );
      await eventually("its check passes", async () => !(await statuses()).includes("critical"), {
        timeoutMs: 60_000,
        everyMs: 200,
      });
    }, 240_000);
  });
}
