import { option, type RetryPolicy, retry, type Taken } from "@weft/core";
import type { Outcome, Verdict } from "./attempt.ts";
import type { Deadline } from "./deadline.ts";
import type { RetryBudget } from "./retry-budget.ts";

export interface RetryOptions {
  /** Attempts in all. @defaultValue 6 */
  maxAttempts?: number;
  /** Upper bound of the first pause, in milliseconds; it doubles, with full jitter. @defaultValue 100 */
  baseMs?: number;
  /** Upper bound of any pause, in milliseconds. @defaultValue 2000 */
  maxMs?: number;
}

export const retryRules = {
  maxAttempts: option.count(6),
  baseMs: option.milliseconds(100, { from: 0 }),
  maxMs: option.milliseconds(2000, { from: 0 }),
};

interface RetryParts {
  deadline: Deadline;
  budget: RetryBudget;
  signal: AbortSignal | undefined;
  /** Whether doing it twice is the same as doing it once. */
  isRepeatable: boolean;
  onRetry?: () => void;
}

/**
 * Tries again where the verdict allows it: after a pause with full jitter, or after what the other side asked for, while
 * time and budget last. What was certainly not done costs no budget: it is no load for the other side.
 */
export async function withRetries<Answer>(
  tryOnce: () => Promise<Outcome<Answer>>,
  { deadline, budget, signal, isRepeatable, onRetry }: RetryParts,
  { maxAttempts, baseMs, maxMs }: Taken<typeof retryRules>,
): Promise<Outcome<Answer>> {
  budget.earn();
  if (signal?.aborted) return tryOnce();
  let outcome!: Outcome<Answer>;
  const policy: RetryPolicy = {
    firstMs: baseMs,
    maxMs,
    attempts: maxAttempts,
    forMs: deadline.leftMs(),
    mayRetry() {
      const { again } = outcome.verdict;
      if (signal?.aborted || !mayTryAgain(again, isRepeatable)) return false;
      return again === "not-done" || budget.left() >= 1;
    },
    afterMs: () => outcome.verdict.afterMs,
    onRetry() {
      if (outcome.verdict.again !== "not-done") budget.spend();
      onRetry?.();
    },
  };
  const once = async () => {
    outcome = await tryOnce();
    if (outcome.verdict.again !== "never") throw unsettled;
  };
  // Nothing else is thrown but the caller's own reason, and what was met says more than that the caller gave up.
  await retry(policy, once, signal).catch(() => {});
  return outcome;
}

const unsettled = new Error("the outcome may be another one next time");

function mayTryAgain(again: Verdict["again"], isRepeatable: boolean): boolean {
  return again === "not-done" || (again === "if-repeatable" && isRepeatable);
}
