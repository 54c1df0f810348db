import { describe, expect, it } from "@jest/globals";
import { envelope, expectError, type MeshFixture } from "../http/mesh-fixture.ts";
import { things } from "../http/things.ts";

/** What the sequence of an event is worth. */
export function sequenceTests(mesh: MeshFixture) {
  const { customer, promotion, order } = things(mesh);

  describe("an event whose sequence jumps", () => {
    it("is refused where no relay has sent it: the genuine ones after it have their effect", async () => {
      const customerId = await customer();
      const [own] = await mesh.events(customerId);
      await mesh.effect("promotion", own!.envelope.eventId);
      const foreign = envelope(
        "CustomerUpdated",
        { customerId, changes: { tier: "platinum" } },
        { source: "customer-service" },
      );
      const value = await mesh.send(foreign, { sequence: 1000 });
      const letter = await mesh.deadLetter("promotion-service", value);
      expect(letter.headers).toMatchObject({ "dlq-reason": "untrusted_source" });
      expect(letter.headers["dlq-error"]).toContain(`event-sequence 1000 of ${customerId} in customer.events`);
      await mesh.api("PATCH", `/v1/customers/${customerId}`, { body: { tier: "gold" } });
      const [, genuine] = (await mesh.events(customerId, 3)).filter(
        ({ envelope: { eventId } }) => eventId !== foreign.eventId,
      );
      expect(genuine!.headers["event-sequence"]).toBe("2");
      await mesh.effect("promotion", genuine!.envelope.eventId);

      const conditions = (customerTiers: string[]) => ({
        conditions: { customerTiers },
        actions: { discountValue: 10 },
      });
      const apply = async (tier: string) => {
        const promotionId = await promotion({ rules: conditions([tier]) });
        return mesh.api("POST", `/v1/promotions/${promotionId}/apply`, { body: order({ customerId }) });
      };
      expect((await apply("gold")).status).toBe(201);
      expectError(await apply("platinum"), 409, "PROMOTION_NOT_APPLICABLE", { reason: "customer_tier" });
      const places = await mesh.rows(
        "promotion",
        "SELECT position::int, (SELECT count(*) FROM weft.inbox_gaps AS g WHERE g.aggregate_id = p.aggregate_id)::int AS gaps FROM weft.inbox_positions AS p WHERE aggregate_id = $1",
        [customerId],
      );
      expect(places).toEqual([{ position: 2, gaps: 0 }]);
    });
  });
}
