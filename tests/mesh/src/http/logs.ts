import { describe, expect, it } from "@jest/globals";
import { eventually } from "@weft/testkit";
import { type MeshFixture, unique } from "./mesh-fixture.ts";
import { things } from "./things.ts";

/** What was written while everything before it happened, none of which may be an error. */
export function logsTests(mesh: MeshFixture) {
  const { product } = things(mesh);

  describe("log lines", () => {
    it("are JSON with who wrote them, and with the request that they belong to", async () => {
      const productId = await product();
      const requestId = unique("req");
      const trace = "3af7651916cd43dd8448eb211c80319c";
      const headers = { "x-request-id": requestId, traceparent: `00-${trace}-b7ad6b7169203331-01` };
      // Something to tell of: the page has to do without pricing.
      await mesh.whileFrozen("pricing-service", () =>
        mesh.api("GET", `/v1/catalog/products/${productId}`, { headers }),
      );
      const line = await eventually("the request is in the log", () =>
        mesh.mesh
          .lines()
          .map((text) => (text.startsWith("{") ? JSON.parse(text) : {}))
          .find((fields) => fields.request_id === requestId && fields["service.name"] === "catalog-service"),
      );
      expect(line).toMatchObject({
        ts: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        level: expect.stringMatching(/^(info|warn)$/),
        caller: expect.stringMatching(/\.ts:\d+$/),
        "service.id": mesh.mesh.runtime().services.find(({ name }) => name === "catalog-service")!.instanceId,
        "service.version": expect.any(String),
        trace_id: trace,
        msg: expect.any(String),
      });
    });

    it("hold no token, password or key, and nothing that failed inside", () => {
      const { tokens, postgres } = mesh.mesh.runtime();
      const text = mesh.mesh.lines().join("\n");
      const password = /:([^:@/]+)@/.exec(postgres.url)![1]!;
      for (const secret of [tokens.admin, tokens.customer, `:${password}@`, "Bearer ey"]) {
        expect(text.includes(secret)).toBe(false);
      }
      const errors = text.split("\n").filter((line) => /"level":"(error|fatal)"/.test(line));
      expect(errors).toEqual([]);
    });
  });
}
