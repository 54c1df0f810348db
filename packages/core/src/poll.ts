import { sleep } from "./backoff.ts";

/** How often something is looked at, and for how long. */
export interface PollOptions {
  /** Pause between two looks, in milliseconds. */
  everyMs: number;
  /** No look begins later than this after the first, in milliseconds. */
  forMs: number;
}

/**
 * Looks again and again until there is something to see: for a state that nobody announces.
 * @param look gives what was waited for, or `undefined`; what it throws ends the wait
 * @returns what was seen, or `undefined` when the time is over   @throws the signal's reason
 */
export async function poll<T>(
  { everyMs, forMs }: PollOptions,
  look: () => T | undefined | Promise<T | undefined>,
  signal?: AbortSignal,
): Promise<T | undefined> {
  const until = performance.now() + forMs;
  for (;;) {
    signal?.throwIfAborted();
    const seen = await look();
    if (seen !== undefined || performance.now() + everyMs > until) return seen;
    await sleep(everyMs, signal);
  }
}
