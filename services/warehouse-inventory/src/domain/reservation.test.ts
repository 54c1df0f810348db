import { describe, expect, it } from "@jest/globals";
import {
  cancel,
  confirm,
  expire,
  type Goods,
  hold,
  mergedItems,
  type Reservation,
  release,
  ship,
} from "./reservation.ts";

const reservationId = "shp_1";
const now = new Date("2026-03-01T10:00:00Z");
const expiresAt = new Date("2026-03-01T10:01:00Z");
const goods: Goods = { orderId: "order_1", warehouseId: "wh_1", items: [{ productId: "prod_a", quantity: 2 }] };
const others: Goods = { ...goods, items: [{ productId: "prod_a", quantity: 3 }] };
const ask = (reservation: Reservation | undefined, wanted = goods, at = now) =>
  hold(reservation, { reservationId, goods: wanted, now: at, expiresAt });

const base = { reservationId, isCancelled: false, goods };
const held: Reservation = { ...base, status: "held", expiresAt };
const confirmed: Reservation = { ...base, status: "confirmed" };
const released: Reservation = { ...base, status: "released" };
const shipped: Reservation = { ...base, status: "shipped" };
const cancelled: Reservation = { ...released, isCancelled: true };

describe("reservation", () => {
  it("is held until it expires, and the same request finds it in every state that it may have reached", () => {
    expect(ask(undefined)).toEqual(held);
    expect(ask(released)).toEqual(held);
    for (const reservation of [confirmed, shipped]) expect(ask(reservation)).toBe(reservation);
  });

  it("is held longer by who asks again: the first time's rest may not last until the shipment is there", () => {
    const nearlyOver: Reservation = { ...held, expiresAt: new Date(now.getTime() + 1) };
    expect(ask(nearlyOver)).toEqual(held);
  });

  it("stands for its goods: the same id for others is a conflict, until it claims nothing any more", () => {
    for (const wanted of [others, { ...goods, warehouseId: "wh_2" }, { ...goods, items: [] }]) {
      for (const reservation of [held, confirmed, shipped]) {
        expect(() => ask(reservation, wanted)).toThrow(expect.objectContaining({ code: "CONFLICT" }));
      }
      expect(ask(released, wanted).goods).toBe(wanted);
    }
  });

  it("is held anew where it is overdue and nobody has swept it yet", () => {
    const overdue: Reservation = { ...held, expiresAt: now };
    expect(ask(overdue)).toEqual(held);
    expect(ask(overdue, others)).toEqual({ ...held, goods: others });
  });

  it("expires only while it is held, and not before its time", () => {
    expect(expire(held, new Date(expiresAt.getTime() - 1))).toBe(held);
    expect(expire(held, expiresAt)).toEqual(released);
    expect(expire(held, expiresAt)).not.toHaveProperty("expiresAt");
    for (const reservation of [undefined, confirmed, released, shipped]) {
      expect(expire(reservation, expiresAt)).toBe(reservation);
    }
  });

  it("is confirmed by its shipment whatever it was, with the goods that the shipment names", () => {
    for (const reservation of [undefined, held, released]) {
      expect(confirm(reservation, { reservationId, goods: others })).toEqual({ ...confirmed, goods: others });
    }
    for (const reservation of [confirmed, shipped, cancelled]) {
      expect(confirm(reservation, { reservationId, goods: others })).toBe(reservation);
    }
  });

  it("is released while it claims something; otherwise nothing changes", () => {
    expect(release(held)).toEqual(released);
    expect(release(confirmed)).toEqual(released);
    for (const reservation of [undefined, released, shipped, cancelled]) expect(release(reservation)).toBe(reservation);
  });

  it("is over once its shipment is cancelled: a ShipmentCreated that comes late confirms nothing", () => {
    for (const reservation of [held, confirmed, released]) {
      expect(cancel(reservation, { reservationId })).toEqual(cancelled);
    }
    expect(cancel(cancelled, { reservationId })).toBe(cancelled);
    expect(cancel(shipped, { reservationId })).toBe(shipped);
    const before = cancel(undefined, { reservationId });
    expect(confirm(before, { reservationId, goods })).toBe(before);
    // Somebody may hold goods under the id again; nothing but time or a release ends that.
    const again = ask(cancelled);
    expect(again).toEqual({ ...held, isCancelled: true });
    expect(confirm(again, { reservationId, goods })).toBe(again);
    expect(ship(again, { reservationId })).toBe(again);
    expect(expire(again, expiresAt)).toEqual(cancelled);
  });

  it("is shipped for good, whatever it was", () => {
    for (const reservation of [held, confirmed, released]) {
      expect(ship(reservation, { reservationId })).toEqual(shipped);
    }
    expect(ship(shipped, { reservationId })).toBe(shipped);
    expect(ship(cancelled, { reservationId })).toBe(cancelled);
  });

  it("that was shipped before it was known learns its goods from ShipmentCreated, once", () => {
    const unknown = ship(undefined, { reservationId });
    expect(unknown).toMatchObject({ status: "shipped", goods: undefined });
    const known = confirm(unknown, { reservationId, goods });
    expect(known).toEqual(shipped);
    expect(confirm(known, { reservationId, goods: others })).toBe(known);
  });
});

describe("goods", () => {
  it("name a product once, in one order, with all that was wanted of it", () => {
    const [a, b] = [
      { productId: "a", quantity: 1 },
      { productId: "b", quantity: 2 },
    ];
    expect(mergedItems([b, a, b])).toEqual([a, { productId: "b", quantity: 4 }]);
  });
});
