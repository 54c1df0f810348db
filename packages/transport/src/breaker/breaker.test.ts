import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import fc from "fast-check";
import { bulkhead } from "../policy/bulkhead.ts";
import { type Breaker, type BreakerState, breaker } from "./breaker.ts";

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

/** No jitter: opens for exactly `openMs`. */
const exact = { random: () => 1 };

function fail(tested: Breaker, times: number): void {
  for (let call = 0; call < times; call += 1) tested.admit()?.report("failure");
}
async function succeed(tested: Breaker, times: number): Promise<void> {
  for (let call = 0; call < times; call += 1) tested.admit()?.report("success");
  await Promise.resolve();
  await Promise.resolve();
}
function halfOpen(options = {}): Breaker {
  const tested = breaker({ ...exact, ...options });
  fail(tested, 3);
  jest.advanceTimersByTime(30_000);
  expect(tested.state()).toBe("half-open");
  return tested;
}

describe("circuit breaker", () => {
  it("opens at three attempts and 60 % failures, and not before", async () => {
    const few = breaker(exact);
    fail(few, 2);
    expect(few.state()).toBe("closed");
    fail(few, 1);
    expect(few.state()).toBe("open");
    expect(few.admit()).toBeUndefined();

    const half = breaker(exact);
    await succeed(half, 2);
    fail(half, 2);
    expect(half.state()).toBe("closed");
    fail(half, 1);
    expect(half.state()).toBe("open");
  });

  it("forgets what is older than its window", async () => {
    const tested = breaker(exact);
    fail(tested, 2);
    jest.advanceTimersByTime(11_000);
    fail(tested, 2);
    expect(tested.state()).toBe("closed");
  });

  it("closes after three trials that all succeed, with an empty window", async () => {
    const changes: string[] = [];
    const tested = breaker(exact, (state, before) => changes.push(`${before} → ${state}`));
    fail(tested, 3);
    jest.advanceTimersByTime(30_000);
    await succeed(tested, 2);
    expect(tested.state()).toBe("half-open");
    await succeed(tested, 1);
    expect(tested.state()).toBe("closed");
    fail(tested, 2);
    expect(tested.state()).toBe("closed");
    expect(changes).toEqual(["closed → open", "open → half-open", "half-open → closed"]);
  });

  it("lets three trials through half-open, and one failure opens it again for twice as long", () => {
    const tested = halfOpen();
    const trials = [tested.admit(), tested.admit(), tested.admit()];
    expect(trials.every(Boolean)).toBe(true);
    expect(tested.admit()).toBeUndefined();
    trials[0]!.report("success");
    expect(tested.admit()).toBeUndefined();
    trials[1]!.report("failure");
    expect(tested.state()).toBe("open");
    jest.advanceTimersByTime(59_999);
    expect(tested.state()).toBe("open");
    jest.advanceTimersByTime(1);
    expect(tested.state()).toBe("half-open");
  });

  it("E11: a place is taken until the call has really ended, however long its caller waits", () => {
    const places = bulkhead(5);
    const leaves = Array.from({ length: 50 }, () => places.enter()).filter((leave) => leave !== undefined);
    expect(leaves).toHaveLength(5);
    expect(places.inFlight()).toBe(5);
    leaves[0]!();
    leaves[0]!();
    expect(places.inFlight()).toBe(4);
  });

  it("E12: refusals on this side do not count", async () => {
    const tested = breaker(exact);
    await succeed(tested, 1);
    for (let call = 0; call < 100; call += 1) tested.admit()!.report("neutral");
    expect(tested.state()).toBe("closed");
    fail(tested, 1);
    expect(tested.state()).toBe("closed");
  });

  it("E13: one failure never opens it", () => {
    const tested = breaker(exact);
    fail(tested, 1);
    expect(tested.state()).toBe("closed");
  });

  it("E14: neither a 4xx nor a success from before it opened closes it", async () => {
    const tested = breaker(exact);
    const early = [tested.admit()!, tested.admit()!, tested.admit()!];
    fail(tested, 3);
    jest.advanceTimersByTime(30_000);
    for (const permit of early) permit.report("success");
    for (let call = 0; call < 20; call += 1) tested.admit()!.report("neutral");
    await Promise.resolve();
    expect(tested.state()).toBe("half-open");
  });

  it("E14: a failure from before it opened does not open it again", () => {
    const tested = breaker(exact);
    const early = tested.admit()!;
    fail(tested, 3);
    jest.advanceTimersByTime(30_000);
    early.report("failure");
    expect(tested.state()).toBe("half-open");
  });

  it("E16: trials that never settle count as failed after their time", () => {
    const tested = halfOpen();
    tested.admit();
    tested.admit();
    tested.admit();
    expect(tested.admit()).toBeUndefined();
    jest.advanceTimersByTime(10_000);
    expect(tested.state()).toBe("open");
    jest.advanceTimersByTime(60_000);
    expect(tested.admit()).toBeDefined();
  });

  it("E16: spreads the time it stays open, grows it, and bounds it", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.integer({ min: 1, max: 8 }),
        (random, times) => {
          const tested = breaker({ random: () => random });
          fail(tested, 3);
          let openMs = 30_000;
          for (let time = 1; time < times; time += 1) {
            jest.advanceTimersByTime(openMs);
            expect(tested.state()).toBe("half-open");
            fail(tested, 1);
            openMs = Math.min(120_000, openMs * 2);
          }
          jest.advanceTimersByTime(Math.floor(openMs * 0.8) - 1);
          expect(tested.state()).toBe("open");
          jest.advanceTimersByTime(openMs);
          expect(tested.state()).toBe("half-open");
          tested.close();
        },
      ),
      { numRuns: 50 },
    );
  });

  it("is half-open after a probe that succeeds, and closed after the rest of the trials", async () => {
    const tested = breaker(exact);
    expect(tested.probe()).toBeUndefined();
    fail(tested, 3);
    tested.probe()!.report("neutral");
    tested.probe()!.report("failure");
    expect(tested.state()).toBe("open");
    expect(tested.admit()).toBeUndefined();
    const [first, second] = [tested.probe()!, tested.probe()!];
    first.report("success");
    second.report("success");
    expect(tested.state()).toBe("half-open");
    expect(tested.probe()).toBeUndefined();
    await succeed(tested, 1);
    expect(tested.state()).toBe("half-open");
    await succeed(tested, 1);
    expect(tested.state()).toBe("closed");
  });

  it("stays open as long as before when a probe fails, and twice as long when a trial fails after one that succeeded", () => {
    const tested = breaker(exact);
    fail(tested, 3);
    jest.advanceTimersByTime(29_000);
    tested.probe()!.report("failure");
    jest.advanceTimersByTime(1000);
    expect(tested.state()).toBe("half-open");
    fail(tested, 1);
    tested.tryNow();
    expect(tested.state()).toBe("half-open");
    fail(tested, 1);
    jest.advanceTimersByTime(119_999);
    expect(tested.state()).toBe("open");
    jest.advanceTimersByTime(1);
    expect(tested.state()).toBe("half-open");
  });

  it("counts a report once", () => {
    const tested = breaker(exact);
    const permit = tested.admit()!;
    for (let report = 0; report < 5; report += 1) permit.report("failure");
    expect(tested.state()).toBe("closed");
  });

  it("never admits while it is open, whatever happens", () => {
    const event = fc.constantFrom("success", "failure", "neutral", "wait", "wait long");
    fc.assert(
      fc.property(fc.array(event, { maxLength: 80 }), (events) => {
        const told: BreakerState[] = ["closed"];
        const tested = breaker(exact, (next) => told.push(next));
        for (const happened of events) {
          if (happened === "wait") jest.advanceTimersByTime(1000);
          else if (happened === "wait long") jest.advanceTimersByTime(121_000);
          else {
            const isOpen = told.at(-1) === "open";
            const permit = tested.admit();
            expect(permit === undefined).toBe(isOpen);
            permit?.report(happened as "success");
          }
          expect(tested.state()).toBe(told.at(-1));
        }
        tested.close();
      }),
      { numRuns: 100 },
    );
  });
});
