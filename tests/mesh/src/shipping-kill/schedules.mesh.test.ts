import { describe, expect, it } from "@jest/globals";
import { currentContext, DependencyFailed, newContext, runInContext, silentLogger, WeftError } from "@weft/core";
import { CommitUnknown, DatabaseUnavailable } from "@weft/outbox";
import fc from "fast-check";
import { buildApp } from "../../../../services/shipping/src/app.ts";
import type { ShipmentStore, Stock as StockOfShipping } from "../../../../services/shipping/src/application/ports.ts";
import {
  InsufficientStock,
  ShipmentExists,
  ShipmentNotFound,
} from "../../../../services/shipping/src/domain/errors.ts";
import type { Shipment, ShipmentStatus } from "../../../../services/shipping/src/domain/shipment.ts";
import type { ReservationStore } from "../../../../services/warehouse-inventory/src/application/ports.ts";
import { manageReservations } from "../../../../services/warehouse-inventory/src/application/reservations.ts";
import {
  claims,
  mergedItems,
  type Reservation,
} from "../../../../services/warehouse-inventory/src/domain/reservation.ts";
import { moved, movements, type Stock } from "../../../../services/warehouse-inventory/src/domain/stock.ts";

/**
 * Shipping and inventory as they are, from the route down to the rules of both, over stores in memory. Each thing that they ask
 * of a store or of each other waits until the schedule lets it happen, not happen, or happen unnoticed; a crash forgets what
 * waits, and what was on its way may still arrive.
 */

const ttlMs = 60_000;
const requestTimeoutMs = 15_000;
/** A moment; as long as a request may take; almost and more than a hold lasts. */
const waitsMs = [1, requestTimeoutMs, ttlMs - 5_000, ttlMs + 1];
const warehouseId = "wh_1";
const counted = { prod_1: 4, prod_2: 2 };

interface ShopRequest {
  key?: string;
  shipmentId?: string;
  type?: "store";
  quantities: Partial<typeof counted>;
}

const requests: ShopRequest[] = [
  { key: "key-1", quantities: { prod_1: 2 } },
  { key: "key-2", quantities: { prod_1: 3, prod_2: 1 } },
  { key: "key-3", shipmentId: "shp_own", quantities: { prod_2: 2 } },
  { shipmentId: "shp_own", quantities: { prod_1: 1, prod_2: 1 } },
  { quantities: { prod_1: 1, prod_2: 2 } },
  { key: "key-4", type: "store", quantities: { prod_1: 9 } },
];
const orderOf = (request: number) => `order_${request}`;

type Outcome = "done" | "not-done" | "done-unnoticed";
type Command =
  /** Goes the first few steps at once. */
  | { do: "request"; request: number; steps: number }
  | { do: "step"; pick: number; outcome: Outcome }
  | { do: "crash" }
  | { do: "arrive"; pick: number }
  | { do: "change"; pick: number; to: ShipmentStatus }
  | { do: "deliver"; pick: number; outcome: Outcome }
  | { do: "wait"; ms: number };

type Answer = { status: number; shipmentId?: string };
type Event = { created: Shipment } | { changed: ShipmentStatus };

/** An effect that waits for the schedule. */
interface Step {
  run(outcome: Outcome): Promise<void>;
  /** What may still arrive when its sender is dead. */
  sent?: () => unknown;
}

class AnswerKnown extends Error {}

class World {
  private now = new Date("2026-03-01T00:00:00Z");
  private readonly clock = { now: () => this.now };
  private steps: Step[] = [];
  private onTheWay: (() => unknown)[] = [];
  /** When each request that is in hand began. */
  private inHand = new Set<{ since: Date }>();

  readonly shipments = new Map<string, Shipment>();
  /** By shipment: its events, how far they were applied, and how far the consumer has noted that. */
  readonly topic = new Map<string, { events: Event[]; applied: number; offset: number }>();
  readonly stored = new Map<string, Answer>();
  readonly acknowledged: { request: number; shipmentId: string }[] = [];
  readonly sent: number[] = [];
  readonly reservations = new Map<string, Reservation>();
  readonly stocks = new Map<string, Stock>(
    Object.entries(counted).map(([productId, onHand]) => [productId, { productId, warehouseId, onHand, reserved: 0 }]),
  );

  private readonly inventory = manageReservations(
    { reservations: this.reservationStore(), clock: this.clock, log: silentLogger },
    { ttlMs },
  );
  private readonly routes = buildApp({
    shipments: this.shipmentStore(),
    stock: this.stockOfShipping(),
    clock: this.clock,
    log: silentLogger,
  }).routes;

  async perform(command: Command): Promise<void> {
    switch (command.do) {
      case "request":
        this.request(command.request);
        for (let n = 0; n < command.steps; n++) {
          await new Promise(setImmediate);
          await this.steps.pop()?.run("done");
        }
        break;
      case "step":
        await taken(this.steps, command.pick)?.run(command.outcome);
        break;
      case "crash":
        this.onTheWay.push(...this.steps.flatMap(({ sent }) => sent ?? []));
        this.steps = [];
        this.inHand.clear();
        break;
      case "arrive":
        await Promise.resolve(taken(this.onTheWay, command.pick)?.()).catch(() => {});
        break;
      case "change": {
        const shipmentId = [...this.shipments.keys()][command.pick % (this.shipments.size || 1)];
        if (shipmentId !== undefined) this.begin(() => this.patch(shipmentId, command.to));
        break;
      }
      case "deliver":
        await this.deliver(command.pick, command.outcome);
        break;
      case "wait":
        this.now = new Date(this.now.getTime() + command.ms);
        await this.inventory.sweep();
        break;
    }
    await new Promise(setImmediate); // what goes on now goes on until it waits again
  }

  /** Nobody dies any more: everything in hand ends, who has no answer asks again, every event arrives, every hold expires. */
  async settle(): Promise<void> {
    await this.finishSteps();
    for (const request of new Set(this.sent)) {
      const { key } = requests[request]!;
      if (key === undefined || this.acknowledged.some((one) => one.request === request)) continue;
      this.request(request);
      await this.finishSteps();
    }
    while (this.onTheWay.length > 0) await this.perform({ do: "arrive", pick: 0 });
    await this.deliverAll();
    await this.perform({ do: "wait", ms: ttlMs + 1 });
  }

  async deliverAll(): Promise<void> {
    for (const { events, offset } of this.topic.values()) {
      for (let n = offset; n < events.length; n++) {
        const pick = [...this.topic.values()].filter(isBehind).findIndex((one) => one.events === events);
        await this.perform({ do: "deliver", pick, outcome: "done" });
      }
    }
  }

  /** How long it can be until the oldest request in hand reaches its bound. */
  patienceMs(): number {
    const oldest = Math.min(...[...this.inHand].map(({ since }) => since.getTime()));
    return oldest + requestTimeoutMs - this.now.getTime();
  }

  private async finishSteps(): Promise<void> {
    await new Promise(setImmediate);
    while (this.steps.length > 0) await this.perform({ do: "step", pick: 0, outcome: "done" });
  }

  private atStep<T>(effect: () => T | Promise<T>, failure: (outcome: Outcome) => Error, isSent = false): Promise<T> {
    return new Promise((resolve, reject) => {
      this.steps.push({
        async run(outcome) {
          if (outcome === "not-done") return reject(failure(outcome));
          try {
            const result = await effect();
            if (outcome === "done") resolve(result);
            else reject(failure(outcome));
          } catch (error) {
            reject(error);
          }
        },
        ...(isSent ? { sent: effect } : {}),
      });
    });
  }

  /** Work that the process forgets when it dies; what it ends with is nobody's here. */
  private begin(work: () => Promise<void>): void {
    const request = { since: this.now };
    this.inHand.add(request);
    void work()
      .catch(() => {})
      .finally(() => this.inHand.delete(request));
  }

  /** The first time or again; nobody hears the answer of a process that dies before it is sent. */
  private request(number: number): void {
    this.sent.push(number);
    this.begin(async () => {
      const { status, shipmentId } = await this.answered(number);
      await this.atStep(() => {}, lost);
      if (status === 201) this.acknowledged.push({ request: number, shipmentId: shipmentId! });
    });
  }

  private async patch(shipmentId: string, status: ShipmentStatus): Promise<void> {
    const route = this.routes.find(({ method }) => method === "PATCH")!;
    await route.handle({ params: { shipmentId }, query: undefined, body: { status }, context: newContext() });
  }

  /** What an `Idempotency-Key` does: the stored answer, or the work with its answer in one commit; a refusal is stored after it. */
  private async answered(number: number): Promise<Answer> {
    const { key } = requests[number]!;
    const known = key === undefined ? undefined : await this.atStep(() => this.stored.get(key), unavailable);
    if (known) return known;
    try {
      return await this.handled(number);
    } catch (error) {
      if (error instanceof AnswerKnown) return this.stored.get(key!)!;
      if (!(error instanceof WeftError) || !["conflict", "exists"].includes(error.kind)) throw error;
      if (key === undefined) return { status: 409 };
      return this.atStep(() => {
        if (!this.stored.has(key)) this.stored.set(key, { status: 409 });
        return this.stored.get(key)!;
      }, unavailable);
    }
  }

  private async handled(number: number): Promise<Answer> {
    const { key, shipmentId, type = "warehouse", quantities } = requests[number]!;
    const route = this.routes.find(({ method }) => method === "POST")!;
    const body = {
      ...(shipmentId === undefined ? {} : { shipmentId }),
      orderId: orderOf(number),
      customerId: "cust_1",
      fulfillmentEntity: { type, id: warehouseId },
      items: Object.entries(quantities).map(([productId, quantity]) => ({ productId, sku: productId, quantity })),
    };
    const context = newContext(key === undefined ? {} : { idempotencyKey: key });
    const { data } = await runInContext(context, () => route.handle({ params: {}, query: undefined, body, context }));
    return { status: 201, shipmentId: (data.shipment as Shipment).shipmentId };
  }

  private shipmentStore(): ShipmentStore {
    const failed = (outcome: Outcome) => (outcome === "not-done" ? unavailable() : new CommitUnknown());
    return {
      find: (id) => this.atStep(() => this.shipments.get(id), unavailable),
      list: async () => [],
      create: (shipment) => {
        const key = currentContext()?.idempotencyKey;
        const { shipmentId } = shipment;
        return this.atStep(() => {
          if (key !== undefined && this.stored.has(key)) throw new AnswerKnown();
          if (this.shipments.has(shipmentId)) throw new ShipmentExists({ shipmentId });
          this.shipments.set(shipmentId, shipment);
          this.topic.set(shipmentId, { events: [{ created: shipment }], applied: 0, offset: 0 });
          if (key !== undefined) this.stored.set(key, { status: 201, shipmentId });
        }, failed);
      },
      change: (shipmentId, decide) =>
        this.atStep(() => {
          const before = this.shipments.get(shipmentId);
          if (before === undefined) throw new ShipmentNotFound({ shipmentId });
          const change = decide(before);
          if (change === undefined) return before;
          const after = { ...before, status: change.to };
          this.shipments.set(shipmentId, after);
          this.topic.get(shipmentId)!.events.push({ changed: change.to });
          return after;
        }, failed),
    };
  }

  private stockOfShipping(): StockOfShipping {
    const reserve: StockOfShipping["reserve"] = async ({ reservationId, items, ...goods }) => {
      try {
        await this.inventory.reserve(reservationId, { ...goods, items: mergedItems(items) });
      } catch (error) {
        throw (error as WeftError).code === "INSUFFICIENT_STOCK"
          ? new InsufficientStock({ warehouseId, short: [] })
          : error;
      }
    };
    return {
      reserve: (reservation) => this.atStep(() => reserve(reservation), away, true),
      release: (reservationId) => this.atStep(() => this.inventory.release(reservationId), away, true),
    };
  }

  private reservationStore(): ReservationStore {
    return {
      change: async (id, decide, allow) => {
        const before = this.reservations.get(id);
        const after = decide(before);
        if (before === after || after === undefined) return { before, after, moves: [] };
        const moves = movements(before, after).map((movement) => {
          const stock = this.stocks.get(movement.productId);
          return { ...movement, stock: stock && moved(stock, movement) };
        });
        allow?.({ before, after, moves });
        this.reservations.set(id, after);
        for (const { stock } of moves) if (stock) this.stocks.set(stock.productId, stock);
        return { before, after, moves };
      },
      overdue: async (now, limit) =>
        [...this.reservations.values()]
          .filter(({ status, expiresAt }) => status === "held" && expiresAt! <= now)
          .slice(0, limit)
          .map(({ reservationId }) => reservationId),
    };
  }

  /** One key in order, at least once; the inbox drops what was applied before, in one transaction with the effect. */
  private async deliver(pick: number, outcome: Outcome): Promise<void> {
    const behind = [...this.topic].filter(([, queue]) => isBehind(queue));
    const [shipmentId, queue] = behind[pick % (behind.length || 1)] ?? [];
    if (shipmentId === undefined || queue === undefined || outcome === "not-done") return;
    if (queue.offset === queue.applied) {
      await this.apply(shipmentId, queue.events[queue.offset]!);
      queue.applied += 1;
    }
    if (outcome === "done") queue.offset += 1;
  }

  private async apply(shipmentId: string, event: Event): Promise<void> {
    if ("created" in event) {
      const { orderId, fulfillmentEntity, items } = event.created;
      if (fulfillmentEntity.type !== "warehouse") return;
      await this.inventory.confirm(shipmentId, { orderId, warehouseId, items: mergedItems(items) });
    } else if (event.changed === "cancelled") await this.inventory.cancel(shipmentId);
    else if (event.changed === "shipped") await this.inventory.ship(shipmentId);
  }
}

const isBehind = ({ events, offset }: { events: Event[]; offset: number }) => offset < events.length;
const taken = <T>(list: T[], pick: number): T | undefined => list.splice(pick % (list.length || 1), 1)[0];
const unavailable = () => new DatabaseUnavailable({ operation: "a statement" });
const away = () =>
  new DependencyFailed({ service: "warehouse-inventory-service", operation: "a call", cause: "connect" });
const lost = () => new Error("the answer did not arrive");

/** What the stocks must be once nothing is under way: what is open is reserved, what has left is gone. */
function booksOf({ shipments }: World) {
  const sum = (productId: string, statuses: ShipmentStatus[]) =>
    [...shipments.values()]
      .filter(({ status, fulfillmentEntity }) => statuses.includes(status) && fulfillmentEntity.type === "warehouse")
      .flatMap(({ items }) => items)
      .reduce((total, item) => total + (item.productId === productId ? item.quantity : 0), 0);
  return Object.entries(counted).map(([productId, onHand]) => ({
    productId,
    warehouseId,
    onHand: Math.max(0, onHand - sum(productId, ["shipped", "delivered"])),
    reserved: sum(productId, ["created", "picked"]),
  }));
}

/** At every moment: nothing below zero, and reserved is what reservations claim. */
function assertSane({ stocks, reservations }: World): void {
  for (const { productId, onHand, reserved } of stocks.values()) {
    const claimed = [...reservations.values()]
      .filter(claims)
      .flatMap(({ goods }) => goods?.items ?? [])
      .reduce((total, item) => total + (item.productId === productId ? item.quantity : 0), 0);
    expect({ productId, isNegative: onHand < 0 || reserved < 0, reserved }).toEqual({
      productId,
      isNegative: false,
      reserved: claimed,
    });
  }
}

async function assertBooks(world: World): Promise<void> {
  await world.settle();
  assertSane(world);
  expect([...world.stocks.values()]).toEqual(booksOf(world));

  for (const { request, shipmentId } of world.acknowledged) {
    expect(world.shipments.get(shipmentId)?.orderId).toBe(orderOf(request));
  }
  for (const request of new Set(world.sent)) {
    const made = [...world.shipments.values()].filter(({ orderId }) => orderId === orderOf(request)).length;
    const { key, shipmentId } = requests[request]!;
    if (key !== undefined) expect([made, world.stored.get(key)?.status]).toEqual(made === 1 ? [1, 201] : [0, 409]);
    else if (shipmentId !== undefined) expect(made).toBeLessThanOrEqual(1);
    else expect(made).toBeLessThanOrEqual(world.sent.filter((one) => one === request).length);
  }
}

const outcome = fc.constantFrom<Outcome>("done", "done", "done", "not-done", "done-unnoticed");
const pick = fc.nat(7);
const status = fc.constantFrom<ShipmentStatus>("picked", "shipped", "delivered", "cancelled");
const schedule = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        do: fc.constant("request" as const),
        request: fc.nat(requests.length - 1),
        steps: fc.nat(5),
      }),
    },
    { weight: 10, arbitrary: fc.record({ do: fc.constant("step" as const), pick, outcome }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("crash" as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("arrive" as const), pick }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("change" as const), pick, to: status }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant("deliver" as const), pick, outcome }) },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.constantFrom(...waitsMs) }),
    },
  ),
  { maxLength: 80, size: "max" },
);

/** A repetition finds what its first attempt held almost a minute ago, and takes as long as it may. */
const lateRepetition: Command[] = [
  { do: "request", request: 0, steps: 3 },
  { do: "crash" },
  { do: "wait", ms: ttlMs - 5_000 },
  { do: "request", request: 0, steps: 3 },
  { do: "wait", ms: requestTimeoutMs },
  { do: "request", request: 1, steps: 5 },
  { do: "step", pick: 0, outcome: "done" },
  { do: "deliver", pick: 0, outcome: "done" },
  { do: "deliver", pick: 0, outcome: "done" },
];

describe("shipping and inventory under any schedule of requests, repetitions, deaths and delays", () => {
  it("end with stock that is counted, less what was shipped, and reserved for what is open, and with one shipment a request", async () => {
    await fc.assert(
      fc.asyncProperty(schedule, async (commands) => {
        const world = new World();
        for (const command of commands) {
          await world.perform(command);
          assertSane(world);
        }
        await assertBooks(world);
      }),
      { numRuns: 1500 },
    );
  }, 240_000);

  it("never promise more than there is while events arrive before a hold expires", async () => {
    await fc.assert(
      fc.asyncProperty(schedule, async (commands) => {
        const world = new World();
        for (const command of commands) {
          if (command.do === "wait") {
            await world.deliverAll();
            await world.perform({ do: "wait", ms: Math.min(command.ms, world.patienceMs()) });
          } else await world.perform(command);
          for (const { onHand, reserved } of world.stocks.values()) expect(onHand - reserved).toBeGreaterThanOrEqual(0);
        }
        await assertBooks(world);
      }),
      { numRuns: 1500, examples: [[lateRepetition]] },
    );
  }, 240_000);

  it("never refuse a request because of what its own first attempt still holds", async () => {
    await fc.assert(
      fc.asyncProperty(schedule, async (commands) => {
        const world = new World();
        for (const command of commands) {
          await world.perform(command.do === "request" ? { ...command, request: 1 } : command);
        }
        await assertBooks(world);
        if (world.sent.length > 0) expect(world.stored.get("key-2")).toMatchObject({ status: 201 });
      }),
      { numRuns: 500 },
    );
  }, 240_000);
});
