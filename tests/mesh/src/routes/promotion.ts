import { describe, expect, it } from "@jest/globals";
import { eventually } from "@weft/testkit";
import { always, expectError, expectInvalid, type MeshFixture, unique } from "../http/mesh-fixture.ts";
import { things } from "../http/things.ts";

/** The routes of promotion, but for applying one. */
export function promotionRoutes(mesh: MeshFixture) {
  const { product, promotion } = things(mesh);
  const post = (body: unknown) => mesh.api("POST", "/v1/promotions", { body });
  const patch = (promotionId: string, body: unknown) => mesh.api("PATCH", `/v1/promotions/${promotionId}`, { body });
  const get = (promotionId: string) => mesh.api("GET", `/v1/promotions/${promotionId}`, { token: null });
  const fresh = () => ({ name: "Spring", type: "percentage", rules: { actions: { discountValue: 10 } }, ...always });

  describe("promotion: POST /v1/promotions", () => {
    it("creates a promotion, active unless told, and publishes PromotionCreated [201]", async () => {
      const rules = {
        conditions: {
          minOrderAmount: 50,
          productIds: ["p1"],
          categoryIds: ["c1"],
          warehouseIds: ["w1"],
          customerTiers: ["gold"],
        },
        actions: { discountValue: 20, maxDiscountAmount: 100 },
      };
      const answer = await post({ ...fresh(), rules });
      expect(answer.status).toBe(201);
      const { promotion: made } = answer.data;
      expect(made).toMatchObject({
        promotionId: expect.stringMatching(/^promo_.+/),
        name: "Spring",
        type: "percentage",
        rules,
        status: "active",
      });
      expect([new Date(made.effectiveFrom), new Date(made.effectiveTo)]).toEqual([
        new Date(always.effectiveFrom),
        new Date(always.effectiveTo),
      ]);
      expect((await get(made.promotionId)).data.promotion).toEqual(made);
      const [event] = await mesh.events(made.promotionId);
      expect(event).toMatchObject({ topic: "promotion.events", headers: { "event-sequence": "1" } });
      expect(event!.envelope).toMatchObject({
        eventType: "PromotionCreated",
        version: "1.1",
        source: "promotion-service",
        data: { promotionId: made.promotionId, name: "Spring", type: "percentage", rules, status: "active" },
      });
    });

    it("takes the client's own id and status, and refuses an id that is taken [PROMOTION_EXISTS]", async () => {
      const promotionId = unique("promo");
      const answer = await post({ ...fresh(), promotionId, status: "inactive" });
      expect(answer.data.promotion).toMatchObject({ promotionId, status: "inactive" });
      expectError(await post({ ...fresh(), promotionId }), 409, "PROMOTION_EXISTS");
    });

    it("says freeShipping in a promotion that ships free", async () => {
      const answer = await post({ ...fresh(), type: "free_shipping", rules: { conditions: { minOrderAmount: 20 } } });
      expect(answer.data.promotion.rules).toMatchObject({
        conditions: { minOrderAmount: 20 },
        actions: { freeShipping: true },
      });
    });

    it("names what is wrong [VALIDATION_ERROR]", async () => {
      expectInvalid(await post({}), "name", "type", "rules", "effectiveFrom", "effectiveTo");
      expectInvalid(
        await post({ ...fresh(), type: "two_for_one", effectiveFrom: "tomorrow", status: "expired", colour: 1 }),
        "type",
        "effectiveFrom",
        "status",
        "colour",
      );
      const conditions = { minOrderAmount: "many", productIds: "p1", customerTiers: ["wood"], colours: [] };
      expectInvalid(
        await post({ ...fresh(), rules: { conditions, actions: { discountValue: 10.001, gift: 1 } } }),
        "rules.conditions.minOrderAmount",
        "rules.conditions.productIds",
        "rules.conditions.customerTiers.0",
        "rules.conditions.colours",
        "rules.actions.discountValue",
        "rules.actions.gift",
      );
    });

    it("keeps a period to the millisecond, from the year 1 to the year 9999, also where a zone kept its own mean time [201]", async () => {
      for (const effectiveFrom of [
        "0001-01-01T00:00:00.000Z",
        "1800-06-01T12:00:00.001Z",
        "2026-03-02T09:30:00.000Z",
      ]) {
        const effectiveTo = "9999-12-31T23:59:59.999Z";
        const answer = await post({ ...fresh(), effectiveFrom, effectiveTo });
        expect(answer.status).toBe(201);
        const { promotionId } = answer.data.promotion;
        expect((await get(promotionId)).data.promotion).toMatchObject({ effectiveFrom, effectiveTo });
        const [event] = await mesh.events(promotionId);
        expect(event!.envelope.data).toMatchObject({ effectiveFrom, effectiveTo });
        await mesh.effect("catalog", event!.envelope.eventId);
        const shown = await mesh.rows<{ effective_from: string }>(
          "catalog",
          "SELECT to_char(effective_from at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"') AS effective_from FROM promotions WHERE promotion_id = $1",
          [promotionId],
        );
        expect(shown).toEqual([{ effective_from: effectiveFrom }]);
        await patch(promotionId, { status: "inactive" });
      }
    });

    it("refuses the actions that its type does not use [VALIDATION_ERROR]", async () => {
      const actions = { discountValue: 5, maxDiscountAmount: 1, getQuantity: 1 };
      expectInvalid(
        await post({ ...fresh(), type: "fixed_amount", rules: { actions } }),
        "rules.actions.maxDiscountAmount",
        "rules.actions.getQuantity",
      );
      expectInvalid(
        await post({ ...fresh(), type: "buy_x_get_y", rules: { actions: { buyQuantity: 1, discountValue: 5 } } }),
        "rules.actions.discountValue",
      );
      expectInvalid(
        await post({ ...fresh(), type: "free_shipping", rules: { actions: { freeShipping: false } } }),
        "rules.actions.freeShipping",
      );
    });

    it("refuses an end that is not after the beginning [VALIDATION_ERROR]", async () => {
      const at = "2026-05-01T00:00:00Z";
      expectInvalid(await post({ ...fresh(), effectiveFrom: at, effectiveTo: at }), "effectiveTo");
      expectInvalid(
        await post({ ...fresh(), effectiveFrom: at, effectiveTo: "2026-05-01T01:00:00+02:00" }),
        "effectiveTo",
      );
    });
  });

  describe("promotion: GET /v1/promotions/{promotionId}", () => {
    it("gives one promotion, and is PROMOTION_NOT_FOUND for one that does not exist [200] [PROMOTION_NOT_FOUND]", async () => {
      const promotionId = await promotion();
      expect(await get(promotionId)).toMatchObject({ status: 200, data: { promotion: { promotionId } } });
      expectError(await get(unique("promo")), 404, "PROMOTION_NOT_FOUND");
    });
  });

  describe("promotion: GET /v1/promotions", () => {
    it("lists by status and by product [200] [VALIDATION_ERROR]", async () => {
      const categoryId = unique("cat");
      const productId = await product({ categoryId });
      const actions = { discountValue: 5 };
      const named = await promotion({ rules: { conditions: { productIds: [productId] }, actions } });
      const off = await promotion({ rules: { conditions: { productIds: [productId] }, actions }, status: "inactive" });
      const elsewhere = await promotion({ rules: { conditions: { productIds: ["other"] }, actions } });
      const ofProduct = async (query: string): Promise<string[]> => {
        const { status, data } = await mesh.api("GET", `/v1/promotions?limit=100&productId=${productId}${query}`, {
          token: null,
        });
        expect(status).toBe(200);
        return data.promotions.map(({ promotionId }: { promotionId: string }) => promotionId);
      };
      const all = await ofProduct("");
      expect(all).toEqual(expect.arrayContaining([named, off]));
      expect(all).not.toContain(elsewhere);
      expect(await ofProduct("&status=active")).toContain(named);
      expect(await ofProduct("&status=active")).not.toContain(off);
      expect(await ofProduct("&status=inactive")).toContain(off);
      expectInvalid(await mesh.api("GET", "/v1/promotions?status=sleeping"), "status");
    });
  });

  describe("promotion: PATCH /v1/promotions/{promotionId}", () => {
    it("switches it off and on, publishes each change, and nothing where nothing changes [200]", async () => {
      const promotionId = await promotion();
      for (const status of ["active", "inactive", "inactive", "active"]) {
        const answer = await patch(promotionId, { status });
        expect([answer.status, answer.data.promotion?.status]).toEqual([200, status]);
      }
      await patch(promotionId, { status: "inactive" });
      const events = await mesh.events(promotionId, 4);
      expect(events.slice(1).map(({ envelope }) => envelope)).toEqual(
        [
          ["active", "inactive"],
          ["inactive", "active"],
          ["active", "inactive"],
        ].map(([from, to]) =>
          expect.objectContaining({
            eventType: "PromotionStatusChanged",
            data: { promotionId, from, to, changedAt: expect.any(String) },
          }),
        ),
      );
      expect(events.map(({ headers }) => headers["event-sequence"])).toEqual(["1", "2", "3", "4"]);
    });

    it("refuses other fields and statuses, and promotions that do not exist [VALIDATION_ERROR] [PROMOTION_NOT_FOUND]", async () => {
      const promotionId = await promotion();
      expectInvalid(await patch(promotionId, {}), "status");
      expectInvalid(await patch(promotionId, { status: "expired" }), "status");
      expectInvalid(await patch(promotionId, { status: "active", name: "Other" }), "name");
      expectError(await patch(unique("promo"), { status: "active" }), 404, "PROMOTION_NOT_FOUND");
    });

    it("expires when its end passes, tells so, and is not switched on again [CONFLICT]", async () => {
      const promotionId = await promotion({ effectiveTo: new Date(Date.now() + 1500).toISOString() });
      await eventually("it is expired", async () => (await get(promotionId)).data.promotion.status === "expired", {
        timeoutMs: 60_000,
        everyMs: 200,
      });
      const events = await mesh.events(promotionId, 2);
      expect(events[1]!.envelope).toMatchObject({
        eventType: "PromotionStatusChanged",
        data: { promotionId, from: "active", to: "expired" },
      });
      for (const status of ["active", "inactive"]) {
        expectError(await patch(promotionId, { status }), 409, "CONFLICT");
      }
      const listed = await mesh.api("GET", "/v1/promotions?status=expired&limit=100");
      expect(listed.data.promotions.map((one: { promotionId: string }) => one.promotionId)).toContain(promotionId);
    }, 70_000);
  });
}
