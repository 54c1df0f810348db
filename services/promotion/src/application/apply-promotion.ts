import { type Clock, fromCents } from "@weft/core";
import { assertTier, discountOf, needsTier } from "../domain/discount.ts";
import { PromotionNotFound } from "../domain/errors.ts";
import { assertActive } from "../domain/promotion.ts";
import type { Application, ApplicationStore, ApplyRequest, Customers, KnownTiers, PromotionStore } from "./ports.ts";

export interface ApplyPromotionParts {
  promotions: PromotionStore;
  applications: ApplicationStore;
  knownTiers: KnownTiers;
  customers: Customers;
  clock: Clock;
}

/**
 * Applies a promotion to an order, once. Checked in this order: the promotion exists; it was not applied to this order
 * before (then that application is the answer, whatever has changed since); it is switched on and its period holds; then
 * `min_order_amount`, `products` or `categories`, `warehouse`, `customer_tier`. The tier is looked up only where it decides,
 * and asked from customer-service only where no event told it.
 *
 * The promotion is read without a lock: an application that overlaps a change of status counts as having come before it.
 * No transaction is open while another service is asked.
 */
export const applyPromotion =
  ({ promotions, applications, knownTiers, customers, clock }: ApplyPromotionParts) =>
  async (request: ApplyRequest): Promise<{ application: Application; isFirst: boolean }> => {
    const { promotionId, orderId, customerId, warehouseId, items } = request;
    const now = clock.now();
    const promotion = await promotions.find(promotionId);
    if (promotion === undefined) throw new PromotionNotFound({ promotionId });
    const earlier = await applications.find(promotionId, orderId);
    if (earlier) return { application: earlier, isFirst: false };

    assertActive(promotion, now);
    const discount = discountOf(promotion, { items, warehouseId });
    if (needsTier(promotion)) {
      const tier = (await knownTiers.tierOf(customerId)) ?? (await customers.tierOf(customerId));
      assertTier(promotion, tier);
    }
    return applications.record({
      promotionId,
      orderId,
      customerId,
      originalAmount: fromCents(discount.originalAmount),
      discountAmount: fromCents(discount.discountAmount),
      finalAmount: fromCents(discount.finalAmount),
      appliedAt: now,
    });
  };
