import type { Cents } from "@weft/core";
import type { Database, Outbox, Queryable } from "@weft/outbox";
import type { CustomerStore } from "../../application/ports.ts";
import type { Customer, CustomerChange } from "../../domain/customer.ts";
import { CustomerExists, CustomerNotFound } from "../../domain/errors.ts";
import type { Tier } from "../../domain/tier.ts";

const topic = "customer.events";

/**
 * The outbox is locked before the row, everywhere, so that events are numbered in the order of the changes. It also makes the
 * creation of a customer and a purchase of the same one wait for each other, while there is no row yet.
 */
export function postgresCustomerStore({ database, outbox }: { database: Database; outbox: Outbox }): CustomerStore {
  return {
    create: ({ customerId, email }, decide) =>
      database.transaction(async (tx) => {
        await outbox.lock(tx, [{ topic, aggregateId: customerId }]);
        const customer = decide(await spentBefore(tx, customerId));
        const { rowCount } = await tx.query(
          `insert into customers (customer_id, email, profile, tier, preferences, addresses, lifetime_spend, created_at, updated_at)
           values ($1, $2, $3, $4, $5, $6, $7::bigint / 100.0, $8, $9) on conflict do nothing`,
          [
            customerId,
            email,
            JSON.stringify(customer.profile),
            customer.tier,
            JSON.stringify(customer.preferences),
            JSON.stringify(customer.addresses),
            customer.lifetimeSpend,
            customer.createdAt,
            customer.updatedAt,
          ],
        );
        if (rowCount === 0) throw new CustomerExists({ field: (await find(tx, customerId)) ? "customerId" : "email" });
        await outbox.append(tx, "CustomerCreated", {
          customerId,
          email,
          profile: customer.profile,
          tier: customer.tier,
          preferences: customer.preferences,
          addresses: customer.addresses,
          createdAt: customer.createdAt.toISOString(),
        });
        return customer;
      }),

    find: (customerId) => find(database, customerId),

    change: (customerId, updatedBy, decide) =>
      database.transaction(async (tx) => {
        const changed = await changeCustomer({ tx, outbox }, customerId, updatedBy, decide);
        if (changed === undefined) throw new CustomerNotFound({ customerId });
        return changed;
      }),
  };
}

/** Inside a transaction of its caller. @returns nothing where there is no such customer */
export async function changeCustomer(
  { tx, outbox }: { tx: Parameters<Outbox["lock"]>[0]; outbox: Outbox },
  customerId: string,
  updatedBy: string | undefined,
  decide: (customer: Customer) => CustomerChange,
): Promise<Customer | undefined> {
  await outbox.lock(tx, [{ topic, aggregateId: customerId }]);
  const before = await find(tx, customerId, "for update");
  if (before === undefined) return undefined;
  const { customer, changes } = decide(before);
  if (customer === before) return before;
  await tx.query(
    `update customers set profile = $2, tier = $3, preferences = $4, addresses = $5,
            lifetime_spend = $6::bigint / 100.0, updated_at = $7
      where customer_id = $1`,
    [
      customerId,
      JSON.stringify(customer.profile),
      customer.tier,
      JSON.stringify(customer.preferences),
      JSON.stringify(customer.addresses),
      customer.lifetimeSpend,
      customer.updatedAt,
    ],
  );
  if (Object.keys(changes).length > 0) {
    await outbox.append(tx, "CustomerUpdated", {
      customerId,
      changes,
      ...(updatedBy === undefined ? {} : { updatedBy }),
      updatedAt: customer.updatedAt.toISOString(),
    });
  }
  return customer;
}

async function spentBefore(tx: Queryable, customerId: string): Promise<Cents> {
  const { rows } = await tx.query<{ cents: string }>(
    "select coalesce(sum(amount) * 100, 0)::bigint as cents from purchases where customer_id = $1",
    [customerId],
  );
  return Number(rows[0]!.cents);
}

type CustomerRow = {
  email: string;
  profile: Customer["profile"];
  tier: Tier;
  preferences: Customer["preferences"];
  addresses: Customer["addresses"];
  spend_cents: string;
  created_at: Date;
  updated_at: Date;
};

async function find(queryable: Queryable, customerId: string, lock = ""): Promise<Customer | undefined> {
  const { rows } = await queryable.query<CustomerRow>(
    `select *, (lifetime_spend * 100)::bigint as spend_cents from customers where customer_id = $1 ${lock}`,
    [customerId],
  );
  const [row] = rows;
  return (
    row && {
      customerId,
      email: row.email,
      profile: row.profile,
      tier: row.tier,
      preferences: row.preferences,
      addresses: row.addresses,
      lifetimeSpend: Number(row.spend_cents),
      createdAt: row.created_at,
      updatedAt: row.updated_at,
    }
  );
}
