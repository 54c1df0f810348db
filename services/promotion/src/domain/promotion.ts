import { Conflict, type FieldErrors, ValidationFailed } from "@weft/core";
import { PromotionNotActive } from "./errors.ts";

/**
 * A promotion is `active` or `inactive` as an operator wishes. Once `effectiveTo` has passed it becomes `expired`, whatever
 * it was, and stays so.
 */
export type PromotionStatus = "active" | "inactive" | "expired";
export type PromotionType = "percentage" | "fixed_amount" | "buy_x_get_y" | "free_shipping";

type Actions = NonNullable<Rules["actions"]>;

export interface Rules {
  /** Every one that is present must hold. An empty list restricts nothing. */
  conditions?: {
    minOrderAmount?: number;
    productIds?: string[];
    categoryIds?: string[];
    warehouseIds?: string[];
    customerTiers?: string[];
  };
  actions?: {
    /** Percent for `percentage`, an amount for `fixed_amount`. */
    discountValue?: number;
    /** Upper bound of a `percentage`. */
    maxDiscountAmount?: number;
    freeShipping?: boolean;
    buyQuantity?: number;
    getQuantity?: number;
  };
}

export interface Promotion {
  promotionId: string;
  name: string;
  type: PromotionType;
  rules: Rules;
  effectiveFrom: Date;
  /** The first moment at which it does not apply any more. */
  effectiveTo: Date;
  status: PromotionStatus;
  createdBy?: string;
  createdAt: Date;
  updatedAt: Date;
}

export interface StatusChange {
  promotionId: string;
  from: PromotionStatus;
  to: PromotionStatus;
  changedAt: string;
}

export type NewPromotion = Omit<Promotion, "createdAt" | "updatedAt">;

/** @throws ValidationFailed for what one field alone does not show: the period, and what its type asks of the actions */
export function createPromotion(input: NewPromotion, now: Date): Promotion {
  const fieldErrors = { ...periodErrors(input), ...actionErrors(input) };
  if (Object.keys(fieldErrors).length > 0) throw new ValidationFailed({ fieldErrors, what: "promotion" });
  return { ...input, rules: withFreeShipping(input), createdAt: now, updatedAt: now };
}

/** @returns nothing where it has that status already   @throws Conflict once it is over */
export function changeStatus(promotion: Promotion, to: "active" | "inactive", now: Date): StatusChange | undefined {
  if (isOver(promotion, now)) {
    throw new Conflict({ message: `promotion ${promotion.promotionId} has expired, which is final`, isFinal: true });
  }
  return promotion.status === to ? undefined : statusChange(promotion, to, now);
}

/** @returns nothing while it is not over, or where it expired before */
export function expire(promotion: Promotion, now: Date): StatusChange | undefined {
  if (promotion.status === "expired" || !isOver(promotion, now)) return undefined;
  return statusChange(promotion, "expired", now);
}

/** @throws PromotionNotActive because of its status or its period, in this order */
export function assertActive(promotion: Promotion, now: Date): void {
  const { promotionId, status, effectiveFrom } = promotion;
  if (status === "inactive") throw new PromotionNotActive({ promotionId, because: "status" });
  if (isOver(promotion, now)) throw new PromotionNotActive({ promotionId, because: "over" });
  if (now < effectiveFrom) throw new PromotionNotActive({ promotionId, because: "not_begun" });
}

/** Also true between the end of its period and the sweep that writes `expired` down. */
function isOver(promotion: Promotion, now: Date): boolean {
  return promotion.status === "expired" || now >= promotion.effectiveTo;
}

function statusChange({ promotionId, status }: Promotion, to: PromotionStatus, now: Date): StatusChange {
  return { promotionId, from: status, to, changedAt: now.toISOString() };
}

function periodErrors({ effectiveFrom, effectiveTo }: NewPromotion): FieldErrors {
  return effectiveTo > effectiveFrom ? {} : { effectiveTo: "must be after effectiveFrom" };
}

/** What each type computes with. Any other action would be told to everybody and count for nothing. */
const actionsOf: Record<PromotionType, readonly (keyof Actions)[]> = {
  percentage: ["discountValue", "maxDiscountAmount"],
  fixed_amount: ["discountValue"],
  buy_x_get_y: ["buyQuantity", "getQuantity"],
  free_shipping: ["freeShipping"],
};

function actionErrors({ type, rules: { actions = {} } }: NewPromotion): FieldErrors {
  const unused = Object.keys(actions).filter((name) => !actionsOf[type].includes(name as keyof Actions));
  return {
    ...Object.fromEntries(
      unused.map((name) => [`rules.actions.${name}`, `is not used by a promotion of type ${type}`]),
    ),
    ...valueErrors(type, actions),
  };
}

function valueErrors(type: PromotionType, { discountValue, freeShipping }: Actions): FieldErrors {
  if (type === "free_shipping") {
    return freeShipping === false ? { "rules.actions.freeShipping": "must be true where that is what it gives" } : {};
  }
  if (type === "buy_x_get_y") return {};
  const field = "rules.actions.discountValue";
  if (discountValue === undefined) return { [field]: "is required" };
  if (discountValue <= 0) return { [field]: "must be > 0" };
  return type === "percentage" && discountValue > 100 ? { [field]: "must be <= 100" } : {};
}

function withFreeShipping({ type, rules }: NewPromotion): Rules {
  return type === "free_shipping" ? { ...rules, actions: { ...rules.actions, freeShipping: true } } : rules;
}
