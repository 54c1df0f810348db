import type { EventData } from "@weft/contracts";
import type { Database, Queryable } from "@weft/outbox";
import { project } from "@weft/service-kit";
import type { Author, Authors, KnownProducts } from "../../application/ports.ts";

type Place = number | undefined;

export async function noteProduct(tx: Queryable, productId: string): Promise<void> {
  await tx.query("insert into known_products (product_id) values ($1) on conflict do nothing", [productId]);
}

export function noteAuthor(
  tx: Queryable,
  customerId: string,
  profile: { firstName?: unknown; lastName?: unknown },
  place: Place,
): Promise<void> {
  const names = [profile.firstName, profile.lastName].filter((name) => typeof name === "string" && name !== "");
  return project(tx, {
    table: "known_customers",
    key: { customer_id: customerId },
    values: { author_name: names.length === 0 ? null : names.join(" ") },
    place,
  });
}

/** A shipment is created once: a status that was heard of is always a later one. */
export async function noteShipment(tx: Queryable, data: EventData<"ShipmentCreated">): Promise<void> {
  const productIds = data.items.map(({ productId }) => productId).filter((id) => id !== undefined);
  await tx.query(
    `insert into shipments (shipment_id, customer_id, product_ids) values ($1, $2, $3)
     on conflict (shipment_id) do update
       set customer_id = coalesce(excluded.customer_id, shipments.customer_id), product_ids = excluded.product_ids`,
    [data.shipmentId, data.customerId ?? null, productIds],
  );
}

export function noteShipmentStatus(
  tx: Queryable,
  { shipmentId, customerId, to }: EventData<"ShipmentStatusChanged">,
  place: Place,
): Promise<void> {
  return project(tx, {
    table: "shipments",
    key: { shipment_id: shipmentId },
    // A shipment whose creation was told in 1.0 is somebody's once a later event says whose.
    values: { status: to, ...(customerId === undefined ? {} : { customer_id: customerId }) },
    place,
    part: "status",
  });
}

export function knownProducts(database: Database): KnownProducts {
  return {
    async has(productId) {
      const { rowCount } = await database.query("select from known_products where product_id = $1", [productId]);
      return rowCount === 1;
    },
  };
}

export function knownAuthors(database: Database): Authors {
  return {
    async of(reviews) {
      if (reviews.length === 0) return [];
      const { rows } = await database.query<{ author_name: string | null; is_purchase: boolean }>(
        `select c.author_name,
                exists (select from shipments s
                         where s.customer_id = r.customer_id and r.product_id = any (s.product_ids)
                           and s.status <> 'cancelled') as is_purchase
           from unnest($1::text[], $2::text[]) with ordinality as r (customer_id, product_id, place)
           left join known_customers c using (customer_id)
          order by r.place`,
        [reviews.map(({ customerId }) => customerId), reviews.map(({ productId }) => productId)],
      );
      return rows.map(
        (row): Author => ({
          verifiedPurchase: row.is_purchase,
          ...(row.author_name === null ? {} : { authorName: row.author_name }),
        }),
      );
    },
  };
}
