import { describe, expect, it } from "@jest/globals";
import type { Goods, Reservation } from "./reservation.ts";
import { assertCovered, available, type Move, moved, movements } from "./stock.ts";

const goods: Goods = {
  orderId: "order_1",
  warehouseId: "wh_1",
  items: [
    { productId: "a", quantity: 2 },
    { productId: "b", quantity: 1 },
  ],
};
const inState = (status: Reservation["status"], of: Goods | undefined = goods): Reservation => ({
  reservationId: "shp_1",
  isCancelled: false,
  status,
  goods: of,
});
const place = { productId: "a", warehouseId: "wh_1" };

describe("movements", () => {
  it("claim what is held or confirmed, give back what is released, take what is shipped", () => {
    const claimed = [
      { ...place, claimed: 2, taken: 0 },
      { ...place, productId: "b", claimed: 1, taken: 0 },
    ];
    expect(movements(undefined, inState("held"))).toEqual(claimed);
    expect(movements(inState("released"), inState("confirmed"))).toEqual(claimed);
    expect(movements(inState("held"), inState("confirmed"))).toEqual([]);
    expect(movements(inState("confirmed"), inState("released"))[0]).toEqual({ ...place, claimed: -2, taken: 0 });
    expect(movements(inState("confirmed"), inState("shipped"))[0]).toEqual({ ...place, claimed: -2, taken: 2 });
    expect(movements(inState("released"), inState("shipped"))[0]).toEqual({ ...place, claimed: 0, taken: 2 });
    expect(movements(undefined, { ...inState("shipped"), goods: undefined })).toEqual([]);
  });

  it("are the difference where the goods became others, place by place", () => {
    const after: Goods = { ...goods, items: [{ productId: "a", quantity: 5 }] };
    expect(movements(inState("held"), inState("confirmed", after))).toEqual([
      { ...place, claimed: 3, taken: 0 },
      { ...place, productId: "b", claimed: -1, taken: 0 },
    ]);
    const elsewhere: Goods = { ...goods, warehouseId: "wh_2" };
    expect(movements(inState("held"), inState("confirmed", elsewhere))).toHaveLength(4);
  });
});

describe("stock", () => {
  it("has what is there less what is promised, and never less than nothing on hand", () => {
    const stock = { ...place, onHand: 3, reserved: 2 };
    expect(available(stock)).toBe(1);
    expect(moved(stock, { ...place, claimed: 4, taken: 0 })).toEqual({ ...stock, reserved: 6 });
    expect(moved(stock, { ...place, claimed: -2, taken: 2 })).toEqual({ ...stock, onHand: 1, reserved: 0 });
    expect(moved(stock, { ...place, claimed: 0, taken: 4 }).onHand).toBe(0);
  });

  it("covers goods to the last unit; one more is refused with each product that is short", () => {
    const move = (productId: string, left: number | undefined): Move => ({
      ...place,
      productId,
      claimed: 1,
      taken: 0,
      stock: left === undefined ? undefined : { ...place, productId, onHand: left, reserved: 0 },
    });
    const short = (productId: string, reserved: number): Move => ({
      ...move(productId, 0),
      stock: { ...place, productId, onHand: 0, reserved },
    });
    expect(() => assertCovered(goods, [move("a", 0), move("b", 0)])).not.toThrow();
    expect(() => assertCovered(goods, [])).not.toThrow();
    expect(() => assertCovered(goods, [short("a", 2), short("b", 1)])).toThrow(
      expect.objectContaining({
        code: "INSUFFICIENT_STOCK",
        details: {
          warehouse_id: "wh_1",
          items: [
            { product_id: "a", quantity: 2, available: 0 },
            { product_id: "b", quantity: 1, available: 0 },
          ],
        },
      }),
    );
    expect(() => assertCovered(goods, [short("a", 2), move("b", undefined)])).toThrow(
      expect.objectContaining({
        code: "STOCK_NOT_FOUND",
        details: { warehouse_id: "wh_1", product_ids: ["b"] },
      }),
    );
  });
});
