import { describe, expect, it } from "@jest/globals";
import { expectInvalid, type MeshFixture, unique } from "./mesh-fixture.ts";
import { things } from "./things.ts";

/** Lists: `limit`, `cursor` and `meta.nextCursor`. */
export function paginationTests(mesh: MeshFixture) {
  const { product, promotion, shipment, review } = things(mesh);
  const list = (query: string, path = "/v1/catalog/products") => mesh.api("GET", `${path}?${query}`);

  async function walk(
    query: string,
    {
      path,
      idsOf = ({ products }) => products.map(({ productId }: { productId: string }) => productId),
      onPage = async () => {},
    }: {
      path?: string;
      // biome-ignore lint/suspicious/noExplicitAny: a test knows what it asks for
      idsOf?: (data: any) => string[];
      onPage?: (page: number) => Promise<unknown>;
    } = {},
  ) {
    const pages: string[][] = [];
    let cursor: string | undefined;
    do {
      const page = cursor === undefined ? query : `${query}&cursor=${encodeURIComponent(cursor)}`;
      const answer = await list(page, path);
      expect(answer.status).toBe(200);
      pages.push(idsOf(answer.data));
      cursor = answer.meta.nextCursor;
      await onPage(pages.length);
    } while (cursor !== undefined && pages.length < 50);
    return pages;
  }

  describe("lists", () => {
    it("give each thing once on a walk along the cursors, also while others are added: GET /v1/catalog/products [200] [cursor]", async () => {
      const categoryId = unique("cat");
      const made = [];
      for (let n = 0; n < 7; n++) made.push(await product({ categoryId }));
      const pages = await walk(`categoryId=${categoryId}&limit=3`, { onPage: () => product({ categoryId }) });
      const seen = pages.flat();
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen).toEqual(expect.arrayContaining(made));
      expect(pages.slice(0, -1).every(({ length }) => length === 3)).toBe(true);
    });

    it.each([
      {
        path: "/v1/promotions",
        make: async () => {
          const productId = unique("prod");
          const rules = { conditions: { productIds: [productId] }, actions: { discountValue: 1 } };
          const ids = [await promotion({ rules }), await promotion({ rules }), await promotion({ rules })];
          return { query: `productId=${productId}`, ids };
        },
        idsOf: ({ promotions }: { promotions: { promotionId: string }[] }) => promotions.map((one) => one.promotionId),
        // Those for every product are listed too.
        isAlone: false,
      },
      {
        path: "/v1/shipments",
        make: async () => {
          const orderId = unique("order");
          const ids = [await shipment({ orderId }), await shipment({ orderId }), await shipment({ orderId })];
          return { query: `orderId=${orderId}`, ids };
        },
        idsOf: ({ shipments }: { shipments: { shipmentId: string }[] }) => shipments.map((one) => one.shipmentId),
        isAlone: true,
      },
      {
        path: "/v1/reviews",
        make: async () => {
          const productId = await product();
          const one = () => review({ productId, customerId: unique("cust") });
          return { query: `productId=${productId}`, ids: [await one(), await one(), await one()] };
        },
        idsOf: ({ reviews }: { reviews: { reviewId: string }[] }) => reviews.map((one) => one.reviewId),
        isAlone: true,
      },
    ])(
      "GET $path: newest first, each once on a walk along the cursors [200] [cursor]",
      async ({ path, make, idsOf, isAlone }) => {
        const { query, ids } = await make();
        const pages = await walk(`${query}&limit=2`, { path, idsOf });
        const seen = pages.flat();
        expect(new Set(seen).size).toBe(seen.length);
        expect(seen.filter((id) => ids.includes(id))).toEqual(ids.reverse());
        if (isAlone) expect(pages.map(({ length }) => length)).toEqual([2, 1]);
      },
    );

    it("have no next cursor on the last page, also where it is full", async () => {
      const categoryId = unique("cat");
      for (let n = 0; n < 4; n++) await product({ categoryId });
      expect((await walk(`categoryId=${categoryId}&limit=2`)).map(({ length }) => length)).toEqual([2, 2]);
      const whole = await list(`categoryId=${categoryId}&limit=4`);
      expect(whole.meta).not.toHaveProperty("nextCursor");
      const empty = await list(`categoryId=${unique("cat")}`);
      expect([empty.data.products, empty.meta.nextCursor]).toEqual([[], undefined]);
    });

    it("give 20 unless told, and at most 100", async () => {
      const categoryId = unique("cat");
      await Promise.all(Array.from({ length: 21 }, () => product({ categoryId })));
      const usual = await list(`categoryId=${categoryId}`);
      expect(usual.data.products).toHaveLength(20);
      expect(usual.meta.nextCursor).toEqual(expect.any(String));
      expect((await list(`categoryId=${categoryId}&limit=100`)).data.products).toHaveLength(21);
    });

    it.each([
      "/v1/catalog/products",
      "/v1/promotions",
      "/v1/customers/{customerId}/activity",
      "/v1/shipments",
      "/v1/reviews",
    ])(
      "GET %s: other limits, and cursors that nobody gave out, are refused [cursor] [VALIDATION_ERROR]",
      async (route) => {
        const path = route.replace("{customerId}", "cust_of_tests");
        for (const limit of ["0", "101", "-1", "1.5", "ten", ""]) {
          expectInvalid(await mesh.api("GET", `${path}?limit=${limit}`), "limit");
        }
        const made = Buffer.from("[1e999]").toString("base64url");
        for (const cursor of ["garbage", "WzFd!", made, Buffer.from('["x"]').toString("base64url")]) {
          expectInvalid(await mesh.api("GET", `${path}?cursor=${encodeURIComponent(cursor)}`), "cursor");
        }
      },
    );

    it("refuse the cursor of another list, or of the same under another filter: GET /v1/catalog/products, GET /v1/promotions [cursor] [VALIDATION_ERROR]", async () => {
      const [categoryId, other] = [unique("cat"), unique("cat")];
      for (let n = 0; n < 2; n++) await product({ categoryId });
      const { nextCursor } = (await list(`categoryId=${categoryId}&limit=1`)).meta;
      expect((await list(`limit=1&categoryId=${categoryId}&cursor=${nextCursor}`)).status).toBe(200);
      expectInvalid(await list(`categoryId=${other}&cursor=${nextCursor}`), "cursor");
      expectInvalid(await list(`cursor=${nextCursor}`), "cursor");
      for (const path of ["/v1/promotions", "/v1/customers/cust_of_tests/activity", "/v1/shipments", "/v1/reviews"]) {
        expectInvalid(await list(`cursor=${nextCursor}`, path), "cursor");
      }
    });

    it("refuse a cursor that was changed: GET /v1/catalog/products [cursor] [VALIDATION_ERROR]", async () => {
      const categoryId = unique("cat");
      for (let n = 0; n < 3; n++) await product({ categoryId });
      const { nextCursor } = (await list(`categoryId=${categoryId}&limit=1`)).meta;
      expectInvalid(await list(`categoryId=${categoryId}&cursor=${nextCursor!.slice(0, -2)}`), "cursor");
      expectInvalid(await list(`categoryId=${categoryId}&cursor=${nextCursor}x`), "cursor");
    });
  });
}
