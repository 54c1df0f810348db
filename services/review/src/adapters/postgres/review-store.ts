import type { Database, Outbox } from "@weft/outbox";
import { aggregateStore } from "@weft/service-kit";
import type { ReviewStore } from "../../application/ports.ts";
import { ReviewExists, ReviewNotFound } from "../../domain/errors.ts";
import type { Moderation, Review, ReviewStatus } from "../../domain/review.ts";

export interface ReviewStoreParts {
  database: Database;
  outbox: Outbox<"ReviewSubmitted" | "ReviewModerated">;
}

export function postgresReviewStore(parts: ReviewStoreParts): ReviewStore {
  const reviews = aggregateStore(parts, {
    topic: "review.events",
    table: "reviews",
    id: "review_id",
    toRow: (review: Review) => ({
      review_id: review.reviewId,
      product_id: review.productId,
      customer_id: review.customerId,
      rating: review.rating,
      title: review.title ?? null,
      content: review.content ?? null,
      status: review.status,
      submitted_at: review.submittedAt,
      moderated_at: review.moderatedAt ?? null,
    }),
    fromRow: (row: ReviewRow): Review => ({
      reviewId: row.review_id,
      productId: row.product_id,
      customerId: row.customer_id,
      rating: row.rating,
      ...(row.title === null ? {} : { title: row.title }),
      ...(row.content === null ? {} : { content: row.content }),
      status: row.status,
      submittedAt: row.submitted_at,
      ...(row.moderated_at === null ? {} : { moderatedAt: row.moderated_at }),
    }),
  });

  return {
    async create(review) {
      const { submittedAt, moderatedAt: _, ...told } = review;
      const data = { ...told, submittedAt: submittedAt.toISOString() };
      const created = await reviews.create(review, [{ type: "ReviewSubmitted", data }]);
      // Two rows may collide in two ways: by their id, or by customer and product.
      if (!created.isNew) throw new ReviewExists({ field: created.existing ? "reviewId" : "productId" });
    },

    find: (reviewId) => reviews.find(reviewId),

    list: ({ productId, status }, limit, before) => reviews.list({ product_id: productId, status }, limit, before),

    async moderate(reviewId, decide) {
      const review = await reviews.change(reviewId, (before) => {
        const moderation = decide(before);
        return (
          moderation && { thing: moderation.review, events: [{ type: "ReviewModerated", data: told(moderation) }] }
        );
      });
      if (review === undefined) throw new ReviewNotFound({ reviewId });
      return review;
    },
  };
}

function told({ review, from, moderatedBy }: Moderation) {
  const { reviewId, productId, customerId, rating, status, moderatedAt } = review;
  return {
    reviewId,
    productId,
    customerId,
    rating,
    from,
    to: status,
    ...(moderatedBy === undefined ? {} : { moderatedBy }),
    moderatedAt: moderatedAt!.toISOString(),
  };
}

type ReviewRow = {
  review_id: string;
  product_id: string;
  customer_id: string;
  rating: number;
  title: string | null;
  content: string | null;
  status: ReviewStatus;
  submitted_at: Date;
  moderated_at: Date | null;
};
