import type { OrderItem } from "../domain/discount.ts";
import type { Promotion, PromotionStatus, StatusChange } from "../domain/promotion.ts";

export interface PromotionFilter {
  status?: PromotionStatus;
  /** Those that name the product, its category, or neither products nor categories. */
  productId?: string;
}

/** A place in the list of promotions, newest first. */
type Position = number;
type Listed<Item> = Item & { position: Position };

export interface PromotionStore {
  /** Saves it and publishes `PromotionCreated` in one transaction.   @throws PromotionExists */
  create(promotion: Promotion): Promise<void>;
  find(promotionId: string): Promise<Promotion | undefined>;
  /** @param limit at most so many, all of them before `before` */
  list(filter: PromotionFilter, limit: number, before?: Position): Promise<Listed<Promotion>[]>;
  /**
   * Loads, decides, saves and publishes `PromotionStatusChanged` in one transaction, one change of a promotion at a time.
   * Nothing decided, nothing saved.   @throws PromotionNotFound
   */
  change(promotionId: string, decide: (promotion: Promotion) => StatusChange | undefined): Promise<Promotion>;
  /** Ids of those whose period is over and that are not expired yet. */
  overdue(now: Date, limit: number): Promise<string[]>;
}

/** A promotion that was applied to an order: it happens once for both. */
export interface Application {
  promotionId: string;
  orderId: string;
  customerId: string;
  /** Amounts in units of the currency. */
  originalAmount: number;
  discountAmount: number;
  finalAmount: number;
  appliedAt: Date;
}

export interface ApplicationStore {
  find(promotionId: string, orderId: string): Promise<Application | undefined>;
  /** Saves it and publishes `PromotionApplied` in one transaction, or finds the one that was there first. */
  record(application: Application): Promise<{ application: Application; isFirst: boolean }>;
}

/** What this service heard of customers. */
export interface KnownTiers {
  tierOf(customerId: string): Promise<string | undefined>;
}

/** The service that owns customers. */
export interface Customers {
  /** @throws CustomerNotFound   @throws DependencyFailed */
  tierOf(customerId: string): Promise<string>;
}

export interface ApplyRequest {
  promotionId: string;
  orderId: string;
  customerId: string;
  warehouseId?: string;
  items: OrderItem[];
}
