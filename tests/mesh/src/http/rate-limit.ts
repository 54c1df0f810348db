import { describe, expect, it } from "@jest/globals";
import { sleep } from "@weft/core";
import { eventually } from "@weft/testkit";
import { expectError, type MeshFixture, unique } from "./mesh-fixture.ts";

const perSecond = 100;
const burst = 200;

/** 100 a second for each subject, 200 at once. */
export function rateLimitTests(mesh: MeshFixture) {
  describe("the rate limit of the gateway: ANY /api/**", () => {
    it("refuses with 429 and Retry-After what is above it, lets in exactly what is below, and harms nobody else [RATE_LIMITED]", async () => {
      // Counted before anything else is looked at, so a path that nobody serves is the cheapest.
      const ask = (token: string) => mesh.api("GET", "/v1/nothing", { token });
      await ask(mesh.token(unique("cust")));
      // On a busy machine one volley may take so long that all of it is below the limit.
      const volley = async () => {
        const token = mesh.token(unique("cust"));
        const begun = performance.now();
        const answers = await Promise.all(Array.from({ length: 3 * burst }, () => ask(token)));
        const seconds = (performance.now() - begun) / 1000;
        const refused = answers.filter(({ status }) => status === 429);
        return refused.length > 0 && { token, answers, seconds, refused };
      };
      const { token, answers, seconds, refused } = await eventually("more than the limit", volley, {
        timeoutMs: 60_000,
      });
      const allowed = answers.filter(({ status }) => status === 404).length;
      expect(allowed + refused.length).toBe(answers.length);
      expect(allowed).toBeGreaterThanOrEqual(burst);
      expect(allowed).toBeLessThanOrEqual(burst + perSecond * seconds + 1);
      expectError(refused[0]!, 429, "RATE_LIMITED");
      const retryAfter = refused.map(({ headers }) => Number(headers.get("retry-after")));
      expect(retryAfter.every((value) => Number.isInteger(value) && value >= 1 && value <= 2)).toBe(true);

      expect((await ask(mesh.token(unique("cust")))).status).toBe(404);
      await sleep(retryAfter[0]! * 1000);
      expect((await ask(token)).status).toBe(404);
    }, 120_000);

    it("is for an address where nobody is known, and tokens that are refused count for it too", async () => {
      const asking = [null, "a.wrong.token"];
      const volley = async () => {
        const answers = await Promise.all(
          Array.from({ length: 3 * burst }, (_, n) => mesh.api("GET", "/v1/nothing", { token: asking[n % 2]! })),
        );
        const statuses = new Set(answers.map(({ status }) => status));
        return statuses.has(429) && statuses;
      };
      const statuses = await eventually("more than the limit", volley, { timeoutMs: 60_000 });
      expect([...statuses].sort()).toEqual([401, 404, 429]);
      // Someone who is known is not kept out by strangers from the same address.
      expect((await mesh.api("GET", "/v1/nothing", { token: mesh.token(unique("cust")) })).status).toBe(404);
    }, 120_000);
  });
}
