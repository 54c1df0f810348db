import { describe, expect, it } from "@jest/globals";
import { Conflict } from "@weft/core";
import { thrown } from "./public-error.ts";

describe("what a handler threw", () => {
  it("is itself where it is an error of ours, a bug or a shared resource where it is that, and internal otherwise", () => {
    const ours = new Conflict({ message: "no" });
    expect(thrown(ours)).toBe(ours);
    const bug = new TypeError("x is not a function");
    expect(thrown(bug)).toMatchObject({ kind: "bug", code: "INTERNAL_ERROR", retryable: false, cause: bug });
    const full = Object.assign(new Error("no space left"), { code: "53100" });
    expect(thrown(full)).toMatchObject({ kind: "resource", code: "SERVICE_UNAVAILABLE", retryable: true, cause: full });
    // What a route did not tell apart is no outage of ours, and not the caller's fault.
    for (const code of ["ECONNREFUSED", "23505"]) {
      const foreign = Object.assign(new Error("foreign"), { code });
      expect(thrown(foreign)).toMatchObject({ kind: "internal", code: "INTERNAL_ERROR", cause: foreign });
    }
  });
});
