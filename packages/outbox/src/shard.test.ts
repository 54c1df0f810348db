import { describe, expect, it } from "@jest/globals";
import { shardCount, shardOf } from "./shard.ts";

describe("shards", () => {
  it("never change: they are in the rows of every database", () => {
    expect(shardOf("pricing.events", "prod_1")).toBe(shardOf("pricing.events", "prod_1"));
    expect(["a", "b", "prod_1", "prömo_1", "cust_demo"].map((id) => shardOf("pricing.events", id))).toEqual([
      9, 6, 14, 10, 0,
    ]);
  });

  it("share aggregates out evenly", () => {
    const counts = new Array<number>(shardCount).fill(0);
    for (let n = 0; n < 16_000; n++) counts[shardOf("promotion.events", `promo_${n}`)]! += 1;
    for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(200);
  });
});
