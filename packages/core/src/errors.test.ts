import { describe, expect, it } from "@jest/globals";
import {
  DependencyFailed,
  definedErrors,
  defineError,
  InternalError,
  NotFound,
  RateLimited,
  Timeout,
  ValidationFailed,
  WeftError,
} from "./errors.ts";

const StockShort = defineError<{ sku: string; missing: number }>({
  code: "STOCK_SHORT",
  kind: "conflict",
  message: ({ sku, missing }) => `${sku} lacks ${missing}`,
  details: ({ missing }) => ({ missing }),
});

describe("errors", () => {
  it("carry code, kind, retryable and details, and can be told from their class", () => {
    const error = new StockShort({ sku: "A", missing: 2 });
    expect(error).toBeInstanceOf(WeftError);
    expect(error).toMatchObject({ code: "STOCK_SHORT", kind: "conflict", retryable: false, message: "A lacks 2" });
    expect(StockShort.is(error)).toBe(true);
    expect(NotFound.is(error)).toBe(false);
    expect(StockShort.is(new Error("STOCK_SHORT"))).toBe(false);
    expect([StockShort.code, StockShort.kind, StockShort.retryable]).toEqual(["STOCK_SHORT", "conflict", false]);
  });

  it("are the same error when they come back from another service", () => {
    const { code, message, details } = new StockShort({ sku: "A", missing: 2 }).toBody();
    expect(StockShort.is(new WeftError({ code, kind: "conflict", message, details }))).toBe(true);
  });

  it("are final where their definition says so, for all of their reasons or some, and never when they come from elsewhere", () => {
    const Taken = defineError({ code: "TEST_TAKEN", kind: "exists", isFinal: true, message: () => "taken" });
    const Over = defineError<{ isOver: boolean }>({
      code: "TEST_OVER",
      kind: "conflict",
      isFinal: ({ isOver }) => isOver,
      message: () => "not now",
    });
    const errors = [
      new Taken(),
      new Over({ isOver: true }),
      new Over({ isOver: false }),
      new StockShort({ sku: "A", missing: 2 }),
    ];
    expect(errors.map(({ isFinal }) => isFinal)).toEqual([true, true, false, false]);
    expect(new WeftError({ ...new Taken().toBody(), kind: "exists" }).isFinal).toBe(false);
    const finality = new Map(definedErrors().map(({ code, isFinal }) => [code, isFinal]));
    expect(["TEST_TAKEN", "TEST_OVER", "STOCK_SHORT"].map((code) => finality.get(code))).toEqual([
      "yes",
      "sometimes",
      "no",
    ]);
  });

  it("give away neither cause nor stack", () => {
    const error = new InternalError(undefined, { cause: new Error("password=hunter2") });
    expect(error.cause).toBeInstanceOf(Error);
    expect(error.toBody()).toEqual({ code: "INTERNAL_ERROR", message: expect.not.stringContaining("hunter2") });
  });

  it("say when a repetition makes sense", () => {
    expect(new RateLimited(undefined, { retryAfterSeconds: 3 })).toMatchObject({
      retryable: true,
      retryAfterSeconds: 3,
    });
    expect(new NotFound({ what: "route" }).retryAfterSeconds).toBeUndefined();
  });

  it("have details in the form that callers outside rely on", () => {
    expect(new ValidationFailed({ fieldErrors: { sku: "is required" } }).toBody()).toEqual({
      code: "VALIDATION_ERROR",
      message: "request is invalid: sku is required",
      details: { field_errors: { sku: "is required" } },
    });
    const failed = new DependencyFailed({ service: "pricing-service", operation: "getPrice", cause: "status_500" });
    expect(failed.details).toEqual({
      dependency_service: "pricing-service",
      operation: "getPrice",
      cause: "status_500",
    });
    expect(new Timeout({ operation: "createProduct", timeoutMs: 30000 }).message).toBe(
      "createProduct took longer than 30000 ms",
    );
  });

  it("are listed by code, each once", () => {
    const codes = definedErrors().map(({ code }) => code);
    expect(codes).toEqual(expect.arrayContaining(["STOCK_SHORT", "INTERNAL_ERROR", "DEPENDENCY_FAILED"]));
    expect(new Set(codes).size).toBe(codes.length);
  });
});
