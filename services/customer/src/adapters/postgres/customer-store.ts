import { type Cents, fromCents, toCents } from "@weft/core";
import type { Database, Outbox, Queryable } from "@weft/outbox";
import { aggregateStore, type Decision } from "@weft/service-kit";
import type { CustomerStore } from "../../application/ports.ts";
import type { Customer, CustomerChange } from "../../domain/customer.ts";
import { CustomerExists, CustomerNotFound } from "../../domain/errors.ts";

type CustomerEvent = "CustomerCreated" | "CustomerUpdated";

export interface CustomerStoreParts {
  database: Database;
  outbox: Outbox<CustomerEvent>;
}

export const customerAggregates = (parts: CustomerStoreParts) =>
  aggregateStore(parts, { topic: "customer.events", table: "customers", id: "customer_id", toRow, fromRow });

export function postgresCustomerStore(parts: CustomerStoreParts): CustomerStore {
  const customers = customerAggregates(parts);
  return {
    async create({ customerId }, decide) {
      const created = await customers.create(customerId, async (tx) => {
        const thing = decide(await spentBefore(tx, customerId));
        const { lifetimeSpend: _, updatedAt: __, createdAt, ...told } = thing;
        return { thing, events: [{ type: "CustomerCreated", data: { ...told, createdAt: createdAt.toISOString() } }] };
      });
      if (!created.isNew) throw new CustomerExists({ field: created.existing ? "customerId" : "email" });
      return created.thing;
    },

    find: (customerId) => customers.find(customerId),

    async change(customerId, updatedBy, decide) {
      const changed = await customers.change(customerId, (before) => published(decide(before), updatedBy));
      if (changed === undefined) throw new CustomerNotFound({ customerId });
      return changed;
    },
  };
}

/** A change of a customer with its event, where others would see a difference. */
export function published(
  { customer, changes }: CustomerChange,
  updatedBy: string | undefined,
): Decision<Customer, CustomerEvent> {
  if (Object.keys(changes).length === 0) return { thing: customer };
  const { customerId, updatedAt } = customer;
  const data = { customerId, changes, updatedBy, updatedAt: updatedAt.toISOString() };
  return { thing: customer, events: [{ type: "CustomerUpdated", data }] };
}

async function spentBefore(tx: Queryable, customerId: string): Promise<Cents> {
  const { rows } = await tx.query<{ amount: number }>(
    "select coalesce(sum(amount), 0) as amount from purchases where customer_id = $1",
    [customerId],
  );
  return toCents(rows[0]!.amount);
}

const toRow = (customer: Customer) => ({
  customer_id: customer.customerId,
  email: customer.email,
  profile: JSON.stringify(customer.profile),
  tier: customer.tier,
  preferences: JSON.stringify(customer.preferences),
  addresses: JSON.stringify(customer.addresses),
  lifetime_spend: fromCents(customer.lifetimeSpend),
  created_at: customer.createdAt,
  updated_at: customer.updatedAt,
});

type CustomerRow = Pick<Customer, "email" | "profile" | "tier" | "preferences" | "addresses"> & {
  customer_id: string;
  lifetime_spend: number;
  created_at: Date;
  updated_at: Date;
};

const fromRow = (row: CustomerRow): Customer => ({
  customerId: row.customer_id,
  email: row.email,
  profile: row.profile,
  tier: row.tier,
  preferences: row.preferences,
  addresses: row.addresses,
  lifetimeSpend: toCents(row.lifetime_spend),
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});
