import { describe, expect, it } from "@jest/globals";
import { classify, isOutage, mayPass } from "./classify.ts";
import { Conflict, InternalError, ServiceUnavailable } from "./errors.ts";

const withCode = (code: string, message = "m") => Object.assign(new Error(message), { code });

describe("classify", () => {
  it.each([
    ["ECONNREFUSED", "unavailable"],
    ["ETIMEDOUT", "unavailable"],
    ["EMFILE", "resource"],
    ["ENOSPC", "resource"],
    ["UND_ERR_SOCKET", "unavailable"],
    ["UND_ERR_INVALID_ARG", "invalid"],
    ["08006", "resource"],
    ["22003", "invalid"],
    ["54000", "invalid"],
    ["23514", "invalid"],
    ["25006", "resource"],
    ["28P01", "resource"],
    ["3D000", "resource"],
    ["40001", "resource"],
    ["42P01", "bug"],
    ["53100", "resource"],
    ["53200", "resource"],
    ["53400", "resource"],
    ["55P03", "timeout"],
    ["57014", "timeout"],
    ["57P01", "resource"],
    ["58030", "resource"],
    ["XX000", "internal"],
    ["EOTHER", "internal"],
  ])("takes an error with code %s for %s", (code, kind) => {
    expect(classify(withCode(code))).toBe(kind);
  });

  it.each([new TypeError("x is not a function"), new ReferenceError("x"), new RangeError("x"), new SyntaxError("x")])(
    "takes a %s of the program for a bug and never for an outage",
    (error) => {
      expect([classify(error), isOutage(error), mayPass(error)]).toEqual(["bug", false, false]);
    },
  );

  it("looks below wrappers: the network under fetch's TypeError, and a bug under a plain Error", () => {
    expect(classify(new TypeError("fetch failed", { cause: withCode("ECONNREFUSED") }))).toBe("unavailable");
    expect(classify(new TypeError("fetch failed", { cause: withCode("HPE_INVALID_CONSTANT") }))).toBe("internal");
    expect(classify(new Error("could not", { cause: new TypeError("x") }))).toBe("bug");
    expect(classify(new Error("could not", { cause: withCode("53100") }))).toBe("resource");
  });

  it("ends on causes that go round in a circle", () => {
    const error = new Error("a");
    error.cause = error;
    expect(classify(error)).toBe("internal");
  });

  it("believes an error of ours, whatever caused it", () => {
    expect(classify(new Conflict({ message: "no" }, { cause: withCode("ECONNRESET") }))).toBe("conflict");
    expect([mayPass(new ServiceUnavailable({})), mayPass(new Conflict({ message: "no" }))]).toEqual([true, false]);
    expect([isOutage(new InternalError()), mayPass(new InternalError())]).toEqual([false, true]);
  });

  it("takes what pg says without a code for a lost resource, and what is no error for internal", () => {
    expect(classify(new Error("timeout exceeded when trying to connect"))).toBe("resource");
    for (const thrown of [undefined, null, "text", 7, {}]) expect(classify(thrown)).toBe("internal");
  });
});
