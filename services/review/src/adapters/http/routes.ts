import { newId } from "@weft/core";
import { type PageQuery, pageOf, pageQuery } from "@weft/service-kit/plain";
import { assertAdmin, assertOwner, field, type Route } from "@weft/transport";
import type { ReviewFilter } from "../../application/ports.ts";
import type { AuthoredReview, manageReviews } from "../../application/reviews.ts";
import type { NewReview, Verdict } from "../../domain/review.ts";
import { newReview, reviewData, status, statusPatch } from "./schemas.ts";

type NewReviewBody = Omit<NewReview, "reviewId"> & { reviewId?: string };

export function reviewRoutes(manage: ReturnType<typeof manageReviews>): Route[] {
  const one = { type: "object", properties: { review: reviewData } };

  const submit: Route<NewReviewBody> = {
    method: "POST",
    path: "/v1/reviews",
    summary: "Writes a review, one for each customer and product; it waits for a moderator",
    body: newReview,
    response: one,
    errors: ["REVIEW_EXISTS", "PRODUCT_NOT_FOUND", "DEPENDENCY_FAILED"],
    async handle({ body, context }) {
      assertOwner(context, body.customerId);
      const review = await manage.submit({ ...body, reviewId: body.reviewId ?? newId("rev") });
      return { status: 201, data: { review: shownReview(review) } };
    },
  };

  const get: Route = {
    method: "GET",
    path: "/v1/reviews/{reviewId}",
    summary: "Gives one review",
    response: one,
    errors: ["REVIEW_NOT_FOUND"],
    async handle({ params }) {
      return { data: { review: shownReview(await manage.get(params.reviewId!)) } };
    },
  };

  const list: Route<undefined, PageQuery & ReviewFilter> = {
    method: "GET",
    path: "/v1/reviews",
    summary: "Lists reviews, newest first",
    query: { type: "object", properties: { ...pageQuery, productId: field.id, status } },
    response: { type: "object", properties: { reviews: { type: "array", items: reviewData } } },
    async handle({ query }) {
      const { limit, cursor, ...filter } = query;
      const { items, meta } = await pageOf({ limit, cursor }, { list: "reviews", filter }, (count, before) =>
        manage.list(filter, count, before),
      );
      return { data: { reviews: items.map(shownReview) }, meta };
    },
  };

  const patch: Route<{ status: Verdict }> = {
    method: "PATCH",
    path: "/v1/reviews/{reviewId}",
    summary: "Approves or rejects a review",
    body: statusPatch,
    response: one,
    errors: ["REVIEW_NOT_FOUND"],
    async handle({ params, body, context }) {
      assertAdmin(context);
      const review = await manage.moderate(params.reviewId!, body.status, context.user?.id ?? context.caller);
      return { data: { review: shownReview(review) } };
    },
  };

  return [submit, get, list, patch];
}

function shownReview(review: AuthoredReview & { position?: number }) {
  const { position: _, submittedAt, moderatedAt, ...rest } = review;
  return {
    ...rest,
    submittedAt: submittedAt.toISOString(),
    ...(moderatedAt === undefined ? {} : { moderatedAt: moderatedAt.toISOString() }),
  };
}
