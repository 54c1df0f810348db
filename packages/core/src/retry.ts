import { backoffMs, sleep } from "./backoff.ts";
import { mayPass } from "./classify.ts";
import { WeftError } from "./errors.ts";

/** How work is tried again. Give `attempts`, `forMs` or a signal: a retry without a bound is refused. */
export interface RetryPolicy {
  /** Upper bound of the first pause, in milliseconds; it doubles with each failure, with full jitter. */
  firstMs: number;
  /** Upper bound of any pause, in milliseconds. */
  maxMs: number;
  /** No pause is shorter than this, in milliseconds: jitter may give 0, and what refuses at once must not become a hot loop. @defaultValue 10 */
  floorMs?: number;
  /** Attempts in all. @defaultValue no bound */
  attempts?: number;
  /** No pause ends later than this after the first attempt began, in milliseconds. @defaultValue no bound */
  forMs?: number;
  /** Whether this failure is worth another attempt. @defaultValue mayPass */
  mayRetry?: (error: unknown, attempt: number) => boolean;
  /** A pause that the other side asked for, in milliseconds. @defaultValue `retryAfterSeconds` of our own errors */
  afterMs?: (error: unknown) => number | undefined;
  /** Told before each pause; `attempt` is the one that failed, from 1. */
  onRetry?: (failure: { error: unknown; attempt: number; pauseMs: number }) => void;
  /** Between 0 and 1, for tests. @defaultValue Math.random */
  random?: () => number;
  /** Time, for tests. @defaultValue this machine's */
  ticker?: Ticker;
}

/** A clock that does not jump, and pauses by it. */
export interface Ticker {
  /** Milliseconds since some moment. */
  nowMs(): number;
  /** @throws the signal's reason */
  pause(ms: number, signal?: AbortSignal): Promise<void>;
}

const machineTicker: Ticker = { nowMs: () => performance.now(), pause: sleep };
const defaultFloorMs = 10;

/**
 * The pause after `failures` failures in a row, in milliseconds: exponential with full jitter, not below the floor.
 * Source of the jitter: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 */
export function retryPauseMs(
  { firstMs, maxMs, floorMs = defaultFloorMs, random }: Pick<RetryPolicy, "firstMs" | "maxMs" | "floorMs" | "random">,
  failures: number,
): number {
  const jittered = backoffMs(failures, { baseMs: firstMs, maxMs, ...(random ? { random } : {}) });
  return Math.max(Math.min(floorMs, maxMs), jittered);
}

/**
 * Runs `work` until it resolves, as the policy says.
 * @param work gets the number of the attempt, from 1
 * @throws the last failure, where the policy allows no other attempt   @throws the signal's reason
 */
export async function retry<T>(
  policy: RetryPolicy,
  work: (attempt: number) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const { attempts, forMs, mayRetry = mayPass, afterMs = askedPauseMs, onRetry, ticker = machineTicker } = policy;
  if (attempts === undefined && forMs === undefined && signal === undefined) {
    throw new TypeError("a retry needs a bound: attempts, forMs or a signal");
  }
  const until = ticker.nowMs() + (forMs ?? Number.POSITIVE_INFINITY);
  for (let attempt = 1; ; attempt += 1) {
    signal?.throwIfAborted();
    try {
      return await work(attempt);
    } catch (error) {
      if (attempt >= (attempts ?? Number.POSITIVE_INFINITY) || !mayRetry(error, attempt)) throw error;
      const pauseMs = Math.max(retryPauseMs(policy, attempt), afterMs(error) ?? 0);
      if (ticker.nowMs() + pauseMs > until) throw error;
      onRetry?.({ error, attempt, pauseMs });
      await ticker.pause(pauseMs, signal);
    }
  }
}

function askedPauseMs(error: unknown): number | undefined {
  const seconds = error instanceof WeftError ? error.retryAfterSeconds : undefined;
  return seconds === undefined ? undefined : seconds * 1000;
}

/** Pauses of something that lives for ever and is begun anew each time it ends. */
export interface Pauses {
  /** Failures in a row so far. */
  readonly failures: number;
  /** Counts a failure and waits as the policy says. Resolves also when the signal is aborted: the loop looks at it. */
  failed(error?: unknown): Promise<void>;
  /** The next failure is a first one again. */
  succeeded(): void;
}

export function pauses(
  policy: Pick<RetryPolicy, "firstMs" | "maxMs" | "floorMs" | "random" | "onRetry">,
  signal: AbortSignal,
): Pauses {
  let failures = 0;
  return {
    get failures() {
      return failures;
    },
    async failed(error) {
      failures += 1;
      const pauseMs = retryPauseMs(policy, failures);
      policy.onRetry?.({ error, attempt: failures, pauseMs });
      await sleep(pauseMs, signal).catch(() => {});
    },
    succeeded() {
      failures = 0;
    },
  };
}

/**
 * Runs `work` again and again until the signal is aborted: after a success when the work says, after a failure as the policy
 * says. Never rejects: whoever has to hear of failures is told by `onRetry`, and tells a bug from an outage by `classify`.
 * @param work gives the milliseconds until the next run
 */
export async function repeat(
  policy: Pick<RetryPolicy, "firstMs" | "maxMs" | "floorMs" | "random" | "onRetry" | "ticker">,
  work: () => Promise<number>,
  signal: AbortSignal,
): Promise<void> {
  const { onRetry, ticker = machineTicker } = policy;
  for (let failures = 0; !signal.aborted; ) {
    let pauseMs: number;
    try {
      pauseMs = await work();
      failures = 0;
    } catch (error) {
      failures += 1;
      pauseMs = retryPauseMs(policy, failures);
      onRetry?.({ error, attempt: failures, pauseMs });
    }
    await ticker.pause(pauseMs, signal).catch(() => {}); // aborted: the loop ends
  }
}
