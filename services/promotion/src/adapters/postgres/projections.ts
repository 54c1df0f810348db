import type { Database, Queryable } from "@weft/outbox";
import { project } from "@weft/service-kit";
import type { KnownTiers } from "../../application/ports.ts";

export function knownTiers(database: Database): KnownTiers {
  return {
    async tierOf(customerId) {
      const { rows } = await database.query<{ tier: string }>(
        "select tier from known_customers where customer_id = $1",
        [customerId],
      );
      return rows[0]?.tier;
    },
  };
}

export function noteTier(tx: Queryable, customerId: string, tier: string, place?: number): Promise<void> {
  return project(tx, { table: "known_customers", key: { customer_id: customerId }, values: { tier }, place });
}

export function noteCategory(tx: Queryable, productId: string, categoryId: string, place?: number): Promise<void> {
  const values = { category_id: categoryId };
  return project(tx, { table: "known_products", key: { product_id: productId }, values, place });
}
