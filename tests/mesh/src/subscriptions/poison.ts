import { randomUUID } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import { encodeWire } from "@weft/contracts";
import { envelope, type MeshFixture, unique } from "../http/mesh-fixture.ts";
import { things } from "../http/things.ts";

const topic = "review.events";
/** Both read the topic, so each has a dead letter of its own. */
const groups = ["catalog-service", "customer-service"];

/** Records that can never be handled: they go aside with all that is known of them, and harm nobody else. */
export function poisonTests(mesh: MeshFixture) {
  const { product } = things(mesh);
  const good = (changes: object = {}) => ({
    reviewId: unique("rev"),
    productId: unique("prod"),
    customerId: unique("cust"),
    rating: 5,
    ...changes,
  });
  /** The schema id that good events of this type carry. */
  const schemaIdOf = async (): Promise<number> => {
    const { reviewId } = (await mesh.publish("ReviewSubmitted", good(), "catalog")).data;
    return (await mesh.events(reviewId))[0]!.value!.readUInt32BE(1);
  };
  const json = async (value: unknown) => encodeWire(await schemaIdOf(), JSON.stringify(value));

  const poisons: [name: string, reason: string | RegExp, value: () => Promise<Buffer>][] = [
    ["bytes that are nothing", "undecodable", async () => Buffer.from(`not an event ${randomUUID()}`)],
    [
      "JSON without the five bytes",
      "undecodable",
      async () => Buffer.from(JSON.stringify(envelope("ReviewSubmitted", good()))),
    ],
    [
      "five bytes and half a JSON",
      "undecodable",
      async () => encodeWire(await schemaIdOf(), `{"eventId":"${randomUUID()}"`),
    ],
    [
      "a schema id that nobody registered",
      "unknown_schema",
      async () => encodeWire(987_654, JSON.stringify(envelope("ReviewSubmitted", good()))),
    ],
    [
      "a rating that the schema refuses",
      "schema_invalid",
      () => json(envelope("ReviewSubmitted", good({ rating: 9 }) as never)),
    ],
    [
      "a field that is missing",
      "schema_invalid",
      () => json(envelope("ReviewSubmitted", good({ productId: undefined }) as never)),
    ],
    [
      "an envelope without an id",
      "schema_invalid",
      () => json({ ...envelope("ReviewSubmitted", good()), eventId: undefined }),
    ],
    [
      "more bytes than an event may take",
      "too_large",
      () => json(envelope("ReviewSubmitted", good({ content: "x".repeat(920_000) }))),
    ],
    // A schema id stands for one type; what says that it is another one is not what the schema describes.
    [
      "a type that nobody declares",
      /^(unknown_type|schema_invalid)$/,
      () => json(envelope("ReviewSubmitted", good(), { eventType: "ReviewEaten" })),
    ],
    [
      "a major that nobody reads",
      /^(unknown_version|schema_invalid)$/,
      () => json(envelope("ReviewSubmitted", good(), { version: "2.0" })),
    ],
  ];

  describe("a record that can never be handled", () => {
    it.each(poisons)("goes to the dead letters of each group, whole: %s", async (_name, reason, make) => {
      const value = await make();
      const key = unique("poison");
      const timestampMs = Date.now() - 60_000;
      const partition = 3;
      await mesh.broker.send([
        { topic, key, value, headers: { "x-own": "kept", "event-id": key }, partition, timestampMs },
      ]);
      // A good event behind it in the same partition still has its effect.
      const productId = await product();
      const next = envelope("ReviewSubmitted", good({ productId }));
      await mesh.send(next, { partition });
      await mesh.effect("catalog", next.eventId);
      await mesh.effect("customer", next.eventId);
      expect((await mesh.api("GET", `/v1/catalog/products/${productId}`)).data.rating).toEqual({
        average: 5,
        count: 1,
      });

      for (const group of groups) {
        const letter = await mesh.deadLetter(group, value);
        expect(letter).toMatchObject({ topic: `${group}.dlq`, key, timestampMs });
        expect(letter.headers).toMatchObject({
          "x-own": "kept",
          "event-id": key,
          "dlq-reason": expect.stringMatching(reason),
          "dlq-error": expect.stringMatching(/.+/),
          "dlq-topic": topic,
          "dlq-partition": String(partition),
          "dlq-offset": expect.stringMatching(/^\d+$/),
          "dlq-timestamp": expect.stringContaining(String(timestampMs)),
          "dlq-consumer": group,
          "dlq-attempts": expect.stringMatching(/^\d+$/),
          "dlq-failed-at": expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        });
        const letters = mesh.records((record) => record.topic === `${group}.dlq` && record.key === key);
        expect(letters).toHaveLength(1);
      }
    });

    it("of a numbered producer leaves a gap, and the next event of its key goes on", async () => {
      const productId = await product();
      const reviewId = unique("rev");
      const data = good({ reviewId, productId });
      const from = "pending";
      const moderatedAt = new Date().toISOString();
      const broken = await mesh.send(envelope("ReviewSubmitted", { ...data, rating: 0 } as never), { sequence: 1 });
      const after = envelope("ReviewModerated", { ...data, from, to: "approved", moderatedAt });
      await mesh.send(after, { sequence: 2 });
      await mesh.effect("catalog", after.eventId);
      expect((await mesh.deadLetter("catalog-service", broken)).headers["dlq-reason"]).toBe("schema_invalid");
      expect((await mesh.api("GET", `/v1/catalog/products/${productId}`)).data.rating).toEqual({
        average: 5,
        count: 1,
      });
    });
  });

  describe("records that are no poison", () => {
    it("tombstones are skipped: no dead letter, and what follows has its effect", async () => {
      const partition = 4;
      const key = unique("tomb");
      await mesh.broker.send([{ topic, key, value: null, headers: {}, partition }]);
      await mesh.broker.send([{ topic, key: null, value: null, headers: {}, partition }]);
      const next = envelope("ReviewSubmitted", good());
      await mesh.send(next, { partition });
      for (const database of ["catalog", "customer"]) await mesh.effect(database, next.eventId);
      expect(mesh.records((record) => record.topic.endsWith(".dlq") && record.key === key)).toEqual([]);
    });

    it("events of the topic that a service does not read are passed over by it", async () => {
      // customer.events and promotion.events: catalog reads PromotionCreated, not PromotionApplied; customer the other way round.
      const orderId = unique("order");
      const applied = envelope("PromotionApplied", {
        promotionId: "p",
        orderId,
        customerId: unique("cust"),
        discountAmount: 1,
      });
      await mesh.send(applied, { partition: 5 });
      const promotionId = unique("promo");
      const created = envelope("PromotionCreated", {
        promotionId,
        name: "N",
        type: "free_shipping",
        rules: { conditions: { productIds: ["nothing"] } },
        effectiveFrom: "2026-01-01T00:00:00Z",
        effectiveTo: "2027-01-01T00:00:00Z",
      });
      await mesh.send(created, { partition: 5 });
      await mesh.effect("catalog", created.eventId);
      await mesh.effect("customer", applied.eventId);
      expect(await mesh.effects("catalog", applied.eventId)).toBe(0);
      const letters = mesh.records(
        ({ topic: name, key }) => name.endsWith(".dlq") && [orderId, promotionId].includes(key ?? ""),
      );
      expect(letters).toEqual([]);
    });
  });
}
