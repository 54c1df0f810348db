import type { EventData } from "@weft/contracts";
import { type Cents, toCents } from "@weft/core";
import { Poison } from "@weft/messaging";

/** The most that promotion-service lets an order cost; its cents are still exact. */
const largestAmount = 10_000_000_000_000;

/**
 * What the customer paid: `finalAmount`, or `originalAmount` less `discountAmount`; nothing where neither is told.
 * @throws Poison for an amount that no order has
 */
export function amountPaid({ finalAmount, originalAmount, discountAmount }: EventData<"PromotionApplied">): Cents {
  const amount = finalAmount ?? (originalAmount === undefined ? 0 : originalAmount - discountAmount);
  if (!(amount >= 0 && amount <= largestAmount)) {
    throw new Poison({ message: `an order cannot cost ${amount}` });
  }
  return toCents(amount);
}

/** @throws Poison for a moment that does not exist (a leap second is a well-formed date-time) */
export function momentOf(text: string): Date {
  const moment = new Date(text);
  if (Number.isNaN(moment.getTime())) throw new Poison({ message: `${text} is not a moment that exists` });
  return moment;
}
