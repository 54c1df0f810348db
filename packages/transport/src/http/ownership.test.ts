import { describe, expect, it } from "@jest/globals";
import { assertAdmin, assertOwner } from "./ownership.ts";

const customer = { id: "cust_1", role: "customer" };
const admin = { id: "boss", role: "admin" };

describe("ownership", () => {
  it("lets a customer touch what is theirs, an admin and a service anything", () => {
    expect(() => assertOwner({ user: customer }, "cust_1")).not.toThrow();
    expect(() => assertOwner({ user: customer }, "cust_2")).toThrow(expect.objectContaining({ code: "FORBIDDEN" }));
    expect(() => assertAdmin({ user: customer })).toThrow(expect.objectContaining({ code: "FORBIDDEN" }));
    for (const user of [admin, undefined]) {
      expect(() => assertOwner({ user }, "cust_2")).not.toThrow();
      expect(() => assertAdmin({ user })).not.toThrow();
    }
  });

  it("takes the work of an event's handler as that of a service, whoever the event's headers name", () => {
    const user = { ...customer, isProvenance: true } as const;
    expect(() => assertOwner({ user }, "cust_2")).not.toThrow();
    expect(() => assertAdmin({ user })).not.toThrow();
  });
});
