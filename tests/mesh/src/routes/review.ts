import { describe, expect, it } from "@jest/globals";
import { type ApiRequest, eventually } from "@weft/testkit";
import { expectError, expectInvalid, type MeshFixture, unique } from "../http/mesh-fixture.ts";
import { things } from "../http/things.ts";

interface NewReview {
  reviewId?: string;
  productId: string;
  customerId: string;
  rating: number;
  title?: string;
  content?: string;
}

/** The routes of review: written once, moderated, read by everyone. */
export function reviewRoutes(mesh: MeshFixture) {
  const { product, customer } = things(mesh);
  const reviews = "/v1/reviews";
  const post = (body: unknown, request: ApiRequest = {}) => mesh.api("POST", reviews, { body, ...request });
  const get = (reviewId: string, token: string | null = null) => mesh.api("GET", `${reviews}/${reviewId}`, { token });
  const list = (query: string, token: string | null = null) => mesh.api("GET", `${reviews}?${query}`, { token });
  const moderate = (reviewId: string, status: string, token?: string | null) =>
    mesh.api("PATCH", `${reviews}/${reviewId}`, { body: { status }, ...(token === undefined ? {} : { token }) });
  const fresh = async (fields: Partial<NewReview> = {}): Promise<NewReview> => ({
    productId: fields.productId ?? (await product()),
    customerId: unique("cust"),
    rating: 4,
    ...fields,
  });
  const written = async (fields: Partial<NewReview> = {}): Promise<string> =>
    (await post(await fresh(fields))).data.review.reviewId;
  /** No event of catalog has its effect meanwhile, so catalog is asked for each product. */
  const whileNoProductBecomesKnown = async (work: () => Promise<unknown>): Promise<void> => {
    const blocker = await mesh.connect("review");
    try {
      await blocker.query("BEGIN");
      await blocker.query("LOCK TABLE known_products IN SHARE MODE");
      await work();
    } finally {
      await blocker.query("ROLLBACK");
      await blocker.end();
    }
  };
  const idsOf = ({ data }: Awaited<ReturnType<typeof list>>): string[] =>
    data.reviews.map(({ reviewId }: { reviewId: string }) => reviewId);

  describe("review: POST /v1/reviews", () => {
    it("takes a review, makes its id, and publishes ReviewSubmitted [201]", async () => {
      const body = await fresh({ rating: 5, title: "Light", content: "Ran a marathon in them." });
      const answer = await post(body);
      expect(answer.status).toBe(201);
      const { review } = answer.data;
      expect(review).toMatchObject({
        ...body,
        reviewId: expect.stringMatching(/^rev_.+/),
        status: "pending",
        verifiedPurchase: false,
      });
      expect((await get(review.reviewId)).data.review).toEqual(review);
      const [event] = await mesh.events(review.reviewId);
      expect(event).toMatchObject({ topic: "review.events", headers: { "event-sequence": "1" } });
      expect(event!.envelope).toMatchObject({
        eventType: "ReviewSubmitted",
        source: "review-service",
        data: { ...body, reviewId: review.reviewId, status: "pending", submittedAt: review.submittedAt },
      });
    });

    it("takes one of a product of which no event has come, by asking catalog [201]", async () => {
      await whileNoProductBecomesKnown(async () => {
        expect((await post(await fresh({ productId: await product() }))).status).toBe(201);
      });
    });

    it("shows the name of the author who is known [201]", async () => {
      const customerId = await customer();
      await mesh.effect("review", (await mesh.events(customerId))[0]!.envelope.eventId);
      const answer = await post(await fresh({ customerId }));
      expect([answer.status, answer.data.review.authorName]).toEqual([201, "Ada Byron"]);
    });

    it("takes the client's own id, refuses one that is taken, and a second review of the product [REVIEW_EXISTS]", async () => {
      const reviewId = unique("rev");
      const first = await fresh({ reviewId });
      expect((await post(first)).data.review.reviewId).toBe(reviewId);
      const sameId = await fresh({ reviewId });
      expectError(await post(sameId), 409, "REVIEW_EXISTS", { field: "reviewId" });
      const second = { ...first, reviewId: unique("rev"), rating: 1 };
      expectError(await post(second), 409, "REVIEW_EXISTS", { field: "productId" });
      expectError(await get(second.reviewId), 404, "REVIEW_NOT_FOUND");
      const ofAnother = await fresh({ productId: first.productId });
      expect((await post(ofAnother)).status).toBe(201);
    });

    it("takes one of many that a customer writes of a product at the same moment [201] [REVIEW_EXISTS]", async () => {
      const body = await fresh();
      const answers = await Promise.all(Array.from({ length: 8 }, () => post({ ...body, reviewId: unique("rev") })));
      const [taken, ...others] = answers.sort((a, b) => a.status - b.status);
      expect(taken!.status).toBe(201);
      for (const other of others) expectError(other, 409, "REVIEW_EXISTS", { field: "productId" });
      expect(idsOf(await list(`productId=${body.productId}`))).toEqual([taken!.data.review.reviewId]);
    });

    it("refuses a product that does not exist [PRODUCT_NOT_FOUND]", async () => {
      expectError(await post(await fresh({ productId: unique("prod") })), 404, "PRODUCT_NOT_FOUND");
    });

    it("waits a bounded time for a catalog that hangs, and only for a product that it does not know [DEPENDENCY_FAILED]", async () => {
      const known = await product();
      await mesh.effect("review", (await mesh.events(known))[0]!.envelope.eventId);
      const unknown = await fresh({ productId: unique("prod") });
      await mesh.whileFrozen("catalog-service", async () => {
        const begun = performance.now();
        expectError(await post(unknown), 503, "DEPENDENCY_FAILED", { dependency_service: "catalog-service" });
        expect(performance.now() - begun).toBeLessThan(10_000);
        expect((await post(await fresh({ productId: known }))).status).toBe(201);
      });
      // A 404 says nothing to a circuit breaker; only a product that catalog alone knows opens it for everybody again.
      await whileNoProductBecomesKnown(() =>
        eventually("catalog answers again", async () => (await post(await fresh())).status === 201, {
          timeoutMs: 60_000,
        }),
      );
      expectError(await post(unknown), 404, "PRODUCT_NOT_FOUND");
    }, 120_000);

    it("names every wrong field [VALIDATION_ERROR]", async () => {
      const nothing = await post({});
      expectError(nothing, 400, "VALIDATION_ERROR");
      expectInvalid(nothing, "productId", "customerId", "rating");
      const body = await fresh();
      expectInvalid(await post({ ...body, rating: 6, status: "approved" }), "rating", "status");
      expectInvalid(await post({ ...body, rating: 4.5, title: 5 }), "rating", "title");
      expectInvalid(await post({ ...body, reviewId: "a b", content: "x".repeat(5001) }), "reviewId", "content");
    });

    it("gives the stored answer to the same Idempotency-Key, and has one effect [201] [idempotent]", async () => {
      const body = await fresh();
      const headers = { "idempotency-key": unique("key") };
      const first = await post(body, { headers });
      const again = await post(body, { headers });
      expect([first.status, again.status]).toEqual([201, 201]);
      expect(again.data).toEqual(first.data);
      expect(again.headers.get("idempotency-replayed")).toBe("true");
      expect(idsOf(await list(`productId=${body.productId}`))).toHaveLength(1);
      expectError(await post({ ...body, rating: 1 }, { headers }), 422, "IDEMPOTENCY_KEY_REUSED");
    });

    it("is for the customer who writes, and for admins [anonymous] [owner] [other] [admin]", async () => {
      const own = unique("cust");
      const body = await fresh({ customerId: own });
      expectError(await post(body, { token: null }), 401, "UNAUTHORIZED");
      expectError(await post(body, { token: mesh.token(unique("cust")) }), 403, "FORBIDDEN");
      expect((await post(body, { token: mesh.token(own) })).status).toBe(201);
      const another = await fresh({ customerId: own });
      expect((await post(another, { token: mesh.token("admin_of_reviews", "admin") })).status).toBe(201);
    });
  });

  describe("review: GET /v1/reviews/{reviewId}", () => {
    it("gives a review of any status to everyone [200] [anonymous] [owner] [other] [admin]", async () => {
      const customerId = unique("cust");
      const reviewId = await written({ customerId });
      const tokens = [null, mesh.token(customerId), mesh.token(unique("cust")), mesh.token("admin", "admin")];
      for (const status of ["pending", "rejected"]) {
        if (status !== "pending") await moderate(reviewId, status);
        for (const token of tokens) {
          const answer = await get(reviewId, token);
          expect([answer.status, answer.data.review.status]).toEqual([200, status]);
        }
      }
    });

    it("says that there is none [REVIEW_NOT_FOUND]", async () => {
      expectError(await get(unique("rev")), 404, "REVIEW_NOT_FOUND");
    });
  });

  describe("review: GET /v1/reviews", () => {
    it("lists by product and by status, newest first, for everyone [200] [anonymous] [owner] [other] [admin]", async () => {
      const productId = await product();
      const customerId = unique("cust");
      const [first, second, third] = [
        await written({ productId, customerId }),
        await written({ productId }),
        await written({ productId }),
      ];
      await written();
      await moderate(first, "approved");
      await moderate(second, "rejected");
      const tokens = [null, mesh.token(customerId), mesh.token(unique("cust")), mesh.token("admin", "admin")];
      for (const token of tokens) {
        const answer = await list(`productId=${productId}`, token);
        expect([answer.status, idsOf(answer)]).toEqual([200, [third, second, first]]);
      }
      const ofStatus = async (status: string) => idsOf(await list(`productId=${productId}&status=${status}`));
      expect(await ofStatus("pending")).toEqual([third]);
      expect(await ofStatus("approved")).toEqual([first]);
      expect(await ofStatus("rejected")).toEqual([second]);
      const pending = (await list("status=pending&limit=100")).data.reviews;
      expect(new Set(pending.map(({ status }: { status: string }) => status))).toEqual(new Set(["pending"]));
    });

    it("goes page by page [cursor]", async () => {
      const productId = await product();
      const all = [];
      for (let n = 0; n < 5; n++) all.unshift(await written({ productId }));
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await list(`productId=${productId}&limit=2${cursor === undefined ? "" : `&cursor=${cursor}`}`);
        seen.push(...idsOf(page));
        cursor = page.meta.nextCursor;
      } while (cursor !== undefined && seen.length < 10);
      expect(seen).toEqual(all);
    });

    it("refuses a status that there is not, and a cursor that it never gave out [VALIDATION_ERROR]", async () => {
      const answer = await list("status=hidden&colour=red");
      expectError(answer, 400, "VALIDATION_ERROR");
      expectInvalid(answer, "status", "colour");
      expectInvalid(await list("cursor=bm90"), "cursor");
    });
  });

  describe("review: PATCH /v1/reviews/{reviewId}", () => {
    it("approves and rejects, publishes ReviewModerated, and nothing where nothing changes [200]", async () => {
      const reviewId = await written({ rating: 2 });
      const moderator = mesh.token("moderator", "admin");
      for (const status of ["approved", "approved", "rejected", "approved"]) {
        const answer = await moderate(reviewId, status, moderator);
        expect([answer.status, answer.data.review.status]).toEqual([200, status]);
        expect((await get(reviewId)).data.review).toEqual(answer.data.review);
      }
      const events = await mesh.events(reviewId, 4);
      expect(events.map(({ headers }) => headers["event-sequence"])).toEqual(["1", "2", "3", "4"]);
      const { data, eventType } = events[1]!.envelope;
      expect([eventType, data]).toEqual([
        "ReviewModerated",
        expect.objectContaining({ reviewId, rating: 2, from: "pending", to: "approved", moderatedBy: "moderator" }),
      ]);
      expect(events.slice(1).map(({ envelope }) => [envelope.data.from, envelope.data.to])).toEqual([
        ["pending", "approved"],
        ["approved", "rejected"],
        ["rejected", "approved"],
      ]);
    });

    it("changes the rating of the product in catalog, and the author's activity [200]", async () => {
      const productId = await product();
      const customerId = await customer();
      const reviewId = await written({ productId, customerId, rating: 1 });
      await written({ productId, rating: 5 });
      const rating = async () => (await mesh.api("GET", `/v1/catalog/products/${productId}`)).data.rating;
      await eventually("both count", async () => (await rating()).count === 2);
      expect(await rating()).toEqual({ average: 3, count: 2 });
      expect((await moderate(reviewId, "rejected")).status).toBe(200);
      await eventually("the rejected one does not", async () => (await rating()).count === 1);
      expect(await rating()).toEqual({ average: 5, count: 1 });
      await eventually("the author's activity has both", async () => {
        const { activity } = (await mesh.api("GET", `/v1/customers/${customerId}/activity`)).data;
        const types = activity.map(({ type }: { type: string }) => type);
        return types[0] === "ReviewModerated" && types[1] === "ReviewSubmitted";
      });
    });

    it("refuses a review that does not exist [REVIEW_NOT_FOUND]", async () => {
      expectError(await moderate(unique("rev"), "approved"), 404, "REVIEW_NOT_FOUND");
    });

    it("refuses what is no verdict [VALIDATION_ERROR]", async () => {
      const reviewId = await written();
      const answer = await moderate(reviewId, "pending");
      expectError(answer, 400, "VALIDATION_ERROR");
      expectInvalid(answer, "status");
      expectInvalid(await mesh.api("PATCH", `${reviews}/${reviewId}`, { body: { rating: 1 } }), "rating", "status");
    });

    it("gives the stored answer to the same Idempotency-Key [200] [idempotent]", async () => {
      const reviewId = await written();
      const request = { body: { status: "approved" }, headers: { "idempotency-key": unique("key") } };
      const first = await mesh.api("PATCH", `${reviews}/${reviewId}`, request);
      expect(first.status).toBe(200);
      await moderate(reviewId, "rejected");
      const again = await mesh.api("PATCH", `${reviews}/${reviewId}`, request);
      expect([again.data, again.headers.get("idempotency-replayed")]).toEqual([first.data, "true"]);
      expect((await get(reviewId)).data.review.status).toBe("rejected");
    });

    it("is for admins alone [anonymous] [owner] [other] [admin]", async () => {
      const customerId = unique("cust");
      const reviewId = await written({ customerId });
      expectError(await moderate(reviewId, "approved", null), 401, "UNAUTHORIZED");
      expectError(await moderate(reviewId, "approved", mesh.token(customerId)), 403, "FORBIDDEN");
      expectError(await moderate(reviewId, "approved", mesh.token(unique("cust"))), 403, "FORBIDDEN");
      expect((await moderate(reviewId, "approved", mesh.token("admin", "admin"))).status).toBe(200);
    });
  });
}
