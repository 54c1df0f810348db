/// <reference path="./opossum.d.ts" />
import { option, takeOptions } from "@weft/core";
import CircuitBreaker from "opossum";

export interface BreakerOptions {
  /** Length of the window that is looked at, in milliseconds. @defaultValue 10000 */
  windowMs?: number;
  /** Outcomes within the window below which nothing is concluded. @defaultValue 3 */
  minimumCalls?: number;
  /** Share of failures that opens it, from 0 to 1. @defaultValue 0.6 */
  failureShare?: number;
  /** How long it stays open the first time, in milliseconds; twice as long each time it opens again without having closed. @defaultValue 30000 */
  openMs?: number;
  /** Longest time it stays open, in milliseconds. @defaultValue 120000 */
  maxOpenMs?: number;
  /** Calls let through half-open; all must succeed to close it. @defaultValue 3 */
  trials?: number;
  /** After this a trial that said nothing counts as failed, in milliseconds. @defaultValue 10000 */
  trialTimeoutMs?: number;
  /** Between 0 and 1, for tests. @defaultValue Math.random */
  random?: () => number;
}

export const breakerRules = {
  windowMs: option.milliseconds(10_000),
  minimumCalls: option.count(3),
  failureShare: option.share(0.6),
  openMs: option.milliseconds(30_000),
  maxOpenMs: option.milliseconds(120_000),
  trials: option.count(3),
  trialTimeoutMs: option.milliseconds(10_000),
};

export type BreakerState = "closed" | "half-open" | "open";

/** Leave for one call. It must be reported, whatever became of the call; only the first report counts. */
export interface Permit {
  /** `neutral`: the outcome says nothing about the instance (a 4xx, a caller that gave up, a refusal on this side). */
  report(outcome: "success" | "failure" | "neutral"): void;
}

export interface Breaker {
  state(): BreakerState;
  /** @returns nothing while it is open, or while all trials are out */
  admit(): Permit | undefined;
  /**
   * Leave for one call although it is open, for a caller that has no other instance. A success is the first trial of a
   * half-open breaker; anything else leaves it open for as long as it would have been.
   * @returns nothing where it is not open
   */
  probe(): Permit | undefined;
  /** Half-open at once, where it is open: what opened it is over. */
  tryNow(): void;
  /** Ends its timers; it admits everything from then on. */
  close(): void;
}

/**
 * Closed: every call passes, outcomes are counted in opossum's rolling window; opossum trips it.
 * Open: nothing passes for `openMs`, doubled each time in a row and spread by a fifth, so that callers do not come back at once.
 * Half-open: `trials` calls pass. One failure opens it again; when all have succeeded it closes with an empty window.
 * A `probe` that succeeds makes an open one half-open before its time.
 *
 * opossum 10 is used for the window, the trip and the timer, and only learns outcomes after the fact. Everything in which
 * it surprises is here instead: it neither runs, times, bounds nor aborts the calls; neutral
 * outcomes never reach it; an outcome of a call begun in an earlier state is dropped; trials are counted and have an end.
 */
export function breaker(
  options: BreakerOptions = {},
  onChange: (state: BreakerState, before: BreakerState) => void = () => {},
): Breaker {
  const settings = takeOptions("breaker", breakerRules, options);
  const { windowMs, minimumCalls, failureShare, openMs, maxOpenMs, trials, trialTimeoutMs } = settings;
  const { random = Math.random } = settings;
  let state: BreakerState = "closed";
  /** Grows with every change of state: tells what is over from what is now. */
  let epoch = 0;
  let opened = 0;
  let trialsOut = 0;
  let trialsPassed = 0;
  let isEnded = false;
  let circuit = newCircuit();

  function newCircuit(): CircuitBreaker<[boolean]> {
    const created = new CircuitBreaker<[boolean]>(
      // Thrown, not rejected: opossum then counts and trips before `fire` returns.
      (ok) => {
        if (!ok) throw failed;
        return Promise.resolve();
      },
      {
        timeout: false,
        rollingCountTimeout: windowMs,
        rollingPercentilesEnabled: false,
        enableSnapshots: false,
        volumeThreshold: minimumCalls,
        // opossum trips above its threshold, we trip at it.
        errorThresholdPercentage: failureShare * 100 - 1e-9,
        resetTimeout: nextOpenMs(),
      },
    );
    created.on("open", () => become("open"));
    created.on("halfOpen", () => become("half-open"));
    return created;
  }

  function become(next: BreakerState): void {
    const before = state;
    state = next;
    epoch += 1;
    trialsOut = 0;
    trialsPassed = 0;
    if (next === "open") opened += 1;
    if (next === "closed") opened = 0;
    circuit.options.resetTimeout = nextOpenMs();
    onChange(next, before);
  }

  function nextOpenMs(): number {
    const full = Math.min(maxOpenMs, openMs * 2 ** Math.min(Math.max(0, opened), 20));
    return Math.round(full * (0.8 + 0.2 * random()));
  }

  function learn(outcome: "success" | "failure"): void {
    if (state === "closed") {
      circuit.fire(outcome === "success").catch(() => {});
    } else if (state === "half-open") {
      if (outcome === "failure") {
        circuit.open();
        return;
      }
      trialsPassed += 1;
      if (trialsPassed < trials) return;
      // A new one, because the old one's window still holds what opened it.
      circuit.shutdown();
      opened = 0;
      circuit = newCircuit();
      become("closed");
    }
  }

  function tryNow(): void {
    if (state !== "open" || isEnded) return;
    // A new one, because opossum has no way to half-open but its own timer.
    circuit.shutdown();
    circuit = newCircuit();
    become("half-open");
  }

  return {
    state: () => state,
    tryNow,
    probe() {
      if (state !== "open" || isEnded) return undefined;
      const begun = epoch;
      let isReported = false;
      return {
        report(outcome) {
          if (isReported) return;
          isReported = true;
          if (begun !== epoch || isEnded || outcome !== "success") return;
          tryNow();
          learn("success");
        },
      };
    },
    admit() {
      if (isEnded) return { report() {} };
      if (state === "open") return undefined;
      const isTrial = state === "half-open";
      if (isTrial && trialsOut >= trials - trialsPassed) return undefined;
      if (isTrial) trialsOut += 1;
      const begun = epoch;
      let isReported = false;
      let timer: NodeJS.Timeout | undefined;
      const permit: Permit = {
        report(outcome) {
          if (isReported) return;
          isReported = true;
          clearTimeout(timer);
          if (begun !== epoch || isEnded) return;
          if (isTrial) trialsOut -= 1;
          if (outcome !== "neutral") learn(outcome);
        },
      };
      if (isTrial) timer = setTimeout(() => permit.report("failure"), trialTimeoutMs).unref();
      return permit;
    },
    close() {
      isEnded = true;
      circuit.shutdown();
    },
  };
}

const failed = new Error("the call failed");
