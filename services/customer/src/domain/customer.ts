import { type Cents, changedFields, type FieldErrors, type JsonObject, mergePatch, ValidationFailed } from "@weft/core";
import { raised, type Tier } from "./tier.ts";

export interface Customer {
  customerId: string;
  email: string;
  profile: JsonObject & { firstName: string; lastName: string };
  tier: Tier;
  preferences: JsonObject;
  addresses: JsonObject[];
  lifetimeSpend: Cents;
  createdAt: Date;
  updatedAt: Date;
}

export interface NewCustomer {
  customerId: string;
  email: string;
  profile: Customer["profile"];
  tier?: Tier;
  preferences?: JsonObject;
  addresses?: JsonObject[];
}

/**
 * What a client sends to change a customer. In `profile` and `preferences` each field given replaces the one of its name and
 * null takes it away (RFC 7396, one level); `addresses` is the whole new list.
 */
export interface CustomerPatch {
  profile?: JsonObject;
  tier?: Tier;
  preferences?: JsonObject;
  addresses?: JsonObject[];
}

/** What became different, each value whole. */
type CustomerChanges = Partial<Pick<Customer, "profile" | "tier" | "preferences" | "addresses">>;

export interface CustomerChange {
  customer: Customer;
  /** Empty where nobody else would see a difference: then there is nothing to publish. */
  changes: CustomerChanges;
}

/** @param spentBefore what was heard of applied promotions before the customer was known here */
export function createCustomer(input: NewCustomer, spentBefore: Cents, now: Date): Customer {
  return {
    customerId: input.customerId,
    email: input.email,
    profile: input.profile,
    tier: raised(input.tier ?? "bronze", spentBefore),
    preferences: input.preferences ?? {},
    addresses: input.addresses ?? [],
    lifetimeSpend: spentBefore,
    createdAt: now,
    updatedAt: now,
  };
}

/** Any tier may be set: what the customer spent does not matter until more is spent. @throws ValidationFailed */
export function patchCustomer(customer: Customer, patch: CustomerPatch, now: Date): CustomerChange {
  const wanted: CustomerChanges = {
    ...(patch.profile ? { profile: mergedProfile(customer.profile, patch.profile) } : {}),
    ...(patch.tier ? { tier: patch.tier } : {}),
    ...(patch.preferences ? { preferences: mergePatch(customer.preferences, patch.preferences) } : {}),
    ...(patch.addresses ? { addresses: patch.addresses } : {}),
  };
  const changes: CustomerChanges = changedFields(customer, wanted);
  if (Object.keys(changes).length === 0) return { customer, changes };
  return { customer: { ...customer, ...changes, updatedAt: now }, changes };
}

/** Adds what was paid for an order, and raises the tier where that is enough for a higher one. */
export function spend(customer: Customer, amount: Cents, now: Date): CustomerChange {
  const lifetimeSpend = customer.lifetimeSpend + amount;
  const tier = raised(customer.tier, lifetimeSpend);
  const changes = tier === customer.tier ? {} : { tier };
  return { customer: { ...customer, lifetimeSpend, tier, updatedAt: now }, changes };
}

function mergedProfile(profile: Customer["profile"], patch: JsonObject): Customer["profile"] {
  const result = mergePatch(profile, patch);
  const fieldErrors: FieldErrors = {};
  for (const name of ["firstName", "lastName"]) {
    if (result[name] === undefined) fieldErrors[`profile.${name}`] = "cannot be taken away";
  }
  if (Object.keys(fieldErrors).length > 0) throw new ValidationFailed({ fieldErrors });
  return result as Customer["profile"];
}
