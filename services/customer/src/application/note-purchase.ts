import { type Clock, fromCents } from "@weft/core";
import { spend } from "../domain/customer.ts";
import type { EventEffects, Purchase } from "./ports.ts";

/** Adds a purchase to the customer's lifetime spend, which may raise the tier; that is published as `CustomerUpdated`. */
export const notePurchase =
  ({ clock }: { clock: Clock }) =>
  async (effects: EventEffects, purchase: Purchase): Promise<void> => {
    await effects.addPurchase(purchase, (customer) => spend(customer, purchase.amount, clock.now()));
    await effects.addActivity({
      activityId: purchase.eventId,
      customerId: purchase.customerId,
      type: "PromotionApplied",
      occurredAt: purchase.appliedAt,
      details: {
        promotionId: purchase.promotionId,
        orderId: purchase.orderId,
        finalAmount: fromCents(purchase.amount),
      },
    });
  };
