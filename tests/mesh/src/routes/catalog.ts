import { describe, expect, it } from "@jest/globals";
import { eventually } from "@weft/testkit";
import { expectError, expectInvalid, type MeshFixture, pageWithout, soon, unique } from "../http/mesh-fixture.ts";
import { things } from "../http/things.ts";

/** The routes of catalog: products, and the page that shows one with what other services know of it. */
export function catalogRoutes(mesh: MeshFixture) {
  const { product, price, promotion } = things(mesh);
  const products = "/v1/catalog/products";
  const post = (body: unknown) => mesh.api("POST", products, { body });
  const patch = (productId: string, body: unknown) => mesh.api("PATCH", `${products}/${productId}`, { body });
  const get = (productId: string, query = "") => mesh.api("GET", `${products}/${productId}${query}`, { token: null });
  /** The page when no other service was late, which it may be on a busy machine. */
  const whole = (productId: string, query = "") => pageWithout([], () => get(productId, query));
  const fresh = () => ({ sku: unique("SKU"), name: "Runner", categoryId: "shoes" });
  const counted = async (productId: string, warehouseId: string, onHand: number) => {
    const path = `/v1/inventory/products/${productId}/warehouses/${warehouseId}`;
    expect(await mesh.api("PUT", path, { body: { onHand } })).toMatchObject({ status: 200 });
  };

  describe("catalog: POST /v1/catalog/products", () => {
    it("creates a product, makes its id, and publishes ProductCreated [201]", async () => {
      const body = { ...fresh(), description: "Light", attributes: { size: 42, colours: ["red", "blue"] } };
      const answer = await post(body);
      expect(answer.status).toBe(201);
      expect(answer.data.product).toMatchObject({ ...body, productId: expect.stringMatching(/^prod_.+/) });
      const { productId } = answer.data.product;
      expect((await get(productId)).data.product).toEqual(answer.data.product);
      const [event] = await mesh.events(productId);
      expect(event).toMatchObject({ topic: "catalog.events", key: productId });
      expect(event!.envelope).toMatchObject({
        eventType: "ProductCreated",
        version: "1.0",
        source: "catalog-service",
        data: { productId, ...body },
      });
      expect(event!.headers).toMatchObject({
        "event-id": event!.envelope.eventId,
        "event-type": "ProductCreated",
        "event-version": "1.0",
        source: "catalog-service",
        "aggregate-id": productId,
        "event-sequence": "1",
        "correlation-id": answer.meta.requestId,
        traceparent: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/),
        "content-type": expect.stringContaining("json"),
      });
    });

    it("takes the client's own id, and refuses one or a SKU that is taken [PRODUCT_EXISTS]", async () => {
      const body = { ...fresh(), productId: unique("prod") };
      expect((await post(body)).data.product.productId).toBe(body.productId);
      expectError(await post({ ...fresh(), productId: body.productId }), 409, "PRODUCT_EXISTS");
      expectError(await post({ ...fresh(), sku: body.sku }), 409, "PRODUCT_EXISTS");
    });

    it("creates one of many with the same SKU at the same moment [201]", async () => {
      const body = fresh();
      const answers = await Promise.all(Array.from({ length: 8 }, () => post(body)));
      expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(7).fill(409)]);
    });

    it("is TIMEOUT within 30 seconds where the database keeps it waiting, and then nothing was created [TIMEOUT]", async () => {
      const body = fresh();
      const blocker = await mesh.connect("catalog");
      try {
        await blocker.query("BEGIN");
        // Whoever wants the same SKU has to wait for the end of this transaction.
        await blocker.query(
          `INSERT INTO products (product_id, sku, name, category_id, attributes, created_at, updated_at)
           VALUES ($1, $2, 'Blocker', 'none', '{}', now(), now())`,
          [unique("prod"), body.sku],
        );
        // Whoever asks gives up after 35 s (`mesh.api`), with an error that is none of the mesh.
        expectError(await post(body), 503, "TIMEOUT");
      } finally {
        await blocker.query("ROLLBACK");
        await blocker.end();
      }
      expect((await mesh.api("GET", `${products}?q=${body.sku}`)).data.products).toEqual([]);
      expect((await post(body)).status).toBe(201);
    }, 40_000);

    it("names what is missing or unknown [VALIDATION_ERROR]", async () => {
      expectInvalid(await post({}), "sku", "name", "categoryId");
      expectInvalid(await post({ ...fresh(), colour: "red", sku: "" }), "colour", "sku");
      expectInvalid(await post({ ...fresh(), name: 5, attributes: "none" }), "name", "attributes");
    });
  });

  describe("catalog: PATCH /v1/catalog/products/{productId}", () => {
    it("changes what is given, publishes ProductUpdated with it, and nothing where nothing changes [200]", async () => {
      const productId = await product({ name: "Before" });
      const changed = await patch(productId, { name: "After", attributes: { size: 42 } });
      expect(changed.status).toBe(200);
      expect(changed.data.product).toMatchObject({ productId, name: "After", attributes: { size: 42 } });
      for (const same of [{ name: "After" }, { attributes: { size: 42 } }, {}]) {
        const answer = await patch(productId, same);
        if (Object.keys(same).length > 0) expect(answer.status).toBe(200);
        expect((await get(productId)).data.product).toEqual(changed.data.product);
      }
      await patch(productId, { categoryId: "marker" });
      const events = await mesh.events(productId, 3);
      expect(events.map(({ envelope, headers }) => [envelope.eventType, headers["event-sequence"]])).toEqual([
        ["ProductCreated", "1"],
        ["ProductUpdated", "2"],
        ["ProductUpdated", "3"],
      ]);
      expect(events[1]!.envelope.data).toMatchObject({
        productId,
        changes: { name: "After", attributes: { size: 42 } },
      });
      expect(events[2]!.envelope.data.changes).toEqual({ categoryId: "marker" });
    });

    it("refuses products that do not exist, SKUs that are taken, and fields that it does not know [PRODUCT_NOT_FOUND] [PRODUCT_EXISTS] [VALIDATION_ERROR]", async () => {
      const productId = await product();
      const other = await product();
      expectError(await patch(unique("prod"), { name: "N" }), 404, "PRODUCT_NOT_FOUND");
      expectError(await patch(productId, { sku: `SKU-${other}` }), 409, "PRODUCT_EXISTS");
      expectInvalid(await patch(productId, { productId: other }), "productId");
      expectInvalid(await patch(productId, { name: "", price: 5 }), "name", "price");
    });
  });

  describe("catalog: GET /v1/catalog/products", () => {
    it("finds by category and by text [200]", async () => {
      const [categoryId, word] = [unique("cat"), unique("word")];
      const one = await product({ categoryId, name: `The ${word.toUpperCase()} shoe` });
      const two = await product({ categoryId });
      const ids = async (query: string) => {
        const { status, data } = await mesh.api("GET", `${products}?${query}`, { token: null });
        expect(status).toBe(200);
        return data.products.map(({ productId }: { productId: string }) => productId).sort();
      };
      expect(await ids(`categoryId=${categoryId}`)).toEqual([one, two].sort());
      expect(await ids(`q=${word}`)).toEqual([one]);
      expect(await ids(`q=${word}&categoryId=other`)).toEqual([]);
      expect(await ids(`categoryId=${categoryId}&q=${encodeURIComponent("%")}`)).toEqual([]);
    });
  });

  describe("catalog: GET /v1/catalog/products/{productId}", () => {
    it("shows a product of which nobody knows more: null without being degraded [200] [PRODUCT_NOT_FOUND]", async () => {
      const productId = await product();
      const answer = await whole(productId);
      expect(answer.status).toBe(200);
      expect(answer.data).toMatchObject({
        product: { productId },
        pricing: null,
        stock: null,
        rating: { average: 0, count: 0 },
        promotions: expect.any(Array),
      });
      expectError(await get(unique("prod")), 404, "PRODUCT_NOT_FOUND");
    });

    it("shows the price of the warehouse, or the general one, within 2 seconds of a change", async () => {
      const productId = await product();
      await price(productId, 10);
      await price(productId, 8, "wh_1");
      const shown = async (query: string) => (await whole(productId, query)).data.pricing;
      await eventually("the price is shown", async () => (await shown(""))?.basePrice === 10, soon);
      expect(await shown("")).toMatchObject({ productId, basePrice: 10, finalPrice: 10, currency: "EUR" });
      expect(await shown("?warehouseId=wh_1")).toMatchObject({ warehouseId: "wh_1", basePrice: 8 });
      expect(await shown("?warehouseId=wh_2")).toMatchObject({ basePrice: 10 });
      await price(productId, 12);
      await eventually("the new price is shown", async () => (await shown(""))?.basePrice === 12, soon);
    });

    it("shows the stock of the warehouse, where one is given, and whether there is enough of it [200]", async () => {
      const [productId, other] = [await product(), await product()];
      const [hamburg, munich] = [unique("wh"), unique("wh")];
      await counted(productId, hamburg, 5);
      await counted(productId, munich, 0);
      await counted(other, hamburg, 100);
      const shown = async (query: string) => {
        const { status, data } = await whole(productId, query);
        expect(status).toBe(200);
        return data.stock;
      };
      const stock = { productId, warehouseId: hamburg, available: 5, reserved: 0 };
      expect(await shown(`?warehouseId=${hamburg}`)).toEqual({ ...stock, inStock: true });
      expect(await shown(`?warehouseId=${hamburg}&quantity=5`)).toEqual({ ...stock, inStock: true });
      expect(await shown(`?warehouseId=${hamburg}&quantity=6`)).toEqual({ ...stock, inStock: false });
      expect(await shown(`?warehouseId=${munich}`)).toEqual({
        ...stock,
        warehouseId: munich,
        available: 0,
        inStock: false,
      });
      expect(await shown("?quantity=2")).toBeNull();
    });

    it("shows no stock, and is not degraded, where nothing was ever counted [200]", async () => {
      const productId = await product();
      await counted(productId, unique("wh"), 5);
      const answer = await whole(productId, `?warehouseId=${unique("wh")}&quantity=2`);
      expect([answer.status, answer.data.stock]).toEqual([200, null]);
    });

    it("comes within its bound without the stock where inventory hangs, and asks for it only where a warehouse is given [200]", async () => {
      const productId = await product();
      const warehouseId = unique("wh");
      await counted(productId, warehouseId, 5);
      const query = `?warehouseId=${warehouseId}`;
      await mesh.whileFrozen("warehouse-inventory-service", async () => {
        const begun = performance.now();
        const answer = await get(productId, query);
        expect(performance.now() - begun).toBeLessThan(4_800);
        expect([answer.status, answer.data.stock]).toEqual([200, null]);
        expect(answer.data.product.productId).toBe(productId);
        expect(answer.meta.degraded).toContain("warehouse-inventory-service");
        await pageWithout(["warehouse-inventory-service"], () => get(productId, query));
        await whole(productId);
      });
      await eventually(
        "inventory answers again",
        async () => (await get(productId, query)).data.stock?.available === 5,
        {
          timeoutMs: 60_000,
        },
      );
    }, 120_000);

    it("comes within its bound without the price where pricing hangs [200]", async () => {
      const productId = await product();
      await price(productId, 10);
      await mesh.whileFrozen("pricing-service", async () => {
        const begun = performance.now();
        const answer = await get(productId);
        // 800 ms for the dependency, and not the 5 s of an attempt.
        expect(performance.now() - begun).toBeLessThan(4_800);
        expect([answer.status, answer.data.pricing]).toEqual([200, null]);
        expect(answer.data.product.productId).toBe(productId);
        expect(answer.meta.degraded).toEqual(["pricing-service"]);
      });
      await eventually("pricing answers again", async () => (await get(productId)).data.pricing?.basePrice === 10, {
        timeoutMs: 60_000,
      });
    }, 120_000);

    it("shows the promotions that are active now for the product, its category, or everything", async () => {
      const categoryId = unique("cat");
      const productId = await product({ categoryId });
      const actions = { discountValue: 10 };
      const inAnHour = new Date(Date.now() + 3_600_000).toISOString();
      const shown = [
        await promotion({ rules: { conditions: { productIds: ["other", productId] }, actions } }),
        await promotion({ rules: { conditions: { categoryIds: [categoryId] }, actions } }),
        await promotion({ rules: { actions } }),
      ];
      const hidden = [
        await promotion({ rules: { conditions: { productIds: ["other"] }, actions } }),
        await promotion({ rules: { conditions: { categoryIds: ["other"] }, actions } }),
        await promotion({ rules: { conditions: { productIds: [productId] }, actions }, status: "inactive" }),
        await promotion({ rules: { conditions: { productIds: [productId] }, actions }, effectiveFrom: inAnHour }),
      ];
      const last = await promotion({ rules: { conditions: { productIds: [productId] }, actions } });
      const ids = async (): Promise<string[]> =>
        (await get(productId)).data.promotions.map(({ promotionId }: { promotionId: string }) => promotionId);
      await eventually("all that it shows are there", async () => {
        const now = await ids();
        return [...shown, last].every((id) => now.includes(id));
      });
      for (const id of hidden) await mesh.effect("catalog", (await mesh.events(id))[0]!.envelope.eventId);
      expect((await ids()).filter((id) => hidden.includes(id))).toEqual([]);

      await mesh.api("PATCH", `/v1/promotions/${last}`, { body: { status: "inactive" } });
      await eventually("the one that was switched off is gone", async () => !(await ids()).includes(last), soon);
      await mesh.api("PATCH", `/v1/promotions/${last}`, { body: { status: "active" } });
      await eventually("it is back", async () => (await ids()).includes(last), soon);
    });

    it("refuses a quantity that is none [VALIDATION_ERROR]", async () => {
      const productId = await product();
      expectInvalid(await get(productId, "?warehouseId=wh_1&quantity=0"), "quantity");
      expectInvalid(await get(productId, "?quantity=1.5&colour=red"), "quantity", "colour");
    });
  });
}
