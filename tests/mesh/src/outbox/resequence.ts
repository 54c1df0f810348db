import { beforeEach, describe, expect, it } from "@jest/globals";
import type { PostgresServer } from "./fixtures.ts";
import { Shop } from "./shop.ts";

export function resequenceTests(server: () => PostgresServer): void {
  describe("resequence", () => {
    let shop: Shop;
    beforeEach(async () => {
      shop = await Shop.open(server());
      for (const price of [1, 2, 3]) for (const id of ["a", "b", "c"]) await shop.price(id, price);
      expect(await shop.settle()).toEqual({ applied: 9 });
    });

    const agree = async () => {
      const { published, told } = await shop.books();
      expect(told).toEqual(published);
      expect(await shop.troubles()).toEqual([]);
      expect(await shop.resequence(true)).toEqual({ matched: 0, done: 0, failed: 0, events: 0, matches: [] });
    };

    it("changes nothing where nothing went back, also with events that wait", async () => {
      await shop.price("a", 4);
      expect(await shop.resequence()).toEqual({ matched: 0, done: 0, failed: 0, events: 0, matches: [] });
      expect(await shop.settle()).toEqual({ applied: 1 });
      await agree();
    });

    it("gives events that wait the next sequences after a restore, and the counters of what the backup does not know", async () => {
      const restore = await shop.backup();
      for (const id of ["a", "a", "b", "new"]) await shop.price(id, 10);
      await shop.settle();
      await restore();
      for (const [id, price] of [
        ["a", 21],
        ["a", 22],
        ["b", 23],
        ["c", 24],
      ] as const)
        await shop.price(id, price);
      const matches = ["a 5→7 2", "b 4→5 1", "new 0→1 0"];
      expect(await shop.resequence(true)).toEqual({ matched: 3, done: 0, failed: 0, events: 3, matches });
      expect(await shop.resequence(true)).toMatchObject({ matched: 3, matches }); // a dry run changes nothing
      expect(await shop.resequence()).toEqual({ matched: 3, done: 3, failed: 0, events: 3, matches });
      const operations = await shop.query("SELECT actor, action, selector, matched, done FROM weft.operations");
      expect(operations.rows).toEqual([
        { actor: "test", action: "outbox resequence", selector: "all", matched: 3, done: 3 },
      ]);
      await shop.price("new", 25);
      expect(await shop.settle()).toEqual({ applied: 5 });
      await agree();
    });

    it("sends again what had gone out with sequences of others, and leaves readers with the newest state", async () => {
      await shop.query("UPDATE weft.aggregates SET last_sequence = 1 WHERE aggregate_id IN ('a', 'b')");
      for (const price of [11, 12, 13, 14]) await shop.price("a", price); // 2 and 3 are reused, 4 and 5 are the next ones
      await shop.price("b", 15);
      expect(await shop.settle()).toEqual({ reused: 3, applied: 2 });
      expect(await shop.troubles()).toEqual(["reused 3"]);
      expect(await shop.resequence()).toMatchObject({
        matched: 2,
        done: 2,
        events: 3,
        matches: ["a 5→7 2", "b 2→4 1"],
      });
      expect(await shop.settle()).toEqual({ applied: 3 });
      expect(
        shop.topic
          .slice(-3)
          .map(({ aggregateId, sequence, place }) => [aggregateId, sequence, Math.round(place * 100)]),
      ).toEqual(
        expect.arrayContaining([
          ["a", 6, 333],
          ["a", 7, 367],
          ["b", 4, 400],
        ]),
      );
      await agree();
      await shop.price("a", 16);
      expect(await shop.settle()).toEqual({ applied: 1 });
      await agree();
    });

    it("does not believe a sequence that stands alone, and sends again what the topic has lost", async () => {
      shop.topic.push({ aggregateId: "c", sequence: 1000, eventId: "foreign", place: 1000, price: 0 });
      expect(await shop.settle()).toEqual({ jumped: 1 });
      expect(await shop.resequence(true)).toMatchObject({ matched: 0 });
      await shop.price("b", 4);
      await shop.settle();
      // 5 is lost before anybody has read it; 6 comes, and cannot be right.
      await shop.price("b", 5);
      await shop.query("UPDATE weft.outbox SET published_at = now() - interval '1 s' WHERE published_at IS NULL");
      await shop.price("b", 6);
      expect(await shop.settle()).toEqual({ jumped: 1 });
      expect(await shop.troubles()).toEqual(["jumped 2"]);
      expect(await shop.resequence()).toMatchObject({ matched: 1, done: 1, events: 2, matches: ["b 6→6 2"] });
      expect(await shop.settle()).toEqual({ applied: 2 });
      expect(await shop.troubles()).toEqual(["jumped 1"]);
      const { published, told } = await shop.books();
      expect(told).toEqual(published);
    });
  });
}
