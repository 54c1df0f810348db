import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { nextIndex } from "./next-index.ts";
import { tokenBucket } from "./token-bucket.ts";

describe("index of a blocking query", () => {
  it("goes on from an index that grew or stayed, and resets at anything else", () => {
    expect(nextIndex(undefined, "100")).toEqual({ index: 100, isReset: false });
    expect(nextIndex(100, "100")).toEqual({ index: 100, isReset: false });
    expect(nextIndex(100, "101")).toEqual({ index: 101, isReset: false });
    for (const lie of ["40", "0", "x", "", "-5", "1e9", " 7", "99999999999999999999", undefined, null, 7, ["7"]]) {
      expect(nextIndex(100, lie)).toEqual({ index: undefined, isReset: true });
    }
  });

  it("never waits on less than 1 or on what it went back to", () => {
    fc.assert(
      fc.property(
        fc.option(fc.nat(), { nil: undefined }),
        fc.oneof(fc.string(), fc.integer().map(String), fc.anything()),
        (asked, answered) => {
          const { index, isReset } = nextIndex(asked, answered);
          expect(isReset).toBe(index === undefined);
          if (index !== undefined) expect(index).toBeGreaterThanOrEqual(Math.max(1, asked ?? 1));
        },
      ),
    );
  });
});

describe("token bucket", () => {
  it("lets its burst through and then one every so often, whatever the times", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 100 }),
        fc.integer({ min: 1, max: 5 }),
        (pauses, burst) => {
          let now = 0;
          const bucket = tokenBucket({ burst, everyMs: 1000, now: () => now });
          const taken: number[] = [];
          for (const pause of pauses) {
            now += pause;
            now += bucket.take();
            taken.push(now);
          }
          for (let at = burst; at < taken.length; at += 1) {
            expect(taken[at]! - taken[at - burst]!).toBeGreaterThanOrEqual(1000 - 1e-6);
          }
        },
      ),
    );
  });
});
