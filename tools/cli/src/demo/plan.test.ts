import { describe, expect, it } from "@jest/globals";
import { type ActionName, actionNames, nextAction, weights } from "./plan.ts";
import { type Random, randomOf } from "./random.ts";
import { Shop } from "./shop.ts";

const emptyShop = () => new Shop({ warehouses: ["w"], products: [], customers: [], promotions: [] });
const order = { orderId: "o", customerId: "c", items: [{ productId: "p", sku: "s", quantity: 1 }] };

/** A random whose next number lies in the middle of an action's part. */
function drawing(name: ActionName): Random {
  const names = actionNames.slice(0, actionNames.indexOf(name));
  const before = names.reduce((sum, one) => sum + weights[one], 0);
  const sum = Object.values(weights).reduce((total, weight) => total + weight, 0);
  return { ...randomOf(1, 1), next: () => (before + weights[name] / 2) / sum };
}

describe("the plan of the demo", () => {
  it("does each action as often as its weight says, where everything has something to work on", () => {
    const shop = emptyShop();
    shop.orders.add(order);
    shop.shipments.add({ ...order, shipmentId: "s", status: "created" });
    shop.delivered(order);
    shop.reviews.add({ reviewId: "r" });
    shop.promotions.add("promo");
    const counts = Object.fromEntries(actionNames.map((name) => [name, 0])) as Record<ActionName, number>;
    for (let n = 0; n < 20_000; n++) counts[nextAction(shop, randomOf(42, n))]++;
    // The weights add up to 100: per cent.
    for (const name of actionNames) expect(Math.abs(counts[name] / 200 - weights[name])).toBeLessThan(1.2);
  });

  it("begins with an application whatever of its chain is drawn, because nothing else has something to work on", () => {
    for (const name of ["apply", "ship", "move on", "review", "moderate"] as const) {
      expect(nextAction(emptyShop(), drawing(name))).toBe("apply");
    }
  });

  it("lets each step follow the one before it", () => {
    const shop = emptyShop();
    shop.orders.add(order);
    expect(nextAction(shop, drawing("moderate"))).toBe("ship");
    shop.shipments.add({ ...order, shipmentId: "s", status: "created" });
    expect(nextAction(shop, drawing("moderate"))).toBe("move on");
    shop.delivered(order);
    expect(nextAction(shop, drawing("moderate"))).toBe("review");
    shop.reviews.add({ reviewId: "r" });
    expect(nextAction(shop, drawing("moderate"))).toBe("moderate");
  });

  it("makes the same choices again with the same seed, and others with another", () => {
    const shop = emptyShop();
    const choices = (seed: number) => Array.from({ length: 200 }, (_, n) => nextAction(shop, randomOf(seed, n)));
    expect(choices(7)).toEqual(choices(7));
    expect(choices(7)).not.toEqual(choices(8));
  });
});

describe("the shop", () => {
  it("offers a customer's product for a review once", () => {
    const shop = emptyShop();
    shop.delivered(order);
    shop.delivered(order);
    expect(shop.purchases.all()).toEqual([{ customerId: "c", productId: "p" }]);
    shop.purchases.take(randomOf(1, 1));
    shop.delivered(order);
    expect(shop.purchases.size).toBe(0);
  });

  it("gives what is taken to nobody else, and forgets the oldest of too many", () => {
    const shop = emptyShop();
    for (let n = 0; n < 1_200; n++) shop.orders.add({ ...order, orderId: `o${n}` });
    expect([shop.orders.size, shop.orders.all()[0]!.orderId]).toEqual([1_000, "o200"]);
    const taken = new Set<string>();
    for (let n = 0; n < 1_000; n++) taken.add(shop.orders.take(randomOf(3, n))!.orderId);
    expect([taken.size, shop.orders.size, shop.orders.take(randomOf(3, 0))]).toEqual([1_000, 0, undefined]);
  });

  it("lets nobody work on a thing that is being worked on", async () => {
    const shop = emptyShop();
    let end = () => {};
    const first = shop.alone("stock p", () => new Promise<string>((resolve) => (end = () => resolve("first"))));
    expect(await shop.alone("stock p", async () => "second")).toBeUndefined();
    expect(await shop.alone("stock q", async () => "other")).toBe("other");
    end();
    expect(await first).toBe("first");
    expect(await shop.alone("stock p", async () => "third")).toBe("third");
  });
});
