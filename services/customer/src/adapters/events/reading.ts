import type { EventData } from "@weft/contracts";
import { type Cents, largestAmount, toCents } from "@weft/core";
import { Poison } from "@weft/messaging";

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
