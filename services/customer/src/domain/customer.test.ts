import { describe, expect, it } from "@jest/globals";
import { createCustomer, patchCustomer, spend } from "./customer.ts";

const now = new Date("2026-03-01T10:00:00Z");
const later = new Date("2026-03-02T10:00:00Z");
const customer = createCustomer(
  {
    customerId: "cust_1",
    email: "ada@example.com",
    profile: { firstName: "Ada", lastName: "Byron", phone: "1" },
    preferences: { news: true, topics: { books: true, music: false } },
  },
  0,
  now,
);

describe("customer", () => {
  it("begins as bronze, or with what was spent before it was known here", () => {
    expect(customer).toMatchObject({ tier: "bronze", lifetimeSpend: 0, addresses: [] });
    expect(createCustomer(customer, 6_000_00, now)).toMatchObject({ tier: "gold", lifetimeSpend: 6_000_00 });
    expect(createCustomer({ ...customer, tier: "platinum" }, 6_000_00, now).tier).toBe("platinum");
  });

  it("keeps the fields of the profile that a patch does not name, and loses those that it sets to null", () => {
    const { customer: after, changes } = patchCustomer(
      customer,
      { profile: { lastName: "Lovelace", phone: null } },
      later,
    );
    expect(after.profile).toEqual({ firstName: "Ada", lastName: "Lovelace" });
    expect(changes).toEqual({ profile: { firstName: "Ada", lastName: "Lovelace" } });
    expect(after.updatedAt).toBe(later);
  });

  it("does not lose its name", () => {
    expect(() => patchCustomer(customer, { profile: { firstName: null } }, later)).toThrow(/profile.firstName/);
  });

  it("sees no change where the same is sent again, in whatever order", () => {
    const patch = {
      profile: { phone: "1", firstName: "Ada" },
      tier: "bronze" as const,
      preferences: { topics: { music: false, books: true } },
      addresses: [],
    };
    const { customer: after, changes } = patchCustomer(customer, patch, later);
    expect(changes).toEqual({});
    expect(after).toBe(customer);
  });

  it("may be given a lower tier by hand, which the next purchase raises again", () => {
    const gold = createCustomer(customer, 6_000_00, now);
    const { customer: lowered, changes } = patchCustomer(gold, { tier: "bronze" }, later);
    expect(changes).toEqual({ tier: "bronze" });
    expect(spend(lowered, 1, later).changes).toEqual({ tier: "gold" });
  });

  it("publishes a purchase only where it raises the tier", () => {
    expect(spend(customer, 999_99, later)).toMatchObject({ customer: { lifetimeSpend: 999_99 }, changes: {} });
    expect(spend(customer, 1_000_00, later).changes).toEqual({ tier: "silver" });
  });
});
