import { expect, it } from "@jest/globals";
import { project } from "./projection.ts";

it("a projected row is written over an older one by its key, where the inbox says that no later event has written it", async () => {
  const asked: [string, readonly unknown[] | undefined][] = [];
  const tx = {
    async query(text: string, values?: readonly unknown[]) {
      asked.push([text.replace(/\s+/g, " "), values]);
      return { rows: [], rowCount: 0 };
    },
  };
  const key = { product_id: "prod_1", warehouse_id: null };
  await project(tx, { table: "stock", key, values: { available: 3 }, place: 7 });
  await project(tx, {
    table: "promotions",
    key: { promotion_id: "promo_1" },
    values: { status: "expired" },
    place: undefined,
    part: "status",
  });
  expect(asked).toEqual([
    [
      "insert into stock (product_id, warehouse_id, available) select $1, $2, $3" +
        " where weft.inbox_may_write($4, $5, $6, $7)" +
        " on conflict (product_id, warehouse_id) do update set available = excluded.available",
      ["prod_1", null, 3, "stock", "", ["prod_1", null], 7],
    ],
    [
      "insert into promotions (promotion_id, status) select $1, $2 where weft.inbox_may_write($3, $4, $5, $6)" +
        " on conflict (promotion_id) do update set status = excluded.status",
      ["promo_1", "expired", "promotions", "status", ["promo_1"], null],
    ],
  ]);
});
