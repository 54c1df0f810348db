import type { Clock } from "@weft/core";
import {
  type Customer,
  type CustomerPatch,
  createCustomer,
  type NewCustomer,
  patchCustomer,
} from "../domain/customer.ts";
import { CustomerNotFound } from "../domain/errors.ts";
import type { CustomerStore } from "./ports.ts";

export const manageCustomers = ({ customers, clock }: { customers: CustomerStore; clock: Clock }) => ({
  create(input: NewCustomer): Promise<Customer> {
    return customers.create(input, (spentBefore) => createCustomer(input, spentBefore, clock.now()));
  },

  async get(customerId: string): Promise<Customer> {
    const customer = await customers.find(customerId);
    if (customer === undefined) throw new CustomerNotFound({ customerId });
    return customer;
  },

  /** @param updatedBy subject or service that asked for it */
  patch(customerId: string, patch: CustomerPatch, updatedBy?: string): Promise<Customer> {
    return customers.change(customerId, updatedBy, (customer) => patchCustomer(customer, patch, clock.now()));
  },
});
