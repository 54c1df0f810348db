import { describe, expect, it } from "@jest/globals";
import { databaseOutage, type MeshFixture } from "@weft/mesh-tests/suites";
import type { Infrastructure } from "@weft/testkit/infrastructure";
import { PriceChanges } from "./price-changes.ts";

export function postgresOutages(mesh: MeshFixture, servers: () => Infrastructure) {
  describe("PostgreSQL is away", () => {
    const ask = (n: number) =>
      n % 2 === 0
        ? { method: "GET", path: "/v1/promotions?limit=1" }
        : {
            method: "PUT",
            path: `/v1/pricing/products/prod_outage_${n % 10}/price`,
            body: { basePrice: n, currency: "EUR" },
          };
    it.each([
      ["stopped", 15_000],
      ["frozen", 5_000],
    ] as const)(
      "requests go through the gateway within 5 s once it answers, and all breakers are closed within 10 s: it is %s for %d ms",
      async (how, awayMs) => {
        const { postgres } = servers();
        const isFrozen = how === "frozen";
        const { firstMs, closedMs } = await databaseOutage(mesh.mesh, {
          what: `PostgreSQL ${how}`,
          ask,
          takeAway: () => (isFrozen ? postgres.freeze() : postgres.halt("immediate")),
          bringBack: () => (isFrozen ? postgres.thaw() : postgres.start()),
          question: () => mesh.rows("pricing", "select 1"),
          awayMs,
        });
        expect(firstMs).toBeLessThanOrEqual(5000);
        expect(closedMs).toBeLessThanOrEqual(10_000);
      },
      240_000,
    );
  });

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
