import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { Goods } from "./domain/reservation.ts";
import { handClock, player, productIds, type Step, schedules, ttlMs, warehouseIds } from "./testing/schedule.ts";
import { storesInMemory } from "./testing/stores-in-memory.ts";

/** The rules again, as a person would keep the books: who has a claim on what until when, and what is on the shelves. */
class Books {
  private readonly claims = new Map<string, { goods: Goods; until: number }>();
  /** Shipments that are over, and those that left before anybody knew with what. */
  private readonly cancelled = new Set<string>();
  private readonly shipped = new Map<string, Goods | undefined>();
  private readonly lastGoods = new Map<string, Goods>();
  private readonly shelves = new Map<string, number>();
  /** Places where less than nothing may be available: a count lowered it, or a shipment came that nothing was held for. */
  readonly excused = new Set<string>();
  private now = 0;

  onHand = (place: string) => this.shelves.get(place);
  reserved(place: string): number {
    return [...this.claims.values()].reduce((sum, { goods }) => sum + unitsAt(goods, place), 0);
  }
  get openIds() {
    return [...this.claims.keys()];
  }

  /** @returns what the service must answer */
  keep(step: Step): string {
    if (step.kind === "pass") this.now += step.ms;
    else if (step.kind === "sweep") {
      for (const [id, { until }] of this.claims) if (until <= this.now) this.claims.delete(id);
    } else if (step.kind === "count") {
      const place = placeOf(step);
      if (step.onHand < this.reserved(place)) this.excused.add(place);
      this.shelves.set(place, step.onHand);
    } else if (step.kind === "reserve") return this.reserve(step.id, step.goods);
    else if (step.kind === "created") this.created(step.id, step.goods);
    else if (step.kind === "release") this.claims.delete(step.id);
    else if (step.kind === "cancelled" && !this.shipped.has(step.id)) {
      this.cancelled.add(step.id);
      this.claims.delete(step.id);
    } else if (step.kind === "shipped" && !this.shipped.has(step.id) && !this.cancelled.has(step.id)) {
      this.leave(step.id, this.claims.get(step.id)?.goods ?? this.lastGoods.get(step.id));
    }
    return "OK";
  }

  private reserve(id: string, goods: Goods): string {
    const claim = this.claims.get(id);
    const isOpen = claim !== undefined && claim.until > this.now;
    const known = isOpen ? claim.goods : this.shipped.get(id);
    if (isOpen || this.shipped.has(id)) {
      if (JSON.stringify(known) !== JSON.stringify(goods)) return "CONFLICT";
      if (isOpen) claim.until = Math.max(claim.until, this.now + ttlMs);
      return "OK";
    }
    const mine = (place: string) => (claim ? unitsAt(claim.goods, place) : 0);
    const wanted = goods.items.map((item) => ({ ...item, place: `${item.productId} ${goods.warehouseId}` }));
    const more = wanted.filter(({ place, quantity }) => quantity > mine(place));
    if (more.some(({ place }) => this.onHand(place) === undefined)) return "STOCK_NOT_FOUND";
    const left = (place: string) => (this.onHand(place) as number) - this.reserved(place) + mine(place);
    if (more.some(({ place, quantity }) => quantity > left(place))) return "INSUFFICIENT_STOCK";
    this.claims.set(id, { goods, until: this.now + ttlMs });
    this.lastGoods.set(id, goods);
    return "OK";
  }

  private created(id: string, goods: Goods): void {
    if (this.cancelled.has(id)) return;
    if (this.shipped.has(id)) {
      if (this.shipped.get(id) === undefined) this.leave(id, goods);
      return;
    }
    if (this.claims.get(id)?.until === Number.POSITIVE_INFINITY) return;
    const before = this.claims.get(id)?.goods;
    for (const place of places) if (unitsAt(goods, place) > unitsAt(before, place)) this.excused.add(place);
    this.claims.set(id, { goods, until: Number.POSITIVE_INFINITY });
    this.lastGoods.set(id, goods);
  }

  private leave(id: string, goods: Goods | undefined): void {
    const before = this.claims.get(id)?.goods;
    this.claims.delete(id);
    this.shipped.set(id, goods);
    for (const place of places) {
      const units = unitsAt(goods, place);
      if (units > unitsAt(before, place)) this.excused.add(place);
      if (this.shelves.has(place)) this.shelves.set(place, Math.max(0, this.shelves.get(place)! - units));
    }
  }
}

const placeOf = ({ productId, warehouseId }: { productId: string; warehouseId: string }) =>
  `${productId} ${warehouseId}`;
const places = productIds.flatMap((productId) =>
  warehouseIds.map((warehouseId) => placeOf({ productId, warehouseId })),
);
const unitsAt = (goods: Goods | undefined, place: string): number =>
  goods?.items.find(({ productId }) => `${productId} ${goods.warehouseId}` === place)?.quantity ?? 0;

describe("any schedule of requests, events and time", () => {
  it("leaves what the books say, promises nothing twice, and leaks nothing in the end", async () => {
    const seen = { conflicts: 0, short: 0, negative: 0, expired: 0 };
    await fc.assert(
      fc.asyncProperty(schedules(40), async (steps) => {
        const clock = handClock();
        const { play, stockOf } = player({ ...storesInMemory(), clock });
        const books = new Books();

        async function playAndCompare(step: Step): Promise<void> {
          const open = books.openIds.length;
          const expected = books.keep(step);
          expect([step, await play(step)]).toEqual([step, expected]);
          if (expected === "CONFLICT") seen.conflicts += 1;
          if (expected === "INSUFFICIENT_STOCK") seen.short += 1;
          if (step.kind === "sweep" && books.openIds.length < open) seen.expired += 1;
          for (const place of places) {
            const [productId, warehouseId] = place.split(" ") as [string, string];
            const stock = await stockOf(productId, warehouseId);
            const onHand = books.onHand(place);
            expect(stock?.onHand).toBe(onHand);
            if (stock === undefined) continue;
            expect({ place, reserved: stock.reserved }).toEqual({ place, reserved: books.reserved(place) });
            expect(stock.onHand).toBeGreaterThanOrEqual(0);
            if (stock.onHand < stock.reserved) {
              seen.negative += 1;
              expect(books.excused).toContain(place);
            }
          }
        }

        for (const step of steps) await playAndCompare(step);
        await playAndCompare({ kind: "pass", ms: ttlMs });
        await playAndCompare({ kind: "sweep" });
        for (const [n, id] of books.openIds.entries())
          await playAndCompare({ kind: n % 2 ? "shipped" : "cancelled", id });
        for (const place of places) {
          const [productId, warehouseId] = place.split(" ") as [string, string];
          expect((await stockOf(productId, warehouseId))?.reserved ?? 0).toBe(0);
        }
      }),
      { numRuns: 1500 },
    );
    // Schedules that never get to the interesting places would show nothing.
    for (const times of Object.values(seen)) expect(times).toBeGreaterThan(50);
  });
});
