export interface BackoffOptions {
  /** Upper bound of the first pause, in milliseconds. @defaultValue 100 */
  baseMs?: number;
  /** Upper bound of any pause, in milliseconds. @defaultValue 2000 */
  maxMs?: number;
  /** Between 0 and 1, for tests. @defaultValue Math.random */
  random?: () => number;
}

/** The longest that Node's timers wait, in milliseconds (24.8 days): a longer one would end after 1 ms. */
export const maxTimerMs = 2 ** 31 - 1;

/**
 * Exponential backoff with full jitter: a pause between 0 and min(maxMs, baseMs × 2^(attempt−1)), in milliseconds.
 * Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 * @param attempt how many attempts have failed so far, from 1
 */
export function backoffMs(
  attempt: number,
  { baseMs = 100, maxMs = 2000, random = Math.random }: BackoffOptions = {},
): number {
  const ceiling = Math.min(maxMs, baseMs * 2 ** Math.min(attempt - 1, 30));
  return Math.floor(random() * ceiling);
}

/** Resolves after `ms` (at most 24.8 days), or rejects with the signal's reason as soon as it is aborted. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(
      () => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      },
      Math.min(ms, maxTimerMs),
    );
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
