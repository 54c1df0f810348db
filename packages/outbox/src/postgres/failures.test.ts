import { describe, expect, it } from "@jest/globals";
import { Timeout } from "@weft/core";
import { DatabaseUnavailable } from "../errors.ts";
import { isConnectionFailure, isReadOnlyServer, isTransactionConflict, translated } from "./failures.ts";

const withCode = (code: string) => Object.assign(new Error(code), { code });

describe("failures of the database", () => {
  it("are retryable where the server or the way to it is gone", () => {
    for (const code of ["57P01", "57P03", "08006", "53300", "25006", "ECONNREFUSED", "ECONNRESET"])
      expect(translated(withCode(code), "x")).toBeInstanceOf(DatabaseUnavailable);
    expect(isConnectionFailure(new Error("Connection terminated unexpectedly"))).toBe(true);
    expect(isReadOnlyServer(withCode("25006"))).toBe(true);
  });

  it("are timeouts where a bound was hit", () => {
    for (const code of ["57014", "55P03"]) expect(Timeout.is(translated(withCode(code), "x"))).toBe(true);
  });

  it("stay as they are otherwise", () => {
    const unique = withCode("23505");
    expect(translated(unique, "x")).toBe(unique);
    expect([unique, withCode("40P01"), withCode("40001")].map(isTransactionConflict)).toEqual([false, true, true]);
  });
});
