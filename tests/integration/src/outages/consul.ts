import { describe, expect, it } from "@jest/globals";
import type { MeshFixture } from "@weft/mesh-tests/suites";
import { eventually } from "@weft/testkit";
import type { Infrastructure } from "@weft/testkit/infrastructure";
import { PriceChanges } from "./price-changes.ts";

const backWithinMs = 15_000;

export function consulOutages(mesh: MeshFixture, servers: () => Infrastructure) {
  const passing = async () => {
    const names = mesh.mesh.runtime().services.map(({ name }) => name);
    const found = await Promise.all(
      names.map(async (name) => {
        const answer = await fetch(`${servers().consul.url}/v1/health/service/${name}?passing`);
        return ((await answer.json()) as unknown[]).length === 1 ? [name] : [];
      }),
    );
    return found.flat().length === names.length;
  };

  describe("the Consul agent comes back empty", () => {
    it("every service is passing again within 15 s, and no caller noticed", async () => {
      expect(await passing()).toBe(true);
      const { refused } = await PriceChanges.during(mesh, async (changes) => {
        await servers().consul.halt("immediate");
        await changes.goOn("without Consul", 20);
        await servers().consul.start();
        await eventually("every service is passing", passing, { timeoutMs: backWithinMs, everyMs: 100 });
      });
      expect(refused).toEqual([]);
    }, 120_000);
  });
}
