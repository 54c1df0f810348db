import { describe, expect, it } from "@jest/globals";
import { eventually } from "@weft/testkit";
import { type MeshFixture, unique } from "../http/mesh-fixture.ts";
import { things } from "../http/things.ts";
import { foreignClient } from "./foreign-client.ts";

/** `catalog.v1.Catalog`, asked by a client that nobody here wrote. */
export function catalogGrpc(mesh: MeshFixture) {
  const { product, price, promotion } = things(mesh);
  const call = foreignClient(mesh, {
    service: "catalog-service",
    proto: "catalog/v1/catalog.proto",
    name: "catalog.v1.Catalog",
  });
  const fresh = () => ({ sku: unique("SKU"), name: "Runner", category_id: "shoes" });
  const onHand = (productId: string, warehouseId: string, units: number) =>
    mesh.api("PUT", `/v1/inventory/products/${productId}/warehouses/${warehouseId}`, { body: { onHand: units } });
  const asCustomer = { "x-user-id": "cust_1", "x-user-role": "customer" };
  const asAdmin = { "x-user-id": "adm", "x-user-role": "admin" };

  describe("catalog: catalog.v1.Catalog/GetProduct", () => {
    it("gives the page that HTTP gives [OK]", async () => {
      const [categoryId, warehouseId] = [unique("cat"), unique("wh")];
      const productId = await product({ categoryId, name: "Runner" });
      await price(productId, 10);
      await price(productId, 8.5, warehouseId);
      await onHand(productId, warehouseId, 5);
      const promotionId = await promotion({
        rules: { conditions: { categoryIds: [categoryId], minOrderAmount: 20 }, actions: { discountValue: 10 } },
      });
      const path = `/v1/catalog/products/${productId}?warehouseId=${warehouseId}&quantity=6`;
      const { data } = await eventually("the page has everything", async () => {
        const page = await mesh.api("GET", path);
        const promotions = page.data.promotions.map((one: { promotionId: string }) => one.promotionId);
        return page.data.pricing !== null && page.data.stock !== null && promotions.includes(promotionId) && page;
      });
      const asked = { product_id: productId, warehouse_id: warehouseId, quantity: 6 };
      // The page goes without what is late, on a busy machine too.
      const whole = (request: object) =>
        eventually("an answer with nobody late", async () => {
          const answer = await call("GetProduct", request);
          return answer.response?.degraded.length === 0 && answer;
        });
      const { status, response } = await whole(asked);
      expect(status).toBe("OK");
      expect(response.product).toMatchObject({
        product_id: productId,
        sku: data.product.sku,
        name: "Runner",
        category_id: categoryId,
        created_at: data.product.createdAt,
        updated_at: data.product.updatedAt,
      });
      expect(response.pricing).toMatchObject({ product_id: productId, warehouse_id: warehouseId, final_price: 8.5 });
      expect(response.stock).toEqual({
        product_id: productId,
        warehouse_id: warehouseId,
        available: 5,
        reserved: 0,
        in_stock: false,
      });
      expect(response.rating).toEqual({ average: 0, count: 0 });
      const shown = response.promotions.find((one: { promotion_id: string }) => one.promotion_id === promotionId);
      expect(shown.rules.fields.conditions.structValue.fields.minOrderAmount.numberValue).toBe(20);

      const without = (await whole({ product_id: productId })).response;
      expect([without.stock, without.pricing.warehouse_id, without.pricing.final_price]).toEqual([
        undefined,
        undefined,
        10,
      ]);
    });

    it("says that there is none [PRODUCT_NOT_FOUND]", async () => {
      const answer = await call("GetProduct", { product_id: unique("prod") });
      expect(answer).toMatchObject({ status: "NOT_FOUND", code: "PRODUCT_NOT_FOUND" });
    });

    it("names wrong fields as they are in the contract [VALIDATION_ERROR]", async () => {
      const refused = { status: "INVALID_ARGUMENT", code: "VALIDATION_ERROR" };
      expect(await call("GetProduct", {})).toMatchObject({ ...refused, fields: ["product_id"] });
      const wrong = { product_id: "prod_1", warehouse_id: "a b", quantity: 0 };
      expect(await call("GetProduct", wrong)).toMatchObject({ ...refused, fields: ["quantity", "warehouse_id"] });
    });

    it("is for every caller [other] [admin]", async () => {
      const productId = await product();
      for (const metadata of [asCustomer, asAdmin]) {
        expect((await call("GetProduct", { product_id: productId }, { metadata })).status).toBe("OK");
      }
    });
  });

  describe("catalog: catalog.v1.Catalog/CreateProduct", () => {
    it("creates a product, makes its id, and publishes ProductCreated [OK]", async () => {
      const body = {
        ...fresh(),
        description: "Light",
        attributes: {
          fields: {
            size: { numberValue: 42 },
            colours: { listValue: { values: [{ stringValue: "red" }, { boolValue: true }] } },
            nothing: { nullValue: "NULL_VALUE" },
          },
        },
      };
      const metadata = { "x-request-id": unique("request") };
      const { status, response } = await call("CreateProduct", body, { metadata });
      expect(status).toBe("OK");
      expect(response.product).toMatchObject({
        sku: body.sku,
        name: body.name,
        description: "Light",
        product_id: expect.stringMatching(/^prod_.+/),
      });
      const { product_id: productId } = response.product;
      const shown = (await mesh.api("GET", `/v1/catalog/products/${productId}`)).data.product;
      const attributes = { size: 42, colours: ["red", true], nothing: null };
      expect(shown).toMatchObject({ productId, sku: body.sku, categoryId: "shoes", description: "Light", attributes });
      const [event] = await mesh.events(productId);
      expect(event!.envelope).toMatchObject({ eventType: "ProductCreated", data: { productId, attributes } });
      expect(event!.headers["correlation-id"]).toBe(metadata["x-request-id"]);
    });

    it("creates one with no attributes and no description [OK]", async () => {
      const { status, response } = await call("CreateProduct", fresh());
      expect(status).toBe("OK");
      const { product_id: productId } = response.product;
      const shown = (await mesh.api("GET", `/v1/catalog/products/${productId}`)).data.product;
      expect(shown.attributes).toEqual({});
      expect(shown).not.toHaveProperty("description");
    });

    it("takes the client's own id, and refuses one or a SKU that is taken [PRODUCT_EXISTS]", async () => {
      const body = { ...fresh(), product_id: unique("prod") };
      expect((await call("CreateProduct", body)).response.product.product_id).toBe(body.product_id);
      const refused = { status: "ALREADY_EXISTS", code: "PRODUCT_EXISTS" };
      expect(await call("CreateProduct", { ...fresh(), product_id: body.product_id })).toMatchObject(refused);
      expect(await call("CreateProduct", { ...fresh(), sku: body.sku })).toMatchObject(refused);
    });

    it("names wrong fields as they are in the contract [VALIDATION_ERROR]", async () => {
      const refused = { status: "INVALID_ARGUMENT", code: "VALIDATION_ERROR" };
      expect(await call("CreateProduct", {})).toMatchObject({ ...refused, fields: ["category_id", "name", "sku"] });
      const attributes = { fields: { colour: { stringValue: "x".repeat(2001) } } };
      const wrong = { ...fresh(), category_id: "a b", product_id: "ü", attributes };
      const fields = ["attributes.colour", "category_id", "product_id"];
      expect(await call("CreateProduct", wrong)).toMatchObject({ ...refused, fields });
      for (const sku of ["A1 ", "   ", "A\n1", "A\u202E1"]) {
        expect(await call("CreateProduct", { ...fresh(), sku })).toMatchObject({ ...refused, fields: ["sku"] });
      }
      for (const product_id of [".", ".."]) {
        expect(await call("CreateProduct", { ...fresh(), product_id })).toMatchObject({
          ...refused,
          fields: ["product_id"],
        });
      }
      const unreadable = { ...fresh(), name: "nul\0" };
      expect(await call("CreateProduct", unreadable)).toMatchObject({ ...refused, fields: ["name"] });
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
        const begun = performance.now();
        const answer = await call("CreateProduct", body, { timeoutMs: 38_000 });
        expect(answer).toMatchObject({ status: "DEADLINE_EXCEEDED", code: "TIMEOUT" });
        expect(performance.now() - begun).toBeLessThan(36_000);
      } finally {
        await blocker.query("ROLLBACK");
        await blocker.end();
      }
      expect((await mesh.api("GET", `/v1/catalog/products?q=${body.sku}`)).data.products).toEqual([]);
      expect((await call("CreateProduct", body)).status).toBe("OK");
    }, 45_000);

    it("is for operators where a role is there [other] [admin]", async () => {
      const answer = await call("CreateProduct", fresh(), { metadata: asCustomer });
      expect(answer).toMatchObject({ status: "PERMISSION_DENIED", code: "FORBIDDEN" });
      expect((await call("CreateProduct", fresh(), { metadata: asAdmin })).status).toBe("OK");
    });
  });
}
