import { type Cents, largestAmount, percentOf, toCents, ValidationFailed } from "@weft/core";
import { PromotionNotApplicable } from "./errors.ts";
import type { Promotion, Rules } from "./promotion.ts";

export interface OrderItem {
  productId: string;
  categoryId?: string;
  quantity: number;
  /** In units of the currency, with at most two decimals. */
  unitPrice: number;
}

export interface Order {
  items: readonly OrderItem[];
  warehouseId?: string;
}

export interface Discount {
  originalAmount: Cents;
  discountAmount: Cents;
  finalAmount: Cents;
}

/**
 * What a promotion takes off an order. Conditions are checked in this order, and the first that does not hold is the
 * reason: `min_order_amount`, `products` (or `categories`, where only those are named), `warehouse`. The customer's tier
 * comes last (`assertTier`), because it may have to be asked from another service.
 * @throws PromotionNotApplicable   @throws ValidationFailed for an order that costs more than the largest amount
 */
export function discountOf(promotion: Promotion, order: Order): Discount {
  const { promotionId, type, rules } = promotion;
  const { minOrderAmount, warehouseIds } = rules.conditions ?? {};
  const originalAmount = amountOf(order.items);
  // Beyond it the sum may not be exact, but is certainly larger than the largest amount.
  if (originalAmount > toCents(largestAmount)) {
    throw new ValidationFailed({ fieldErrors: { items: `must not cost more than ${largestAmount} together` } });
  }
  if (minOrderAmount !== undefined && originalAmount < toCents(minOrderAmount)) {
    throw new PromotionNotApplicable({ promotionId, reason: "min_order_amount" });
  }
  const qualifying = qualifyingItems(rules, order.items);
  if (qualifying.length === 0) {
    const reason = named(rules.conditions?.productIds) ? "products" : "categories";
    throw new PromotionNotApplicable({ promotionId, reason });
  }
  if (named(warehouseIds) && (order.warehouseId === undefined || !warehouseIds.includes(order.warehouseId))) {
    throw new PromotionNotApplicable({ promotionId, reason: "warehouse" });
  }
  const discountAmount = discounts[type](qualifying, rules.actions ?? {});
  return { originalAmount, discountAmount, finalAmount: originalAmount - discountAmount };
}

/** Whether the customer's tier decides. */
export function needsTier({ rules }: Promotion): boolean {
  return named(rules.conditions?.customerTiers);
}

/** @throws PromotionNotApplicable with the reason `customer_tier` */
export function assertTier({ promotionId, rules }: Promotion, tier: string): void {
  const tiers = rules.conditions?.customerTiers;
  if (named(tiers) && !tiers.includes(tier)) throw new PromotionNotApplicable({ promotionId, reason: "customer_tier" });
}

const discounts: Record<
  Promotion["type"],
  (qualifying: readonly OrderItem[], actions: NonNullable<Rules["actions"]>) => Cents
> = {
  percentage(qualifying, { discountValue = 0, maxDiscountAmount }) {
    const discount = percentOf(amountOf(qualifying), discountValue);
    return maxDiscountAmount === undefined ? discount : Math.min(discount, toCents(maxDiscountAmount));
  },
  fixed_amount(qualifying, { discountValue = 0 }) {
    return Math.min(toCents(discountValue), amountOf(qualifying));
  },
  buy_x_get_y(qualifying, { buyQuantity = 1, getQuantity = 1 }) {
    const units = qualifying.reduce((sum, { quantity }) => sum + quantity, 0);
    return cheapest(qualifying, Math.floor(units / (buyQuantity + getQuantity)) * getQuantity);
  },
  free_shipping: () => 0,
};

/** All items where neither products nor categories are named; else those that either of them names. */
function qualifyingItems({ conditions = {} }: Rules, items: readonly OrderItem[]): readonly OrderItem[] {
  const { productIds, categoryIds } = conditions;
  if (!named(productIds) && !named(categoryIds)) return items;
  return items.filter(
    ({ productId, categoryId }) =>
      productIds?.includes(productId) || (categoryId !== undefined && categoryIds?.includes(categoryId)),
  );
}

/** What the `count` cheapest units cost together. */
function cheapest(items: readonly OrderItem[], count: number): Cents {
  let left = count;
  let sum = 0;
  for (const { unitPrice, quantity } of [...items].sort((a, b) => a.unitPrice - b.unitPrice)) {
    const taken = Math.min(left, quantity);
    sum += taken * toCents(unitPrice);
    left -= taken;
  }
  return sum;
}

function amountOf(items: readonly OrderItem[]): Cents {
  return items.reduce((sum, { quantity, unitPrice }) => sum + quantity * toCents(unitPrice), 0);
}

const named = (list: readonly string[] | undefined): list is readonly string[] => list !== undefined && list.length > 0;
