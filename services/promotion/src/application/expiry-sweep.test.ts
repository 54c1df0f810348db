import { describe, expect, it } from "@jest/globals";
import { silentLogger } from "@weft/core";
import { createPromotion, type Promotion, type StatusChange } from "../domain/promotion.ts";
import { expirySweep } from "./expiry-sweep.ts";
import type { PromotionStore } from "./ports.ts";

const now = new Date("2026-04-01T00:00:00Z");
const promotion = (id: number, effectiveTo: Date): Promotion =>
  createPromotion(
    {
      promotionId: `promo_${id}`,
      name: "Any",
      type: "free_shipping",
      rules: {},
      effectiveFrom: new Date(0),
      effectiveTo,
      status: id % 2 ? "active" : "inactive",
    },
    new Date(0),
  );

describe("expiry sweep", () => {
  it("expires everything that is over, batch after batch, once", async () => {
    const rows = [1, 2, 3, 4, 5].map((id) => promotion(id, id === 5 ? new Date(now.getTime() + 1) : now));
    const published: StatusChange[] = [];
    const promotions = {
      overdue: async (at: Date, limit: number) =>
        rows
          .filter((row) => row.status !== "expired" && row.effectiveTo <= at)
          .slice(0, limit)
          .map((row) => row.promotionId),
      async change(id: string, decide: (promotion: Promotion) => StatusChange | undefined) {
        const row = rows.find(({ promotionId }) => promotionId === id)!;
        const change = decide(row);
        if (change) {
          row.status = change.to;
          published.push(change);
        }
        return row;
      },
    } as unknown as PromotionStore;
    const sweep = expirySweep({ promotions, clock: { now: () => now }, log: silentLogger }, { batchSize: 2 });

    expect(await sweep.sweep()).toBe(4);
    expect(await sweep.sweep()).toBe(0);
    expect(published.map(({ promotionId, from, to }) => [promotionId, from, to])).toEqual([
      ["promo_1", "active", "expired"],
      ["promo_2", "inactive", "expired"],
      ["promo_3", "active", "expired"],
      ["promo_4", "inactive", "expired"],
    ]);
  });

  it("sweeps at its interval, goes on after a failure and says so in between", async () => {
    let looks = 0;
    const seen = Promise.withResolvers<void>();
    const promotions = {
      async overdue() {
        looks += 1;
        if (looks === 1) throw new Error("away");
        seen.resolve();
        return [];
      },
    } as unknown as PromotionStore;
    const states: string[] = [];
    const log = { ...silentLogger, warn: () => states.push(String((sweep.health!() as { status: string }).status)) };
    const sweep = expirySweep({ promotions, clock: { now: () => now }, log }, { intervalMs: 5 });
    await sweep.start();
    await seen.promise;
    await sweep.stop();
    expect(states).toEqual(["degraded"]);
    expect(sweep.health!()).toEqual({ status: "healthy" });
  });
});
