import type { Cents } from "@weft/core";
import type { Customer, CustomerChange, NewCustomer } from "../domain/customer.ts";

/** Something that happened around a customer, as the event told it. */
export interface Activity {
  /** The id of the event. */
  activityId: string;
  customerId: string;
  type: "PromotionApplied" | "ShipmentCreated" | "ShipmentStatusChanged" | "ReviewSubmitted" | "ReviewModerated";
  occurredAt: Date;
  details: Record<string, unknown>;
}

/** A place in a customer's activity, newest first. */
type Position = number;

/** What a customer paid, by the event that told it. */
export interface Purchase {
  eventId: string;
  customerId: string;
  promotionId: string;
  orderId: string;
  amount: Cents;
  appliedAt: Date;
}

export interface CustomerStore {
  /**
   * Saves a new customer and publishes `CustomerCreated` in one transaction.
   * @param decide gets what was heard of the customer's purchases before   @throws CustomerExists
   */
  create(input: NewCustomer, decide: (spentBefore: Cents) => Customer): Promise<Customer>;
  find(customerId: string): Promise<Customer | undefined>;
  /**
   * Loads, decides, saves and publishes `CustomerUpdated` (where something changed) in one transaction, one change of a
   * customer at a time.   @throws CustomerNotFound
   */
  change(
    customerId: string,
    updatedBy: string | undefined,
    decide: (customer: Customer) => CustomerChange,
  ): Promise<Customer>;
}

export interface ActivityStore {
  /** @param limit at most so many, all of them before `before` */
  list(customerId: string, limit: number, before?: Position): Promise<(Activity & { position: Position })[]>;
}

/** The same stores inside the transaction that a handler shares with the inbox. */
export interface EventEffects {
  addActivity(activity: Activity): Promise<void>;
  /**
   * Notes a purchase, and changes the customer by it where there is one. A purchase of a customer who is not known yet waits
   * for `CustomerStore.create`.
   */
  addPurchase(purchase: Purchase, decide: (customer: Customer) => CustomerChange): Promise<void>;
}
