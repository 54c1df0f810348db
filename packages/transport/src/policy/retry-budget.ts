import { option, takeOptions } from "@weft/core";

export interface RetryBudgetOptions {
  /** Extra calls per call, in the long run. @defaultValue 0.2 */
  share?: number;
  /** Extra calls that are there from the start, and the most that can be saved up. @defaultValue 3 */
  burst?: number;
}

export const retryBudgetRules = { share: option.share(0.2), burst: option.count(3, { from: 0 }) };

/** Shared by all calls to one target: when everything fails, retries must not multiply the load. */
export interface RetryBudget {
  /** One call more, which earns a share of a retry. */
  earn(): void;
  /** @returns whether a retry may go out; it is spent then */
  spend(): boolean;
  left(): number;
}

/** Never more than `burst` + `share` × calls. Source: Finagle's `RetryBudget`, without its time-to-live. */
export function retryBudget(options: RetryBudgetOptions = {}): RetryBudget {
  const { share, burst } = takeOptions("retryBudget", retryBudgetRules, options);
  // In thousandths, so that five calls at 0.2 make one retry and not 0.9999.
  let balance = Math.round(burst * 1000);
  return {
    earn() {
      balance = Math.min(Math.round(burst * 1000), balance + Math.round(share * 1000));
    },
    spend() {
      if (balance < 1000) return false;
      balance -= 1000;
      return true;
    },
    left: () => balance / 1000,
  };
}
