import type { Clock } from "@weft/core";
import { ReviewNotFound } from "../domain/errors.ts";
import { moderate, type NewReview, type Review, submitReview, type Verdict } from "../domain/review.ts";
import type { Author, Authors, Catalog, KnownProducts, ReviewFilter, ReviewStore } from "./ports.ts";

export interface ReviewsParts {
  reviews: ReviewStore;
  authors: Authors;
  knownProducts: KnownProducts;
  catalog: Catalog;
  clock: Clock;
}

export type AuthoredReview<Of extends Review = Review> = Of & Author;

/**
 * Reviews, each with what is known of its author when it is read: a name that changes and a purchase that is cancelled show
 * in what was written before.
 */
export const manageReviews = ({ reviews, authors, knownProducts, catalog, clock }: ReviewsParts) => {
  async function withAuthors<Of extends Review>(of: Of[]): Promise<AuthoredReview<Of>[]> {
    const found = await authors.of(of);
    return of.map((review, index) => ({ ...review, ...found[index]! }));
  }
  const withAuthor = async (review: Review) => (await withAuthors([review]))[0]!;

  return {
    /**
     * A product is asked of catalog only while its event has not come. No transaction is open meanwhile.
     * @throws ProductNotFound   @throws DependencyFailed   @throws ReviewExists
     */
    async submit(input: NewReview): Promise<AuthoredReview> {
      if (!(await knownProducts.has(input.productId))) await catalog.assertExists(input.productId);
      const review = submitReview(input, clock.now());
      await reviews.create(review);
      return withAuthor(review);
    },

    /** @throws ReviewNotFound */
    async get(reviewId: string): Promise<AuthoredReview> {
      const review = await reviews.find(reviewId);
      if (review === undefined) throw new ReviewNotFound({ reviewId });
      return withAuthor(review);
    },

    /** @param limit at most so many, all of them before `before` */
    async list(filter: ReviewFilter, limit: number, before?: number) {
      return withAuthors(await reviews.list(filter, limit, before));
    },

    /**
     * @param moderatedBy subject or service that asked for it
     * @throws ReviewNotFound
     */
    async moderate(reviewId: string, to: Verdict, moderatedBy?: string): Promise<AuthoredReview> {
      const review = await reviews.moderate(reviewId, (before) => moderate(before, to, moderatedBy, clock.now()));
      return withAuthor(review);
    },
  };
};
