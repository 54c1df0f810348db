import { describe, expect, it } from "@jest/globals";
import { eventually } from "@weft/testkit";
import { always, expectError, type MeshFixture, unique } from "./mesh-fixture.ts";
import { newShipment, things } from "./things.ts";
import { everyWrite } from "./writes.ts";

/** `Idempotency-Key`: the same request again has no second effect. */
export function idempotencyTests(mesh: MeshFixture) {
  const { product, promotion, customer, shipment, review, order, stock } = things(mesh);
  const newProduct = () => {
    const id = unique("prod");
    return { productId: id, sku: `SKU-${id}`, name: "Keyed", categoryId: "keyed" };
  };
  const post = (path: string, key: string, body: unknown, token?: string) =>
    mesh.api("POST", path, {
      body,
      headers: { "idempotency-key": key },
      ...(token === undefined ? {} : { token }),
    });

  const writes = everyWrite(mesh);

  describe("Idempotency-Key", () => {
    it.each(writes)(
      "$route: the same request again gets the stored answer [idempotent]",
      async ({ route, request }) => {
        const [path, body] = await request();
        const headers = { "idempotency-key": unique("key") };
        const send = () => mesh.api(route.split(" ")[0]!, path, { body, headers });
        const first = await send();
        expect([first.status < 300, first.headers.get("idempotency-replayed")]).toEqual([true, null]);
        const again = await send();
        expect(again).toMatchObject({ status: first.status, data: first.data });
        expect(again.headers.get("idempotency-replayed")).toBe("true");
      },
    );

    it("gives the stored answer to a repetition, marked, without a second effect, and travels with the event", async () => {
      const [key, body] = [unique("key"), newProduct()];
      const first = await post("/v1/catalog/products", key, body);
      expect(first.status).toBe(201);
      expect(first.headers.get("idempotency-replayed")).toBeNull();
      const second = await post("/v1/catalog/products", key, { ...body });
      expect(second.status).toBe(201);
      expect(second.headers.get("idempotency-replayed")).toBe("true");
      expect(second.data).toEqual(first.data);
      expect(second.meta.requestId).not.toBe(first.meta.requestId);

      await mesh.api("PATCH", `/v1/catalog/products/${body.productId}`, { body: { name: "Marker" } });
      const events = await mesh.events(body.productId, 2);
      expect(events.map(({ envelope }) => envelope.eventType)).toEqual(["ProductCreated", "ProductUpdated"]);
      expect(events[0]!.headers["idempotency-key"]).toBe(key);
      expect(events[1]!.headers["idempotency-key"]).toBeUndefined();
    });

    it("makes ids once: a repetition gives the id that the first one made", async () => {
      const key = unique("key");
      const body = { sku: unique("SKU"), name: "Without id", categoryId: "keyed" };
      const first = await post("/v1/catalog/products", key, body);
      const second = await post("/v1/catalog/products", key, body);
      expect(second.data.product.productId).toBe(first.data.product.productId);
    });

    it("refuses another body under the same key with 422 [IDEMPOTENCY_KEY_REUSED]", async () => {
      const [key, body] = [unique("key"), newProduct()];
      expect((await post("/v1/catalog/products", key, body)).status).toBe(201);
      expectError(await post("/v1/catalog/products", key, { ...body, name: "Other" }), 422, "IDEMPOTENCY_KEY_REUSED");
      // The order in which a client writes the fields does not make another body.
      const reversed = Object.fromEntries(Object.entries(body).reverse());
      expect((await post("/v1/catalog/products", key, reversed)).status).toBe(201);
    });

    it("is one effect for many at once: each gets the first answer, or 409 while that one runs", async () => {
      const [key, body] = [unique("key"), newProduct()];
      const answers = await Promise.all(Array.from({ length: 10 }, () => post("/v1/catalog/products", key, body)));
      const refused = answers.filter(({ status }) => status !== 201);
      for (const answer of refused) expectError(answer, 409, "REQUEST_IN_PROGRESS");
      expect(answers.length).toBeGreaterThan(refused.length);
      expect(
        answers.filter(({ status, headers }) => status === 201 && !headers.get("idempotency-replayed")),
      ).toHaveLength(1);
      expect((await post("/v1/catalog/products", key, body)).headers.get("idempotency-replayed")).toBe("true");
    });

    it("is 409 REQUEST_IN_PROGRESS while the first one is still running [REQUEST_IN_PROGRESS]", async () => {
      const productId = await product();
      const locked = await mesh.connect("catalog");
      try {
        await locked.query("BEGIN");
        await locked.query("LOCK TABLE products IN ACCESS EXCLUSIVE MODE");
        const key = unique("key");
        const patch = () =>
          mesh.api("PATCH", `/v1/catalog/products/${productId}`, {
            body: { name: "Slow" },
            headers: { "idempotency-key": key },
          });
        const outcomes = [patch(), patch()];
        expectError(await Promise.race(outcomes), 409, "REQUEST_IN_PROGRESS");
        await locked.query("ROLLBACK");
        expect((await Promise.all(outcomes)).map(({ status }) => status).sort()).toEqual([200, 409]);
        expect((await patch()).headers.get("idempotency-replayed")).toBe("true");
      } finally {
        await locked.end();
      }
    });

    it("gives one outcome to a caller who gave up waiting and asks again", async () => {
      const [key, body] = [unique("key"), newProduct()];
      const locked = await mesh.connect("catalog");
      try {
        await locked.query("BEGIN");
        await locked.query("LOCK TABLE products IN ACCESS EXCLUSIVE MODE");
        const headers = { "idempotency-key": key, "x-request-timeout-ms": "400" };
        const late = await mesh.direct("catalog-service", "POST", "/v1/catalog/products", { body, headers });
        expectError(late, 503, "TIMEOUT");
      } finally {
        await locked.query("ROLLBACK");
        await locked.end();
      }
      const again = await eventually("the outcome is known", async () => {
        const headers = { "idempotency-key": key };
        const answer = await mesh.direct("catalog-service", "POST", "/v1/catalog/products", { body, headers });
        return answer.status !== 409 && answer;
      });
      expect(again).toMatchObject({ status: 201, data: { product: body } });
      await mesh.api("PATCH", `/v1/catalog/products/${body.productId}`, { body: { name: "Marker" } });
      expect((await mesh.events(body.productId, 2)).map(({ envelope }) => envelope.eventType)).toEqual([
        "ProductCreated",
        "ProductUpdated",
      ]);
    });

    it("belongs to a subject: the same key by another one is another request", async () => {
      const key = unique("key");
      const [one, other] = [newProduct(), newProduct()];
      expect((await post("/v1/catalog/products", key, one, mesh.token(unique("admin"), "admin"))).status).toBe(201);
      const answer = await post("/v1/catalog/products", key, other, mesh.token(unique("admin"), "admin"));
      expect(answer.status).toBe(201);
      expect(answer.data.product.productId).toBe(other.productId);
    });

    it("belongs to a route: the same key on another one is another request", async () => {
      const key = unique("key");
      const body = newProduct();
      expect((await post("/v1/catalog/products", key, body)).status).toBe(201);
      const other = {
        customerId: unique("cust"),
        email: `${key}@example.com`,
        profile: { firstName: "A", lastName: "B" },
      };
      expect((await post("/v1/customers", key, other)).status).toBe(201);
      const promotionId = await promotion();
      expect((await post(`/v1/promotions/${promotionId}/apply`, key, order())).status).toBe(201);
    });

    it("works for PUT: a late repetition does not undo what came after it", async () => {
      const path = `/v1/pricing/products/${unique("prod")}/price`;
      const put = (basePrice: number, key?: string) =>
        mesh.api("PUT", path, {
          body: { basePrice, currency: "EUR" },
          headers: key === undefined ? {} : { "idempotency-key": key },
        });
      const key = unique("key");
      expect((await put(10, key)).status).toBe(200);
      expect((await put(20)).status).toBe(200);
      const late = await put(10, key);
      expect(late.headers.get("idempotency-replayed")).toBe("true");
      expect(late.data.pricing.basePrice).toBe(10);
      expect((await mesh.api("GET", path)).data.pricing.basePrice).toBe(20);
    });

    it("works for PATCH: a late repetition does not undo what came after it", async () => {
      const promotionId = await promotion();
      const patch = (status: string, key?: string) =>
        mesh.api("PATCH", `/v1/promotions/${promotionId}`, {
          body: { status },
          headers: key === undefined ? {} : { "idempotency-key": key },
        });
      const key = unique("key");
      await patch("inactive", key);
      await patch("active");
      expect((await patch("inactive", key)).headers.get("idempotency-replayed")).toBe("true");
      expect((await mesh.api("GET", `/v1/promotions/${promotionId}`)).data.promotion.status).toBe("active");
    });

    it("stores a refusal that would be the same again", async () => {
      const [key, body] = [unique("key"), newProduct()];
      await product(body);
      const first = await post("/v1/catalog/products", key, body);
      expectError(first, 409, "PRODUCT_EXISTS");
      const second = await post("/v1/catalog/products", key, body);
      expectError(second, 409, "PRODUCT_EXISTS");
      expect(second.error).toEqual(first.error);
      expect(second.headers.get("idempotency-replayed")).toBe("true");
    });

    it.each([
      {
        of: "PROMOTION_EXISTS, as nobody gives an id back",
        code: "PROMOTION_EXISTS",
        request: async () => {
          const promotionId = await promotion();
          return ["POST", "/v1/promotions", { promotionId, name: "N", type: "free_shipping", rules: {}, ...always }];
        },
      },
      {
        of: "CONFLICT of a promotion that is over",
        code: "CONFLICT",
        request: async () => {
          const over = { effectiveFrom: "2020-01-01T00:00:00Z", effectiveTo: "2021-01-01T00:00:00Z" };
          return ["PATCH", `/v1/promotions/${await promotion(over)}`, { status: "active" }];
        },
      },
      {
        of: "INVALID_TRANSITION of a cancelled shipment",
        code: "INVALID_TRANSITION",
        request: async () => {
          const path = `/v1/shipments/${await shipment()}`;
          await mesh.api("PATCH", path, { body: { status: "cancelled" } });
          return ["PATCH", path, { status: "picked" }];
        },
      },
      {
        of: "REVIEW_EXISTS, as nobody deletes a review",
        code: "REVIEW_EXISTS",
        request: async () => {
          const written = { productId: await product(), customerId: unique("cust") };
          await review(written);
          return ["POST", "/v1/reviews", { ...written, rating: 1 }];
        },
      },
    ] as { of: string; code: string; request: () => Promise<[string, string, object]> }[])(
      "stores a refusal that is final: $of",
      async ({ code, request }) => {
        const [method, path, body] = await request();
        const send = (key: string) => mesh.api(method, path, { body, headers: { "idempotency-key": key } });
        const key = unique("key");
        expectError(await send(key), 409, code);
        const again = await send(key);
        expectError(again, 409, code);
        expect(again.headers.get("idempotency-replayed")).toBe("true");
      },
    );

    const tiered = () =>
      promotion({ rules: { conditions: { customerTiers: ["gold"] }, actions: { discountValue: 10 } } });
    it.each([
      {
        of: "INSUFFICIENT_STOCK, and the stock is filled up",
        code: "INSUFFICIENT_STOCK",
        async scene() {
          const productId = await product();
          await stock(productId, "wh_1", 1);
          const fulfillmentEntity = { type: "warehouse", id: "wh_1" };
          const body = { ...newShipment(), fulfillmentEntity, items: [{ productId, sku: "SKU-1", quantity: 3 }] };
          return { request: ["POST", "/v1/shipments", body], change: () => stock(productId, "wh_1", 5) };
        },
      },
      {
        of: "PROMOTION_NOT_APPLICABLE for the tier, and the tier is raised",
        code: "PROMOTION_NOT_APPLICABLE",
        async scene() {
          const customerId = await customer();
          return {
            request: ["POST", `/v1/promotions/${await tiered()}/apply`, order({ customerId })],
            change: () => mesh.api("PATCH", `/v1/customers/${customerId}`, { body: { tier: "gold" } }),
          };
        },
      },
      {
        of: "PROMOTION_NOT_APPLICABLE for the amount, and the order has an application by then",
        code: "PROMOTION_NOT_APPLICABLE",
        async scene() {
          const rules = { conditions: { minOrderAmount: 50 }, actions: { discountValue: 10 } };
          const path = `/v1/promotions/${await promotion({ rules })}/apply`;
          const body = order();
          const cheap = { ...body, items: [{ productId: "prod_1", quantity: 1, unitPrice: 1 }] };
          return { request: ["POST", path, cheap], change: () => mesh.api("POST", path, { body }) };
        },
      },
      {
        of: "PROMOTION_NOT_ACTIVE, and it is switched on",
        code: "PROMOTION_NOT_ACTIVE",
        async scene() {
          const path = `/v1/promotions/${await promotion({ status: "inactive" })}`;
          return {
            request: ["POST", `${path}/apply`, order()],
            change: () => mesh.api("PATCH", path, { body: { status: "active" } }),
          };
        },
      },
      {
        of: "INVALID_TRANSITION, and the step before it is made",
        code: "INVALID_TRANSITION",
        async scene() {
          const path = `/v1/shipments/${await shipment()}`;
          return {
            request: ["PATCH", path, { status: "shipped" }],
            change: () => mesh.api("PATCH", path, { body: { status: "picked" } }),
          };
        },
      },
      {
        of: "PRODUCT_EXISTS for a SKU, and the other product gives it up",
        code: "PRODUCT_EXISTS",
        async scene() {
          const sku = unique("SKU");
          const path = `/v1/catalog/products/${await product({ sku })}`;
          return {
            request: ["POST", "/v1/catalog/products", { ...newProduct(), sku }],
            change: () => mesh.api("PATCH", path, { body: { sku: unique("SKU") } }),
          };
        },
      },
    ] as {
      of: string;
      code: string;
      scene: () => Promise<{ request: [string, string, object]; change: () => Promise<unknown> }>;
    }[])("works a refusal out anew that may come out differently: $of", async ({ code, scene }) => {
      const { request, change } = await scene();
      const [method, path, body] = request;
      const headers = { "idempotency-key": unique("key") };
      const send = () => mesh.api(method, path, { body, headers });
      expectError(await send(), 409, code);
      const again = await send();
      expectError(again, 409, code);
      expect(again.headers.get("idempotency-replayed")).toBeNull();
      await change();
      // A tier reaches promotion by an event.
      const granted = await eventually("it is granted", async () => {
        const answer = await send();
        return answer.status < 300 && answer;
      });
      const replayed = await send();
      expect([replayed.status, replayed.data]).toEqual([granted.status, granted.data]);
      expect(replayed.headers.get("idempotency-replayed")).toBe("true");
    });

    it("does not store what may succeed later", async () => {
      const [key, promotionId, body] = [unique("key"), unique("promo"), order()];
      expectError(await post(`/v1/promotions/${promotionId}/apply`, key, body), 404, "PROMOTION_NOT_FOUND");
      await promotion({ promotionId });
      expect((await post(`/v1/promotions/${promotionId}/apply`, key, body)).status).toBe(201);
    });

    it("is a customer's own too", async () => {
      const customerId = await customer();
      const token = mesh.token(customerId);
      const promotionId = await promotion();
      const body = order({ customerId });
      const key = unique("key");
      expect((await post(`/v1/promotions/${promotionId}/apply`, key, body, token)).status).toBe(201);
      const again = await post(`/v1/promotions/${promotionId}/apply`, key, body, token);
      expect([again.status, again.headers.get("idempotency-replayed")]).toEqual([201, "true"]);
      // Without the key it is the rule of the promotion that answers: 200 and the first application.
      const without = await mesh.api("POST", `/v1/promotions/${promotionId}/apply`, { body, token });
      expect(without.status).toBe(200);
    });

    it("has no meaning on GET", async () => {
      const promotionId = await promotion(always);
      const headers = { "idempotency-key": unique("key") };
      for (let n = 0; n < 2; n++) {
        const answer = await mesh.api("GET", `/v1/promotions/${promotionId}`, { headers });
        expect([answer.status, answer.headers.get("idempotency-replayed")]).toEqual([200, null]);
      }
    });
  });
}
