import { momentOf } from "@weft/core";
import { on, type ReceivedEvent, type Subscription } from "@weft/messaging";
import type { Transaction } from "@weft/outbox";
import type { Activity, EventEffects, Purchase } from "../../application/ports.ts";
import { amountPaid } from "./reading.ts";

export interface SubscriptionsParts {
  notePurchase: (effects: EventEffects, purchase: Purchase) => Promise<void>;
  effectsIn: (tx: Transaction) => EventEffects;
}

/**
 * What others tell of customers. Each effect shares its transaction with the inbox row. Events of customers who are not known
 * (yet) are kept under their id, and show as soon as the customer is created.
 */
export function subscriptions({ notePurchase, effectsIn }: SubscriptionsParts): Subscription<Transaction>[] {
  const noteActivity = (
    event: ReceivedEvent,
    tx: Transaction,
    { customerId, at, ...details }: { customerId: string; at?: string } & Record<string, unknown>,
  ) =>
    effectsIn(tx).addActivity({
      activityId: event.id,
      customerId,
      type: event.type as Activity["type"],
      occurredAt: momentOf(at ?? event.timestamp)!,
      details,
    });

  return [
    on("PromotionApplied", {
      reads: ["customerId", "promotionId", "orderId", "finalAmount", "originalAmount", "discountAmount", "appliedAt"],
      async handle({ id, data, timestamp }, tx) {
        const { customerId, promotionId, orderId, appliedAt } = data;
        await notePurchase(effectsIn(tx), {
          eventId: id,
          customerId,
          promotionId,
          orderId,
          amount: amountPaid(data),
          appliedAt: momentOf(appliedAt ?? timestamp)!,
        });
      },
    }),
    on("ShipmentCreated", {
      reads: ["shipmentId", "orderId", "customerId", "createdAt"],
      async handle(event, tx) {
        const { shipmentId, orderId, customerId, createdAt } = event.data;
        // Before 1.1 a shipment did not say whose it is: then it is in nobody's activity.
        if (customerId === undefined) return;
        await noteActivity(event, tx, { customerId, at: createdAt, shipmentId, orderId });
      },
    }),
    on("ShipmentStatusChanged", {
      reads: ["shipmentId", "orderId", "customerId", "from", "to", "changedAt"],
      async handle(event, tx) {
        const { shipmentId, orderId, customerId, from, to, changedAt } = event.data;
        if (customerId === undefined) return;
        await noteActivity(event, tx, { customerId, at: changedAt, shipmentId, orderId, from, to });
      },
    }),
    on("ReviewSubmitted", {
      reads: ["reviewId", "productId", "customerId", "rating", "title", "submittedAt"],
      async handle(event, tx) {
        const { reviewId, productId, customerId, rating, title, submittedAt } = event.data;
        await noteActivity(event, tx, { customerId, at: submittedAt, reviewId, productId, rating, title });
      },
    }),
    on("ReviewModerated", {
      reads: ["reviewId", "productId", "customerId", "rating", "from", "to", "moderatedAt"],
      async handle(event, tx) {
        const { reviewId, productId, customerId, rating, from, to, moderatedAt } = event.data;
        await noteActivity(event, tx, { customerId, at: moderatedAt, reviewId, productId, rating, from, to });
      },
    }),
  ];
}
