import { describe, expect, it } from "@jest/globals";
import { eventually } from "@weft/testkit";
import type { MeshFixture } from "../http/mesh-fixture.ts";

/** What the whole is for, once, wherever its servers are. */
export function acceptanceStory(mesh: MeshFixture) {
  describe("the acceptance story", () => {
    it("applies a promotion, raises the tier, and lets the customer use what the tier allows within a second", async () => {
      const api: MeshFixture["api"] = (method, path, request) => mesh.api(method, path, request);
      const customer = await api("POST", "/v1/customers", {
        body: {
          customerId: "cust_story",
          email: "story@example.com",
          profile: { firstName: "Sam", lastName: "Story" },
        },
      });
      expect(customer.status).toBe(201);
      expect(customer.data.customer).toMatchObject({ customerId: "cust_story", tier: "bronze", lifetimeSpend: 0 });

      const dates = { effectiveFrom: "2026-01-01T00:00:00Z", effectiveTo: "2099-01-01T00:00:00Z" };
      for (const [promotionId, conditions] of [
        ["promo_all", {}],
        ["promo_silver_only", { customerTiers: ["silver", "gold", "platinum"] }],
      ] as const) {
        const created = await api("POST", "/v1/promotions", {
          body: {
            promotionId,
            name: promotionId,
            type: "percentage",
            rules: { conditions, actions: { discountValue: 10 } },
            ...dates,
          },
        });
        expect(created.status).toBe(201);
      }
      const order = (orderId: string) => ({
        orderId,
        customerId: "cust_story",
        items: [{ productId: "prod_1", quantity: 2, unitPrice: 600 }],
      });

      const refused = await api("POST", "/v1/promotions/promo_silver_only/apply", { body: order("order_too_early") });
      expect(refused.status).toBe(409);
      expect(refused.error).toMatchObject({ code: "PROMOTION_NOT_APPLICABLE", details: { reason: "customer_tier" } });

      const trace = "5af7651916cd43dd8448eb211c80319c";
      const applied = await api("POST", "/v1/promotions/promo_all/apply", {
        body: order("order_1"),
        token: mesh.token("cust_story"),
        headers: {
          "x-request-id": "acceptance-story-1",
          traceparent: `00-${trace}-b7ad6b7169203331-01`,
          tracestate: "vendor=1",
          baggage: "cart=17",
          // Of somebody who may not say so.
          "x-user-id": "mallory",
          "x-service-name": "mallory",
        },
      });
      expect(applied.status).toBe(201);
      expect(applied.data.application).toMatchObject({ originalAmount: 1200, discountAmount: 120, finalAmount: 1080 });
      const appliedAt = performance.now();

      const accepted = await eventually("the new tier is accepted", async () => {
        const answer = await api("POST", "/v1/promotions/promo_silver_only/apply", { body: order("order_2") });
        return answer.status === 201 && answer;
      });
      const took = performance.now() - appliedAt;
      expect(accepted.data.application).toMatchObject({ orderId: "order_2", discountAmount: 120 });
      expect((await api("GET", "/v1/customers/cust_story")).data.customer.tier).toBe("silver");
      process.stdout.write(`acceptance story: the new tier was accepted ${took.toFixed(0)} ms after the apply\n`);

      const chain = await eventually("both events of the chain are on their topics", () => {
        const ofStory = mesh.records(({ headers }) => headers["correlation-id"] === "acceptance-story-1");
        const [applied, updated] = ["PromotionApplied", "CustomerUpdated"].map((type) =>
          ofStory.find(({ envelope }) => envelope?.eventType === type),
        );
        return applied && updated && { applied, updated };
      });
      expect(chain.updated.headers["causation-id"]).toBe(chain.applied.envelope?.eventId);
      // The second one is written by the handler of the first: what it has of the request came through the first one's commit.
      for (const { headers } of [chain.applied, chain.updated]) {
        expect(headers).toMatchObject({
          "user-id": "cust_story",
          "user-role": "customer",
          caller: "gateway",
          baggage: "cart=17",
          tracestate: "vendor=1",
          traceparent: expect.stringMatching(new RegExp(`^00-${trace}-[0-9a-f]{16}-01$`)),
        });
      }
    }, 60_000);
  });
}
