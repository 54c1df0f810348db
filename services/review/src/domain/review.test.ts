import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { moderate, type ReviewStatus, submitReview, type Verdict } from "./review.ts";

const submitted = new Date("2026-03-01T10:00:00Z");
const later = new Date("2026-03-02T10:00:00Z");
const written = submitReview({ reviewId: "rev_1", productId: "prod_1", customerId: "cust_1", rating: 4 }, submitted);

describe("a review", () => {
  it("waits for a moderator when it is written", () => {
    expect(written).toEqual({
      reviewId: "rev_1",
      productId: "prod_1",
      customerId: "cust_1",
      rating: 4,
      status: "pending",
      submittedAt: submitted,
    });
  });

  it.each<[ReviewStatus, Verdict]>([
    ["pending", "approved"],
    ["pending", "rejected"],
    ["approved", "rejected"],
    ["rejected", "approved"],
  ])("goes from %s to %s", (from, to) => {
    const review = { ...written, status: from };
    expect(moderate(review, to, "adm", later)).toEqual({
      review: { ...review, status: to, moderatedAt: later },
      from,
      moderatedBy: "adm",
    });
    expect(review.status).toBe(from);
  });

  it.each<Verdict>(["approved", "rejected"])("is not changed by being %s again", (verdict) => {
    expect(moderate({ ...written, status: verdict, moderatedAt: submitted }, verdict, "adm", later)).toBeUndefined();
  });

  it("does not say who moderated it where nobody is known", () => {
    expect(moderate(written, "approved", undefined, later)).not.toHaveProperty("moderatedBy");
  });

  it("is as the last moderator left it, and each change that is told begins where the one before it ended", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom<Verdict>("approved", "rejected")), (verdicts) => {
        let review = written;
        const told: ReviewStatus[] = ["pending"];
        for (const verdict of verdicts) {
          const moderation = moderate(review, verdict, "adm", later);
          if (moderation === undefined) continue;
          expect(moderation.from).toBe(told.at(-1));
          review = moderation.review;
          expect(review.status).not.toBe(moderation.from);
          told.push(review.status);
        }
        expect(review.status).toBe(verdicts.at(-1) ?? "pending");
        expect(told.at(-1)).toBe(review.status);
      }),
    );
  });
});
