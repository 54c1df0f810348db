import { describe, expect, it } from "@jest/globals";
import { AddressNotAllowed } from "@weft/discovery";
import { failureOf, verdictOf } from "./verdict.ts";

const withCode = (code: string, more = {}) => Object.assign(new Error(code), { code, ...more });
const answer = (status: number, code: string, details?: object, retryAfter?: string) => ({
  status,
  headers: retryAfter === undefined ? {} : { "retry-after": retryAfter },
  body: Buffer.from(JSON.stringify({ error: { code, message: "m", details } })),
});

describe("what a failed attempt says about the instance", () => {
  it.each([
    ["nobody listens there", withCode("ECONNREFUSED", { syscall: "connect" }), "bad", "not-done"],
    ["the connection broke", withCode("UND_ERR_SOCKET"), "bad", "if-repeatable"],
    ["this machine has no file left", withCode("EMFILE", { syscall: "connect" }), "neutral", "not-done"],
    ["this machine has no port left", withCode("EADDRNOTAVAIL", { syscall: "connect" }), "neutral", "not-done"],
    ["its address is not allowed", new AddressNotAllowed({ host: "10.0.0.1" }), "neutral", "not-done"],
    ["undici refuses the request", withCode("UND_ERR_INVALID_ARG"), "neutral", "never"],
    ["this program has a bug", new TypeError("x is undefined"), "neutral", "never"],
  ])("where %s", (_what, error, instance, again) => {
    expect(failureOf(error, "thing-service").verdict).toMatchObject({ instance, again });
  });

  it("is nobody's fault there where it was this side's, and the error comes back as itself", () => {
    const bug = new TypeError("x is undefined");
    expect(failureOf(bug, "thing-service")).toMatchObject({ kind: "own-fault", error: bug });
    expect(failureOf(withCode("UND_ERR_INVALID_ARG"), "thing-service")).toMatchObject({
      kind: "own-fault",
      error: { code: "REQUEST_NOT_SENDABLE" },
    });
  });
});

describe("what an answer says about the instance", () => {
  it.each([
    [200, "", undefined, "good", "never"],
    [404, "THING_NOT_FOUND", undefined, "neutral", "never"],
    [421, "MISDIRECTED_REQUEST", undefined, "bad", "not-done"],
    [429, "RATE_LIMITED", undefined, "neutral", "if-repeatable"],
    [500, "INTERNAL_ERROR", undefined, "bad", "if-repeatable"],
    [502, "BAD_GATEWAY", undefined, "bad", "if-repeatable"],
    [503, "SERVICE_UNAVAILABLE", undefined, "bad", "if-repeatable"],
    [503, "SERVICE_UNAVAILABLE", { cause: "resource" }, "neutral", "if-repeatable"],
    [503, "DEPENDENCY_FAILED", undefined, "neutral", "never"],
    [503, "TIMEOUT", undefined, "bad", "if-repeatable"],
  ] as const)("%d %s with details %j: it is %s, and asked again: %s", (status, code, details, instance, again) => {
    expect(verdictOf(answer(status, code, details))).toMatchObject({ instance, again });
  });

  it("has the pause that the other side asks for, where it is tried again", () => {
    expect(verdictOf(answer(503, "SERVICE_UNAVAILABLE", { cause: "resource" }, "7")).afterMs).toBe(7000);
    expect(verdictOf(answer(503, "DEPENDENCY_FAILED", undefined, "7")).afterMs).toBeUndefined();
  });
});
