/**
 * A review is `pending` when it is written. A moderator makes it `approved` or `rejected`, and may think otherwise later; it
 * is never pending again.
 */
export type ReviewStatus = "pending" | "approved" | "rejected";
export type Verdict = Exclude<ReviewStatus, "pending">;

export interface Review {
  reviewId: string;
  productId: string;
  customerId: string;
  /** Stars, 1 to 5. */
  rating: number;
  title?: string;
  content?: string;
  status: ReviewStatus;
  submittedAt: Date;
  /** Absent while nobody has looked at it. */
  moderatedAt?: Date;
}

export type NewReview = Omit<Review, "status" | "submittedAt" | "moderatedAt">;

/** What a moderator's word made of a review. */
export interface Moderation {
  review: Review;
  from: ReviewStatus;
  moderatedBy?: string;
}

export function submitReview(input: NewReview, now: Date): Review {
  return { ...input, status: "pending", submittedAt: now };
}

/**
 * @param moderatedBy subject or service that asked for it
 * @returns nothing where the verdict is the same as before
 */
export function moderate(review: Review, to: Verdict, moderatedBy: string | undefined, now: Date) {
  if (review.status === to) return undefined;
  return {
    review: { ...review, status: to, moderatedAt: now },
    from: review.status,
    ...(moderatedBy === undefined ? {} : { moderatedBy }),
  } satisfies Moderation;
}
