import { describe, expect, it } from "@jest/globals";
import { expectInvalid, type MeshFixture, unique } from "./mesh-fixture.ts";
import { things } from "./things.ts";

/** Lists: `limit`, `cursor` and `meta.nextCursor`. */
export function paginationTests(mesh: MeshFixture) {
  const { product } = things(mesh);
  const list = (query: string) => mesh.api("GET", `/v1/catalog/products?${query}`);

  async function walk(query: string, onPage: (page: number) => Promise<unknown> = async () => {}) {
    const pages: string[][] = [];
    let cursor: string | undefined;
    do {
      const answer = await list(`${query}${cursor === undefined ? "" : `&cursor=${encodeURIComponent(cursor)}`}`);
      expect(answer.status).toBe(200);
      pages.push(answer.data.products.map(({ productId }: { productId: string }) => productId));
      cursor = answer.meta.nextCursor;
      await onPage(pages.length);
    } while (cursor !== undefined && pages.length < 50);
    return pages;
  }

  describe("lists", () => {
    it("give each thing once on a walk along the cursors, also while others are added", async () => {
      const categoryId = unique("cat");
      const made = [];
      for (let n = 0; n < 7; n++) made.push(await product({ categoryId }));
      const pages = await walk(`categoryId=${categoryId}&limit=3`, () => product({ categoryId }));
      const seen = pages.flat();
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen).toEqual(expect.arrayContaining(made));
      expect(pages.slice(0, -1).every(({ length }) => length === 3)).toBe(true);
    });

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

    it.each(["/v1/catalog/products", "/v1/promotions", "/v1/customers/cust_of_tests/activity"])(
      "refuse other limits and cursors that nobody gave out: %s",
      async (path) => {
        for (const limit of ["0", "101", "-1", "1.5", "ten", ""]) {
          expectInvalid(await mesh.api("GET", `${path}?limit=${limit}`), "limit");
        }
        const made = Buffer.from("[1e999]").toString("base64url");
        for (const cursor of ["garbage", "WzFd!", made, Buffer.from('["x"]').toString("base64url")]) {
          expectInvalid(await mesh.api("GET", `${path}?cursor=${encodeURIComponent(cursor)}`), "cursor");
        }
      },
    );

    it("refuse a cursor that was changed", async () => {
      const categoryId = unique("cat");
      for (let n = 0; n < 3; n++) await product({ categoryId });
      const { nextCursor } = (await list(`categoryId=${categoryId}&limit=1`)).meta;
      expectInvalid(await list(`categoryId=${categoryId}&cursor=${nextCursor!.slice(0, -2)}`), "cursor");
      expectInvalid(await list(`categoryId=${categoryId}&cursor=${nextCursor}x`), "cursor");
    });
  });
}
