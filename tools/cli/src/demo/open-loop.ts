import type { Ticker } from "@weft/core";

export interface OpenLoopParts {
  ticker: Ticker;
  /** Must not reject. */
  act(n: number): Promise<void>;
  /** An action was due while `maxInFlight` others had not ended. */
  onSkip(): void;
}

export interface OpenLoopOptions {
  perSecond: number;
  /** Actions that may be under way at once. */
  maxInFlight: number;
  /** Nothing new begins once it is aborted; what is under way ends by itself. */
  signal: AbortSignal;
}

/**
 * Begins action n at `n / perSecond` seconds, whether the earlier ones have ended or not: a slow mesh gets no less to do, as
 * with real customers, and what it makes wait shows. After a stall what was due meanwhile begins at once.
 */
export async function openLoop({ ticker, act, onSkip }: OpenLoopParts, options: OpenLoopOptions): Promise<void> {
  const { perSecond, maxInFlight, signal } = options;
  const begun = ticker.nowMs();
  const underWay = new Set<Promise<void>>();
  for (let n = 0; !signal.aborted; ) {
    const waitMs = begun + (n * 1000) / perSecond - ticker.nowMs();
    if (waitMs > 0) {
      await ticker.pause(waitMs, signal).catch(() => {}); // aborted: nothing more begins
      continue;
    }
    if (underWay.size >= maxInFlight) {
      onSkip();
    } else {
      const action = act(n);
      underWay.add(action);
      void action.then(() => underWay.delete(action));
    }
    n++;
  }
  await Promise.all(underWay);
}
