import { describe, expect, it } from "@jest/globals";
import { definedErrors, Forbidden, kindOfHttp, WeftError } from "@weft/core";
import { publicError } from "../errors/public-error.ts";
import { assertAdmin, assertOwner } from "./ownership.ts";
import { errorFromAnswer, kindToStatus } from "./status.ts";

describe("kinds and statuses", () => {
  it("find back from a status and a code to the kind they came from, for every error that there is", () => {
    for (const { code, kind, retryable } of definedErrors()) {
      const back = errorFromAnswer(kindToStatus(kind), { code, message: "m" });
      expect(back).toBeInstanceOf(WeftError);
      expect([code, back.kind, kindToStatus(back.kind)]).toEqual([code, kind, kindToStatus(kind)]);
      if (retryable) expect([code, back.retryable]).toEqual([code, true]);
    }
  });

  it("do not believe a code that contradicts its status", () => {
    expect(kindOfHttp(400, { code: "TIMEOUT" })).toBe("invalid");
    expect(kindOfHttp(409, { code: "PRODUCT_EXISTS" })).toBe("exists");
    expect(kindOfHttp(409, { code: "PROMOTION_NOT_ACTIVE" })).toBe("conflict");
    expect(kindOfHttp(418, { code: "TEAPOT" })).toBe("invalid");
    expect(kindOfHttp(599, { code: "ODD" })).toBe("internal");
  });

  it("tell a shared resource that is away from an instance that sheds load, by the details", () => {
    const { code, details } = publicError(
      new WeftError({ code: "DATABASE_UNAVAILABLE", kind: "resource", message: "m" }),
    );
    expect([code, details]).toEqual(["SERVICE_UNAVAILABLE", { cause: "resource" }]);
    expect(kindOfHttp(503, { code, details })).toBe("resource");
    expect(kindOfHttp(503, { code })).toBe("unavailable");
    expect(kindOfHttp(503, { code, details: { cause: "another" } })).toBe("unavailable");
  });
});

describe("what a caller gets of an error", () => {
  it("is a code that callers know, with the same status, for every error that there is", () => {
    const known = new Set<string>();
    for (const { code, kind, retryable } of definedErrors()) {
      const error = new WeftError({ code, kind, retryable, message: "10.0.0.1", details: { at: "10.0.0.1" } });
      const shown = publicError(error);
      known.add(shown.code);
      expect([shown.kind, shown.retryable]).toEqual([kind, retryable]);
      if (shown !== error) expect(JSON.stringify(shown.toBody())).not.toContain("10.0.0.1");
      expect(publicError(error, [code]) === error).toBe(kind !== "internal");
    }
    expect(known).not.toContain("LISTEN_FAILED");
    expect(known).toContain("SERVICE_UNAVAILABLE");
  });
});

describe("ownership", () => {
  const customer = { user: { id: "cust_1", role: "customer" } };
  const admin = { user: { id: "boss", role: "admin" } };
  const service = {};

  it("lets a customer touch what is theirs, and an admin and other services everything", () => {
    for (const context of [customer, admin, service]) expect(() => assertOwner(context, "cust_1")).not.toThrow();
    expect(() => assertOwner(customer, "cust_2")).toThrow(Forbidden);
    expect(() => assertOwner({ user: { id: "cust_2", role: "guest" } }, "cust_1")).toThrow(Forbidden);
    for (const context of [admin, service]) expect(() => assertAdmin(context)).not.toThrow();
    expect(() => assertAdmin(customer)).toThrow(Forbidden);
  });
});
