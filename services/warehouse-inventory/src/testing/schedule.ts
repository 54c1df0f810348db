import { type Clock, type Logger, newContext, silentLogger, WeftError } from "@weft/core";
import type { ReceivedEvent } from "@weft/messaging";
import type { Transaction } from "@weft/outbox";
import fc from "fast-check";
import { subscriptions } from "../adapters/events/subscriptions.ts";
import type { ReservationStore, StockStore } from "../application/ports.ts";
import { manageReservations } from "../application/reservations.ts";
import { manageStock } from "../application/stock.ts";
import { type Goods, mergedItems } from "../domain/reservation.ts";

/** One thing that happens to the service, in whatever order, as often as it likes. */
export type Step =
  | { kind: "count"; productId: string; warehouseId: string; onHand: number }
  | { kind: "reserve" | "created"; id: string; goods: Goods }
  | { kind: "release" | "cancelled" | "shipped"; id: string }
  | { kind: "pass"; ms: number }
  | { kind: "sweep" };

const ids = ["shp_1", "shp_2", "shp_3", "shp_4"];
export const productIds = ["prod_a", "prod_b", "prod_c"];
export const warehouseIds = ["wh_1", "wh_2"];
export const ttlMs = 60_000;

// Few ids and places, so that the steps get into each other's way.
const id = fc.constantFrom(...ids);
const productId = fc.constantFrom(...productIds);
const warehouseId = fc.constantFrom(...warehouseIds, "wh_1", "wh_1");
const goods = fc.record({
  orderId: fc.constant("order_1"),
  warehouseId,
  items: fc
    .array(fc.record({ productId, quantity: fc.integer({ min: 1, max: 4 }) }), { minLength: 1, maxLength: 3 })
    .map(mergedItems),
});
/** Mostly what was asked for first is asked for again. */
const usual: Goods = {
  orderId: "order_1",
  warehouseId: "wh_1",
  items: [
    { productId: "prod_a", quantity: 2 },
    { productId: "prod_b", quantity: 1 },
  ],
};
const goodsOfStep = fc.oneof({ weight: 3, arbitrary: fc.constant(usual) }, { weight: 2, arbitrary: goods });

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("count" as const),
      productId,
      warehouseId,
      onHand: fc.integer({ min: 0, max: 9 }),
    }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("reserve" as const), id, goods: goodsOfStep }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("created" as const), id, goods: goodsOfStep }) },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constantFrom("release" as const, "cancelled" as const, "shipped" as const), id }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("pass" as const), ms: fc.constantFrom(1000, 30_000, ttlMs) }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: "sweep" as const }) },
);

/** Begins with something in the usual places; otherwise nearly everything would be refused. */
export const schedules = (maxLength: number) =>
  fc
    .array(step, { maxLength })
    .map((steps): Step[] => [
      ...usual.items.map(
        (item): Step => ({ kind: "count", productId: item.productId, warehouseId: "wh_1", onHand: 5 }),
      ),
      ...steps,
    ]);

/** A clock that goes only when it is told to. */
export function handClock() {
  let nowMs = Date.parse("2026-03-01T10:00:00Z");
  return {
    now: () => new Date(nowMs),
    pass(ms: number) {
      nowMs += ms;
    },
  };
}

export interface PlayerParts {
  stocks: StockStore;
  reservations: ReservationStore;
  clock: Clock & { pass(ms: number): void };
  log?: Logger;
  /** Runs a handler as the consumer does. @defaultValue without an inbox */
  deliver?: (effect: (tx: Transaction) => Promise<void>) => Promise<void>;
}

/** Plays steps on real use cases and handlers. @returns the code of the refusal, or "OK" */
export function player({ stocks, reservations: store, clock, log = silentLogger, deliver }: PlayerParts) {
  const manage = manageStock({ stocks });
  const reservations = manageReservations({ reservations: store, clock, log }, { ttlMs, batchSize: 2 });
  const handlers = subscriptions({ reservations });
  let events = 0;

  async function tell(type: "ShipmentCreated" | "ShipmentStatusChanged", data: object): Promise<void> {
    events += 1;
    const event = { id: `evt_${events}`, type, data, context: newContext() } as unknown as ReceivedEvent;
    const effect = (tx: Transaction) => handlers.find((one) => one.type === type)!.handle(event, tx);
    await (deliver ? deliver(effect) : effect(undefined as unknown as Transaction));
  }

  function perform(step: Step): Promise<unknown> {
    switch (step.kind) {
      case "count":
        return manage.count(step.productId, step.warehouseId, step.onHand);
      case "reserve":
        return reservations.reserve(step.id, step.goods);
      case "release":
        return reservations.release(step.id);
      case "created": {
        const { orderId, warehouseId, items } = step.goods;
        const fulfillmentEntity = { type: "warehouse", id: warehouseId };
        return tell("ShipmentCreated", { shipmentId: step.id, orderId, fulfillmentEntity, items });
      }
      case "cancelled":
      case "shipped":
        return tell("ShipmentStatusChanged", { shipmentId: step.id, to: step.kind });
      case "pass":
        return Promise.resolve(clock.pass(step.ms));
      case "sweep":
        return reservations.sweep();
    }
  }

  return {
    async play(step: Step): Promise<string> {
      try {
        await perform(step);
        return "OK";
      } catch (error) {
        if (error instanceof WeftError) return error.code;
        throw error;
      }
    },
    stockOf: (productId: string, warehouseId: string) => stocks.find(productId, warehouseId),
  };
}
