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

  it("are a shared resource, and say when to come again, where the server has run out of something or cannot go on", () => {
    for (const [code, retryAfterSeconds] of [
      ["53100", 5],
      ["53200", 5],
      ["53400", 5],
      ["58030", 5],
      ["53300", 1],
      ["57P03", 1],
      ["40001", 1],
    ] as const) {
      expect(translated(withCode(code), "x")).toMatchObject({
        code: "DATABASE_UNAVAILABLE",
        kind: "resource",
        retryable: true,
        retryAfterSeconds,
      });
    }
  });

  it("are the program's where it made a mistake, and never called an outage", () => {
    const mistake = new TypeError("x is not a function");
    expect(translated(mistake, "x")).toBe(mistake);
    expect(isConnectionFailure(mistake)).toBe(false);
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
