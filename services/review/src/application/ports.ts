import type { Moderation, Review, ReviewStatus } from "../domain/review.ts";

export interface ReviewFilter {
  productId?: string;
  status?: ReviewStatus;
}

/** A place in the list of reviews, newest first. */
type Position = number;

export interface ReviewStore {
  /**
   * Saves it and publishes `ReviewSubmitted` in one transaction.
   * @throws ReviewExists for a taken id, and where the customer has a review of the product
   */
  create(review: Review): Promise<void>;
  find(reviewId: string): Promise<Review | undefined>;
  /** @param limit at most so many, all of them before `before` */
  list(filter: ReviewFilter, limit: number, before?: Position): Promise<(Review & { position: Position })[]>;
  /**
   * Loads, decides, saves and publishes `ReviewModerated` in one transaction, one change of a review at a time. Nothing
   * decided, nothing saved.   @throws ReviewNotFound
   */
  moderate(reviewId: string, decide: (review: Review) => Moderation | undefined): Promise<Review>;
}

/** What others have told of whoever wrote a review, as it is known now. */
export interface Author {
  /** Absent where the customer is not known here, or has no name. */
  authorName?: string;
  /** A shipment with the product went, or will go, to this customer. */
  verifiedPurchase: boolean;
}

/** What this service heard of customers and shipments. */
export interface Authors {
  /** One for each review, in the same order. */
  of(reviews: readonly Pick<Review, "customerId" | "productId">[]): Promise<Author[]>;
}

/** What this service heard of products. */
export interface KnownProducts {
  has(productId: string): Promise<boolean>;
}

/** The service that owns products. */
export interface Catalog {
  /** @throws ProductNotFound   @throws DependencyFailed where no answer could be had */
  assertExists(productId: string): Promise<void>;
}
