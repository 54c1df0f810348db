import { describe, expect, it } from "@jest/globals";
import type { MeshFixture } from "@weft/mesh-tests/suites";
import { eventually } from "@weft/testkit";
import type { Infrastructure } from "@weft/testkit/infrastructure";
import { PriceChanges } from "./price-changes.ts";

export function schemaRegistryOutages(mesh: MeshFixture, servers: () => Infrastructure) {
  const pricing = () => mesh.mesh.runtime().services.find(({ name }) => name === "pricing-service");

  /** How often the supervisor saw it end. */
  const ends = () =>
    mesh.mesh.lines().filter((line) => line.includes('"pricing-service"') && line.includes("; starting again")).length;

  describe("the Schema Registry is away", () => {
    it("events of known schemas go on; a service that starts meanwhile waits for it, and then goes on too", async () => {
      const { schemaRegistry } = servers();
      await PriceChanges.during(mesh, async (changes) => {
        await schemaRegistry.halt("immediate");
        await changes.goOn("without the registry", 40);
        const before = pricing()!.pid;
        const endsBefore = ends();
        process.kill(before, "SIGKILL");
        await eventually("pricing-service is gone", () => pricing()?.pid !== before, { timeoutMs: 10_000 });
        await schemaRegistry.start();
        await eventually("pricing-service is back", () => pricing() !== undefined && pricing()?.pid !== before, {
          timeoutMs: 60_000,
          everyMs: 100,
        });
        await changes.goOn("with the new pricing-service", 20);
        expect(ends()).toBe(endsBefore + 1);
      });
      const letters = mesh.records(
        ({ topic, headers }) => topic.endsWith(".dlq") && headers["dlq-topic"] === "pricing.events",
      );
      expect(letters).toEqual([]);
    }, 240_000);

    it("and while it hangs, too", async () => {
      const { schemaRegistry } = servers();
      await PriceChanges.during(mesh, async (changes) => {
        await schemaRegistry.freeze();
        await changes.goOn("while the registry hangs", 40).finally(() => schemaRegistry.thaw());
      });
    }, 120_000);
  });
}
