import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { DependencyFailed } from "@weft/core";
import { serveRoutes, stopServed } from "@weft/transport/testing";
import { buildApp } from "./app.ts";
import type { Author, Catalog, ReviewStore } from "./application/ports.ts";
import { ProductNotFound, ReviewExists, ReviewNotFound } from "./domain/errors.ts";
import type { Moderation, Review } from "./domain/review.ts";

const submitted = new Date("2026-03-01T10:00:00.000Z");
let now: Date;
let ask: Awaited<ReturnType<typeof serveRoutes>>;
let known: Set<string>;
let asked: string[];
let assertExists: Catalog["assertExists"];
let moderations: Moderation[];
let authors: Map<string, Author>;

/** The store's promises, in memory. */
function reviewsInMemory(): ReviewStore {
  const rows: Review[] = [];
  return {
    async create(review) {
      if (rows.some(({ reviewId }) => reviewId === review.reviewId)) throw new ReviewExists({ field: "reviewId" });
      if (rows.some((row) => row.customerId === review.customerId && row.productId === review.productId)) {
        throw new ReviewExists({ field: "productId" });
      }
      rows.push(review);
    },
    find: async (id) => rows.find(({ reviewId }) => reviewId === id),
    list: async ({ productId, status }, limit, before = Infinity) =>
      rows
        .map((row, index) => ({ ...row, position: index + 1 }))
        .filter((row) => row.position < before)
        .filter((row) => productId === undefined || row.productId === productId)
        .filter((row) => status === undefined || row.status === status)
        .reverse()
        .slice(0, limit),
    async moderate(reviewId, decide) {
      const index = rows.findIndex((row) => row.reviewId === reviewId);
      const before = rows[index];
      if (!before) throw new ReviewNotFound({ reviewId });
      const moderation = decide(before);
      if (moderation === undefined) return before;
      moderations.push(moderation);
      rows[index] = moderation.review;
      return moderation.review;
    },
  };
}

beforeEach(async () => {
  now = submitted;
  known = new Set(["prod_1", "prod_2", "prod_3"]);
  asked = [];
  assertExists = async () => {};
  moderations = [];
  authors = new Map();
  const { routes } = buildApp({
    reviews: reviewsInMemory(),
    authors: {
      of: async (reviews) => reviews.map(({ customerId }) => authors.get(customerId) ?? { verifiedPurchase: false }),
    },
    knownProducts: { has: async (id) => known.has(id) },
    catalog: {
      assertExists(id) {
        asked.push(id);
        return assertExists(id);
      },
    },
    clock: { now: () => now },
  });
  ask = await serveRoutes(routes, "/v1/reviews");
});
afterEach(stopServed);

const praise = {
  reviewId: "rev_1",
  productId: "prod_1",
  customerId: "cust_1",
  rating: 5,
  title: "Light",
  content: "!",
};
const asOwner = { "X-User-Id": "cust_1", "X-User-Role": "customer" };
const asOther = { "X-User-Id": "cust_2", "X-User-Role": "customer" };
const asAdmin = { "X-User-Id": "adm", "X-User-Role": "admin" };

describe("review routes", () => {
  it("take a review, which then waits for a moderator", async () => {
    const { status, data } = await ask("POST", "", praise, asOwner);
    expect([status, data.review]).toEqual([
      201,
      { ...praise, status: "pending", verifiedPurchase: false, submittedAt: submitted.toISOString() },
    ]);
    expect((await ask("GET", "/rev_1")).data).toEqual(data);
    const nameless = { ...praise, reviewId: undefined, productId: "prod_2" };
    expect((await ask("POST", "", nameless)).data.review.reviewId).toMatch(/^rev_/);
    expect((await ask("GET", "/rev_none")).error.code).toBe("REVIEW_NOT_FOUND");
  });

  it("take one of each customer and product, and say what was there before", async () => {
    await ask("POST", "", praise);
    const sameId = await ask("POST", "", { ...praise, productId: "prod_2" });
    expect(sameId).toMatchObject({ status: 409, error: { code: "REVIEW_EXISTS", details: { field: "reviewId" } } });
    const sameProduct = await ask("POST", "", { ...praise, reviewId: "rev_2" });
    expect(sameProduct.error).toMatchObject({ code: "REVIEW_EXISTS", details: { field: "productId" } });
    expect((await ask("POST", "", { ...praise, reviewId: "rev_2", customerId: "cust_2" })).status).toBe(201);
  });

  it("ask catalog only for a product of which no event has come", async () => {
    await ask("POST", "", praise);
    expect(asked).toEqual([]);
    const ofNew = { ...praise, reviewId: undefined, productId: "prod_new" };
    expect((await ask("POST", "", ofNew)).status).toBe(201);
    expect(asked).toEqual(["prod_new"]);

    assertExists = async (productId) => {
      throw new ProductNotFound({ productId });
    };
    const unknown = await ask("POST", "", { ...ofNew, productId: "prod_none" });
    expect(unknown).toMatchObject({ status: 404, error: { code: "PRODUCT_NOT_FOUND" } });
    assertExists = async () => {
      throw new DependencyFailed({ service: "catalog-service", operation: "GET", cause: "timeout" });
    };
    expect(await ask("POST", "", { ...ofNew, productId: "prod_none" })).toMatchObject({
      status: 503,
      error: { code: "DEPENDENCY_FAILED", details: { dependency_service: "catalog-service", cause: "timeout" } },
    });
    expect((await ask("GET", "")).data.reviews).toHaveLength(2);
  });

  it("show who wrote it as that is known when it is read", async () => {
    await ask("POST", "", praise);
    expect((await ask("GET", "/rev_1")).data.review).not.toHaveProperty("authorName");
    authors.set("cust_1", { authorName: "Ada Lovelace", verifiedPurchase: true });
    const shown = { authorName: "Ada Lovelace", verifiedPurchase: true };
    expect((await ask("GET", "/rev_1")).data.review).toMatchObject(shown);
    expect((await ask("GET", "")).data.reviews).toEqual([expect.objectContaining(shown)]);
    expect((await ask("PATCH", "/rev_1", { status: "approved" })).data.review).toMatchObject(shown);
  });

  it("moderate: approved or rejected, and nothing where it was so before", async () => {
    await ask("POST", "", praise);
    now = new Date("2026-03-02T10:00:00.000Z");
    const approved = await ask("PATCH", "/rev_1", { status: "approved" }, asAdmin);
    expect(approved.data.review).toMatchObject({ status: "approved", moderatedAt: now.toISOString() });
    await ask("PATCH", "/rev_1", { status: "approved" }, asAdmin);
    await ask("PATCH", "/rev_1", { status: "rejected" }, { "X-Service-Name": "moderation-service" });
    expect(moderations.map(({ from, review, moderatedBy }) => [from, review.status, moderatedBy])).toEqual([
      ["pending", "approved", "adm"],
      ["approved", "rejected", "moderation-service"],
    ]);
    expect((await ask("PATCH", "/rev_1", { status: "pending" })).error.details.field_errors).toHaveProperty("status");
    expect((await ask("PATCH", "/rev_none", { status: "approved" })).error.code).toBe("REVIEW_NOT_FOUND");
  });

  it("list page by page, by product and by status", async () => {
    for (const n of [1, 2, 3]) await ask("POST", "", { ...praise, reviewId: `rev_${n}`, productId: `prod_${n}` });
    await ask("PATCH", "/rev_2", { status: "rejected" });
    const ids = async (query: string) =>
      (await ask("GET", query)).data.reviews.map(({ reviewId }: Review) => reviewId) as string[];
    expect(await ids("?status=pending")).toEqual(["rev_3", "rev_1"]);
    expect(await ids("?productId=prod_2&status=rejected")).toEqual(["rev_2"]);
    const first = await ask("GET", "?limit=2");
    expect(first.data.reviews[0]).not.toHaveProperty("position");
    expect(await ids(`?limit=2&cursor=${first.meta.nextCursor}`)).toEqual(["rev_1"]);
    const elsewhere = await ask("GET", `?limit=2&status=pending&cursor=${first.meta.nextCursor}`);
    expect([elsewhere.status, Object.keys(elsewhere.error.details.field_errors)]).toEqual([400, ["cursor"]]);
  });

  it("name every wrong field", async () => {
    const wrong = { productId: "a b", rating: 6, title: "\ud800", status: "approved" };
    expect(Object.keys((await ask("POST", "", wrong)).error.details.field_errors).sort()).toEqual([
      "customerId",
      "productId",
      "rating",
      "status",
      "title",
    ]);
    for (const rating of [0, 4.5, "5", null]) {
      const { error } = await ask("POST", "", { ...praise, rating });
      expect(Object.keys(error.details.field_errors)).toEqual(["rating"]);
    }
    expect((await ask("GET", "?status=hidden")).error.details.field_errors).toHaveProperty("status");
  });

  it("let a customer write their own and nobody else's, everyone read, and operators moderate", async () => {
    expect((await ask("POST", "", praise, asOther)).error.code).toBe("FORBIDDEN");
    expect((await ask("POST", "", praise, asOwner)).status).toBe(201);
    expect((await ask("POST", "", { ...praise, reviewId: "rev_2", productId: "prod_2" }, asAdmin)).status).toBe(201);
    expect((await ask("GET", "/rev_1", undefined, asOther)).status).toBe(200);
    expect((await ask("GET", "", undefined, asOther)).data.reviews).toHaveLength(2);
    expect((await ask("PATCH", "/rev_1", { status: "approved" }, asOwner)).error.code).toBe("FORBIDDEN");
  });
});
