import { describe, expect, it } from "@jest/globals";
import { envelope, type MeshFixture, unique } from "../http/mesh-fixture.ts";
import { things } from "../http/things.ts";

/** An event has one effect in each subscriber, however often it comes. */
export function onceTests(mesh: MeshFixture) {
  const { product, customer } = things(mesh);
  const spend = async (customerId: string) =>
    (await mesh.api("GET", `/v1/customers/${customerId}`)).data.customer.lifetimeSpend;
  const applied = (customerId: string, orderId: string, finalAmount: number) =>
    envelope("PromotionApplied", { promotionId: "promo_1", orderId, customerId, discountAmount: 0, finalAmount });

  describe("an event that comes again", () => {
    it("has one effect, known by its id, where the producer claims no order", async () => {
      const customerId = await customer();
      const orderId = unique("order");
      const event = applied(customerId, orderId, 10);
      for (let n = 0; n < 3; n++) await mesh.send(event);
      const marker = applied(customerId, orderId, 5);
      await mesh.send(marker);
      await mesh.effect("customer", marker.eventId);
      expect(await spend(customerId)).toBe(15);
      expect(await mesh.effects("customer", event.eventId)).toBe(1);
      const { data } = await mesh.api("GET", `/v1/customers/${customerId}/activity`);
      expect(data.activity).toHaveLength(2);
    });

    it("has one effect, known by its sequence, where the producer numbers its events", async () => {
      const customerId = await customer();
      const orderId = unique("order");
      const events = [
        applied(customerId, orderId, 1),
        applied(customerId, orderId, 10),
        applied(customerId, orderId, 100),
      ];
      const [first, second, third] = events as [(typeof events)[0], (typeof events)[0], (typeof events)[0]];
      for (const [event, sequence] of [
        [first, 1],
        [second, 2],
        [first, 1],
        [second, 2],
        [third, 3],
        [second, 2],
      ] as const) {
        await mesh.send(event, { sequence });
      }
      const marker = applied(customerId, orderId, 1000);
      await mesh.send(marker, { sequence: 4 });
      await mesh.effect("customer", marker.eventId);
      expect(await spend(customerId)).toBe(1111);
      const rows = await mesh.rows<{ event_sequence: string }>(
        "customer",
        "SELECT event_sequence FROM weft.inbox_effects WHERE aggregate_id = $1 ORDER BY event_sequence",
        [orderId],
      );
      expect(rows.map(({ event_sequence }) => Number(event_sequence))).toEqual([1, 2, 3, 4]);
    });

    it("has one effect in each of two subscribers", async () => {
      const customerId = await customer();
      const productId = await product();
      const review = envelope("ReviewSubmitted", { reviewId: unique("rev"), productId, customerId, rating: 5 });
      await mesh.send(review);
      await mesh.send(review);
      const marker = envelope("ReviewSubmitted", { reviewId: unique("rev"), productId, customerId, rating: 1 });
      // In the partition of the first: read after its repetition.
      const { partition } = (await mesh.events(review.data.reviewId, 2))[0]!;
      await mesh.send(marker, { partition });
      for (const database of ["catalog", "customer"]) {
        await mesh.effect(database, marker.eventId);
        await mesh.effect(database, review.eventId);
        expect(await mesh.effects(database, review.eventId)).toBe(1);
      }
      expect((await mesh.api("GET", `/v1/catalog/products/${productId}`)).data.rating).toEqual({
        average: 3,
        count: 2,
      });
      expect((await mesh.api("GET", `/v1/customers/${customerId}/activity`)).data.activity).toHaveLength(2);
    });

    it("is read in a newer minor than ours, with fields that we do not know", async () => {
      const productId = await product();
      const data = { reviewId: unique("rev"), productId, customerId: unique("cust"), rating: 3, photos: ["a.jpg"] };
      const event = envelope("ReviewSubmitted", data, { version: "1.7" });
      await mesh.send({ ...event, tenant: "north" });
      await mesh.effect("catalog", event.eventId);
      expect((await mesh.api("GET", `/v1/catalog/products/${productId}`)).data.rating.count).toBe(1);
    });
  });
}
