import { expect, it } from "@jest/globals";
import { project } from "./projection.ts";

it("a projected row is written over an older one by its key, and says with which event", async () => {
  const asked: [string, readonly unknown[] | undefined][] = [];
  const tx = {
    async query(text: string, values?: readonly unknown[]) {
      asked.push([text.replace(/\s+/g, " "), values]);
      return { rows: [], rowCount: 0 };
    },
  };
  const key = { product_id: "prod_1", warehouse_id: null };
  await project(tx, { table: "stock", key, values: { available: 3 }, sequence: 7 });
  await project(tx, {
    table: "promotions",
    key: { promotion_id: "promo_1" },
    values: { status: "expired" },
    sequence: undefined,
    sequenceColumn: "status_sequence",
  });
  expect(asked).toEqual([
    [
      "insert into stock (product_id, warehouse_id, available, sequence) values ($1, $2, $3, $4)" +
        " on conflict (product_id, warehouse_id) do update" +
        " set available = excluded.available, sequence = coalesce(excluded.sequence, stock.sequence)" +
        " where stock.sequence is null or excluded.sequence is null or excluded.sequence > stock.sequence",
      ["prod_1", null, 3, 7],
    ],
    [
      "insert into promotions (promotion_id, status, status_sequence) values ($1, $2, $3)" +
        " on conflict (promotion_id) do update" +
        " set status = excluded.status, status_sequence = coalesce(excluded.status_sequence, promotions.status_sequence)" +
        " where promotions.status_sequence is null or excluded.status_sequence is null" +
        " or excluded.status_sequence > promotions.status_sequence",
      ["promo_1", "expired", null],
    ],
  ]);
});
