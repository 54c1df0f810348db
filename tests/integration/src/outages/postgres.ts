import { describe, expect, it } from "@jest/globals";
import type { MeshFixture } from "@weft/mesh-tests/suites";
import type { Infrastructure } from "@weft/testkit/infrastructure";
import { PriceChanges } from "./price-changes.ts";

export function postgresOutages(mesh: MeshFixture, servers: () => Infrastructure) {
  describe("PostgreSQL is restarted with -m immediate", () => {
    it("no service ends; what was acknowledged is there, once and in order", async () => {
      const pids = () => mesh.mesh.runtime().services.map(({ name, pid }) => [name, pid]);
      const before = pids();
      for (let time = 1; time <= 3; time++)
        await PriceChanges.during(mesh, () => servers().postgres.restart("immediate"));
      expect(pids()).toEqual(before);
    }, 240_000);
  });
}
