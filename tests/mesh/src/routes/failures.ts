import { describe, expect, it } from "@jest/globals";
import { eventually } from "@weft/testkit";
import { expectError, type MeshFixture, soon, unique } from "../http/mesh-fixture.ts";

/** What a service answers when something behind it fails: the same two codes everywhere, and nothing of the cause. */
export function failureTests(mesh: MeshFixture) {
  const path = () => `/v1/pricing/products/${unique("prod")}/price`;
  // Past the gateway, whose breaker would remember these failures.
  const get = () => mesh.direct("pricing-service", "GET", path());
  const put = () => mesh.direct("pricing-service", "PUT", path(), { body: { basePrice: 1, currency: "EUR" } });

  describe("a service with something broken behind it", () => {
    it("answers INTERNAL_ERROR and no word of the cause, and works again once it is mended [INTERNAL_ERROR]", async () => {
      const database = await mesh.connect("pricing");
      try {
        await database.query("ALTER TABLE prices RENAME TO prices_elsewhere");
        const answer = await get();
        expectError(answer, 500, "INTERNAL_ERROR");
        expect(JSON.stringify(answer)).not.toMatch(/prices|relation|SELECT|\.ts/i);
      } finally {
        await database.query("ALTER TABLE prices_elsewhere RENAME TO prices");
        await database.end();
      }
      expectError(await get(), 404, "PRICE_NOT_FOUND");
    });

    it("answers SERVICE_UNAVAILABLE with Retry-After while its database takes no writes [SERVICE_UNAVAILABLE]", async () => {
      const database = await mesh.connect("pricing");
      const reconnect = () =>
        database.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE $1", [
          "pricing-service%",
        ]);
      try {
        await database.query("ALTER DATABASE pricing SET default_transaction_read_only = on");
        await reconnect();
        const refused = await eventually("a write is refused", async () => {
          const answer = await put();
          return answer.status === 503 && answer;
        });
        expectError(refused, 503, "SERVICE_UNAVAILABLE");
        expect(Number(refused.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
      } finally {
        await database.query("ALTER DATABASE pricing RESET default_transaction_read_only");
        await reconnect();
        await database.end();
      }
      await eventually("it writes again", async () => (await put()).status === 200, soon);
    });
  });
}
