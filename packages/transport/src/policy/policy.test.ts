import { describe, expect, it } from "@jest/globals";
import { newContext, runInContext, silentLogger, withTimeout } from "@weft/core";
import fc from "fast-check";
import { grpcCodes } from "../grpc/status.ts";
import { outcomeOf } from "../grpc/verdict.ts";
import { verdictOf } from "../http/verdict.ts";
import { instanceAt, staticRegistry } from "../testing/static-registry.ts";
import type { Attempt, Outcome } from "./attempt.ts";
import { type PolicyOptions, policy } from "./policy.ts";
import { retryBudget } from "./retry-budget.ts";

const good: Outcome<string> = { kind: "answer", answer: "yes", verdict: { instance: "good", again: "never" } };
const bad: Outcome<string> = {
  kind: "failure",
  cause: "status_500",
  verdict: { instance: "bad", again: "if-repeatable" },
};
const instances = [instanceAt(1, "a"), instanceAt(2, "b"), instanceAt(3, "c")];
const wide = { minimumCalls: 1_000_000 };

function policyTo(options: Partial<PolicyOptions> = {}, known = instances) {
  const registry = staticRegistry("thing-service", known);
  return policy(
    { registry, log: silentLogger },
    { service: "thing-service", retry: { baseMs: 1, maxMs: 2 }, ...options },
  );
}

/** Ends only when its signal says so, or never. */
const hanging =
  (signals: AbortSignal[] = []): Attempt<string> =>
  (_to, { signal }) => {
    signals.push(signal);
    return new Promise(() => {});
  };

describe("policy chain", () => {
  it("picks anew for every attempt, and one that was not tried", async () => {
    const asked: string[] = [];
    const attempt: Attempt<string> = async ({ instanceId }) => (asked.push(instanceId) < 3 ? bad : good);
    expect(await policyTo().call({ attempt, isRepeatable: true })).toEqual(good);
    expect([...asked].sort()).toEqual(["a", "b", "c"]);
  });

  it("deadline before retry: no attempt begins when the time is over, and none is longer than what is left", async () => {
    const bounds: number[] = [];
    const attempt: Attempt<string> = async (_to, { timeoutMs }) => {
      bounds.push(timeoutMs);
      await new Promise((resolve) => setTimeout(resolve, 200));
      return bad;
    };
    const outcome = await policyTo({
      timeoutMs: 2000,
      attemptTimeoutMs: 1500,
      retry: { baseMs: 1, maxMs: 2, maxAttempts: 50 },
      retryBudget: { burst: 100 },
      breaker: wide,
    }).call({ attempt, isRepeatable: true });
    expect(outcome).toMatchObject({ kind: "failure", cause: expect.stringMatching(/status_500|timeout/) });
    expect(bounds[0]).toBe(1500);
    const cut = bounds.filter((bound) => bound < 1500);
    expect(cut.length).toBeGreaterThan(0);
    // Each attempt takes 200 ms or longer from what is left for the next; one after the end would have the least bound again.
    for (const [at, bound] of cut.entries()) if (at > 0) expect(bound).toBeLessThan(cut[at - 1]! - 190);
  });

  it("retry before breaker: an open breaker sends the attempt to the next instance, and costs no retry", async () => {
    const asked: string[] = [];
    const attempt: Attempt<string> = async ({ instanceId }) => {
      asked.push(instanceId);
      return instanceId === "c" ? good : bad;
    };
    // In turn, so that each is certainly asked often enough.
    const tested = policyTo({ retryBudget: { burst: 50 }, picker: { strategy: "round-robin" } });
    for (let call = 0; call < 30; call += 1) await tested.call({ attempt, isRepeatable: true });
    expect(tested.snapshot().instances.map(({ breaker }) => breaker)).toEqual(["open", "open", "closed"]);
    asked.length = 0;
    expect(await tested.call({ attempt, isRepeatable: true })).toEqual(good);
    expect(asked).toEqual(["c"]);
  });

  it("lets one call a second through while the breakers of all instances are open, and tries all once one succeeds", async () => {
    let now = 0;
    let isDown = true;
    const asked: string[] = [];
    const attempt: Attempt<string> = async ({ instanceId }) => {
      asked.push(instanceId);
      return isDown ? bad : good;
    };
    const tested = policyTo({
      now: () => now,
      retry: { maxAttempts: 1 },
      picker: { strategy: "round-robin" },
      breaker: { trials: 2 },
    });
    const call = () => tested.call({ attempt, isRepeatable: true });
    const states = () => tested.snapshot().instances.map(({ breaker }) => breaker);
    for (let count = 0; count < 9; count += 1) await call();
    expect(states()).toEqual(["open", "open", "open"]);

    asked.length = 0;
    for (let ms = 0; ms < 6000; ms += 50, now += 50) {
      const outcome = await call();
      if (outcome.kind === "failure" && outcome.cause === "status_500") continue;
      expect(outcome).toMatchObject({ kind: "failure", cause: "breaker_open" });
    }
    // At 1 s, 2 s … 5 s, to one after the other.
    expect(asked).toEqual(["a", "b", "c", "a", "b"]);
    expect(states()).toEqual(["open", "open", "open"]);

    isDown = false;
    expect(await call()).toEqual(good);
    expect(states()).toEqual(["half-open", "half-open", "half-open"]);
    for (let count = 0; count < 5; count += 1) expect(await call()).toEqual(good);
    expect(states()).toEqual(["closed", "closed", "closed"]);
  });

  it("lets one call a second through within the subset that it may pick from, whatever there is beside it", async () => {
    let now = 0;
    const asked: string[] = [];
    const attempt: Attempt<string> = async ({ instanceId }) => {
      asked.push(instanceId);
      return bad;
    };
    const zoned = instances.map((one, index) => ({ ...one, metadata: { zone: index === 0 ? "1" : "2" } }));
    const picker = { subset: { metadata: { zone: "2" }, otherwise: "none" as const } };
    const tested = policyTo({ now: () => now, retry: { maxAttempts: 1 }, picker }, zoned);
    for (let count = 0; count < 50; count += 1) await tested.call({ attempt, isRepeatable: true });
    asked.length = 0;
    for (let ms = 0; ms < 4050; ms += 50, now += 50) await tested.call({ attempt, isRepeatable: true });
    expect(asked).toEqual(["b", "c", "b", "c"]);
  });

  it("lets nothing through an open breaker while another instance may be asked", async () => {
    let now = 0;
    const asked: string[] = [];
    const attempt: Attempt<string> = async ({ instanceId }) => {
      asked.push(instanceId);
      return instanceId === "a" ? bad : good;
    };
    const tested = policyTo({ now: () => now, retryBudget: { burst: 50 }, picker: { strategy: "round-robin" } });
    for (let count = 0; count < 12; count += 1) await tested.call({ attempt, isRepeatable: true });
    expect(tested.snapshot().instances.map(({ breaker }) => breaker)).toEqual(["open", "closed", "closed"]);
    asked.length = 0;
    for (let count = 0; count < 30; count += 1, now += 500) await tested.call({ attempt, isRepeatable: true });
    expect(asked).not.toContain("a");
  });

  it("breaker before bulkhead: what the bulkhead refuses is unknown to the breaker", async () => {
    const tested = policyTo({ maxInFlight: 1, attemptTimeoutMs: 10_000 }, [instances[0]!]);
    const controller = new AbortController();
    const first = tested.call({ attempt: hanging(), isRepeatable: false, signal: controller.signal });
    await new Promise((resolve) => setImmediate(resolve));
    for (let call = 0; call < 20; call += 1) {
      expect(await tested.call({ attempt: async () => good, isRepeatable: true })).toMatchObject({
        cause: "bulkhead_full",
      });
    }
    expect(tested.snapshot().instances[0]!.breaker).toBe("closed");
    controller.abort(new Error("enough"));
    await first;
  });

  it("bulkhead before attempt timeout: an attempt that ignores its signal keeps its place (E11)", async () => {
    const tested = policyTo({ maxInFlight: 2, attemptTimeoutMs: 10, retry: { maxAttempts: 1 }, breaker: wide }, [
      instances[0]!,
    ]);
    let running = 0;
    let most = 0;
    const attempt: Attempt<string> = () => {
      running += 1;
      most = Math.max(most, running);
      return new Promise(() => {});
    };
    for (let call = 0; call < 20; call += 1) await tested.call({ attempt, isRepeatable: true });
    expect(most).toBe(2);
  });

  it("gives every place back that was left", async () => {
    const tested = policyTo({ maxInFlight: 1, breaker: wide }, [instances[0]!]);
    const throwing: Attempt<string> = () => Promise.reject(new Error("oops"));
    for (const attempt of [async () => good, async () => bad, throwing, async () => good] as Attempt<string>[]) {
      expect(await tested.call({ attempt, isRepeatable: false })).not.toMatchObject({ cause: "bulkhead_full" });
    }
    expect(tested.snapshot().instances[0]!.inFlight).toBe(0);
  });

  it("aborts one attempt and never its neighbours (E15)", async () => {
    const tested = policyTo({ attemptTimeoutMs: 400, retry: { maxAttempts: 1 } });
    const slow: AbortSignal[] = [];
    const neighbour: AbortSignal[] = [];
    const patient = policyTo({ attemptTimeoutMs: 60_000, timeoutMs: 60_000 });
    const controller = new AbortController();
    const waiting = patient.call({ attempt: hanging(neighbour), isRepeatable: false, signal: controller.signal });
    const beside = tested.call({
      attempt: async () => new Promise<typeof good>((resolve) => setTimeout(resolve, 15, good)),
      isRepeatable: false,
    });
    expect(await tested.call({ attempt: hanging(slow), isRepeatable: false })).toMatchObject({ cause: "timeout" });
    expect(await beside).toEqual(good);
    expect([slow[0]!.aborted, neighbour[0]!.aborted]).toEqual([true, false]);
    expect(
      await tested.call({ attempt: async (_to, { signal }) => (signal.aborted ? bad : good), isRepeatable: false }),
    ).toEqual(good);
    controller.abort(new Error("enough"));
    await waiting;
  });

  it("says breaker_open only where nothing went out", async () => {
    const tested = policyTo({ retryBudget: { burst: 50 } }, [instances[0]!]);
    const attempt: Attempt<string> = async () => bad;
    expect(await tested.call({ attempt, isRepeatable: true })).toMatchObject({ cause: "status_500" });
    expect(await tested.call({ attempt, isRepeatable: true })).toMatchObject({ cause: "breaker_open" });
  });

  const says = (code: string): Attempt<unknown> => {
    const body = Buffer.from(`{"error":{"code":"${code}","message":""}}`);
    const answer = { status: 503, headers: {}, body };
    return async () => ({ kind: "answer", answer, verdict: verdictOf(answer) });
  };
  const deadlineExceeded = { code: grpcCodes.DEADLINE_EXCEEDED, message: "", details: undefined };
  const timedOut: [string, Attempt<unknown>][] = [
    ["no answer in time", hanging()],
    ["503 TIMEOUT", says("TIMEOUT")],
    ["DEADLINE_EXCEEDED", async () => outcomeOf(deadlineExceeded, 1)],
  ];

  /** The breaker after five calls of a caller that has `leftMs`. */
  async function breakerAfter(attempt: Attempt<unknown>, leftMs: number, timeoutMs?: number) {
    const tested = policyTo({ attemptTimeoutMs: 60, retry: { maxAttempts: 1 } }, [instances[0]!]);
    for (let call = 0; call < 5; call += 1) {
      await runInContext(withTimeout(newContext({}), leftMs), () =>
        tested.call({ attempt, isRepeatable: false, timeoutMs }),
      );
    }
    const [instance] = tested.snapshot().instances;
    tested.close();
    return [instance!.breaker, instance!.latencyMs];
  }

  it.each(timedOut)("does not hold %s against an instance where the caller cut the attempt", async (_what, attempt) => {
    expect(await breakerAfter(attempt, 20)).toEqual(["closed", 0]);
    // As a service does that keeps some of its caller's time for itself.
    expect(await breakerAfter(attempt, 20, 10)).toEqual(["closed", 0]);
  });

  it.each(timedOut)("holds %s against an instance that had the attempt's own time", async (_what, attempt) => {
    expect((await breakerAfter(attempt, 10_000))[0]).toBe("open");
    // A few milliseconds are always gone between services with equal bounds.
    expect((await breakerAfter(attempt, 59))[0]).toBe("open");
  });

  it("holds any other failure against an instance, however short the time", async () => {
    expect((await breakerAfter(async () => bad, 20))[0]).toBe("open");
    expect((await breakerAfter(says("SERVICE_UNAVAILABLE"), 20))[0]).toBe("open");
  });

  it("gives back what an attempt throws as a fault of this side, once, and blames no instance for it", async () => {
    const oops = new TypeError("oops");
    const tested = policyTo({ maxInFlight: 1 }, [instances[0]!]);
    let attempts = 0;
    const attempt = () => {
      attempts += 1;
      return Promise.reject(oops);
    };
    for (let call = 1; call <= 5; call += 1) {
      expect(await tested.call({ attempt, isRepeatable: true })).toMatchObject({ kind: "own-fault", error: oops });
      expect(attempts).toBe(call);
    }
    expect(tested.snapshot().instances[0]).toMatchObject({ breaker: "closed", inFlight: 0 });
  });

  it("never sends more than 1.2 times the calls and three, whatever fails", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 60 }), async (calls) => {
        const tested = policyTo({ breaker: wide, retry: { baseMs: 0, maxMs: 0 } });
        let sent = 0;
        for (const works of calls) {
          const attempt: Attempt<string> = async () => {
            sent += 1;
            return works ? good : bad;
          };
          await tested.call({ attempt, isRepeatable: true });
        }
        tested.close();
        expect(sent).toBeLessThanOrEqual(calls.length * 1.2 + 3);
      }),
      { numRuns: 50 },
    );
  });

  it("repeats nothing that is not repeatable, but what was certainly not done", async () => {
    const elsewhere: Outcome<string> = {
      kind: "failure",
      cause: "connect",
      verdict: { instance: "bad", again: "not-done" },
    };
    let sent = 0;
    const once =
      (outcome: Outcome<string>): Attempt<string> =>
      async () =>
        sent++ === 0 ? outcome : good;
    expect(await policyTo().call({ attempt: once(bad), isRepeatable: false })).toEqual(bad);
    sent = 0;
    expect(
      await policyTo({ retryBudget: { burst: 0 } }).call({ attempt: once(elsewhere), isRepeatable: false }),
    ).toEqual(good);
  });
});

describe("retry budget", () => {
  it("never lets more through than its burst and its share of the calls", () => {
    fc.assert(
      fc.property(
        fc.array(fc.boolean(), { maxLength: 500 }),
        fc.integer({ min: 0, max: 10 }),
        fc.constantFrom(0, 0.1, 0.2, 0.5),
        (steps, burst, share) => {
          const budget = retryBudget({ burst, share });
          let calls = 0;
          let retries = 0;
          for (const isCall of steps) {
            if (isCall) {
              calls += 1;
              budget.earn();
            } else if (budget.spend()) retries += 1;
            expect(retries).toBeLessThanOrEqual(burst + share * calls + 1e-9);
          }
        },
      ),
    );
  });

  it("gives back a fifth in the long run", () => {
    const budget = retryBudget();
    let retries = 0;
    for (let call = 0; call < 1000; call += 1) {
      budget.earn();
      if (budget.spend()) retries += 1;
    }
    expect(retries).toBeGreaterThanOrEqual(200);
    expect(retries).toBeLessThanOrEqual(203);
  });
});
