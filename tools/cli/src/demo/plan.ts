import type { Random } from "./random.ts";
import type { Shop } from "./shop.ts";

/**
 * How often each action is done, in parts of their sum. A shipment takes three steps to its door, so shipments are moved on
 * about three times as often as they are made.
 */
export const weights = {
  browse: 36,
  apply: 14,
  ship: 8,
  "move on": 21,
  review: 6,
  moderate: 5,
  "count stock": 3,
  "change price": 2,
  "new customer": 2,
  "change customer": 1,
  "new product": 0.5,
  "change product": 0.5,
  "new promotion": 0.5,
  "switch promotion": 0.5,
};

export type ActionName = keyof typeof weights;
export const actionNames = Object.keys(weights) as ActionName[];
const sum = Object.values(weights).reduce((total, weight) => total + weight, 0);

/** What follows what: an action that has nothing to work on gives way to the one that makes it something. */
const follows: { [Name in ActionName]?: { after: ActionName; waiting: (shop: Shop) => number } } = {
  ship: { after: "apply", waiting: ({ orders }) => orders.size },
  "move on": { after: "ship", waiting: ({ shipments }) => shipments.size },
  review: { after: "move on", waiting: ({ purchases }) => purchases.size },
  moderate: { after: "review", waiting: ({ reviews }) => reviews.size },
  "switch promotion": {
    after: "new promotion",
    waiting: ({ promotions, switchedOff }) => promotions.size + switchedOff.size,
  },
};

export function nextAction(shop: Shop, random: Random): ActionName {
  let left = random.next() * sum;
  let action = actionNames.find((name) => {
    left -= weights[name];
    return left < 0;
  })!;
  for (;;) {
    const step = follows[action];
    if (step === undefined || step.waiting(shop) > 0) return action;
    action = step.after;
  }
}
