import { backoffMs, sleep, withDefaults } from "@weft/core";
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

const defaults = { maxAttempts: 6, baseMs: 100, maxMs: 2000 } satisfies Required<RetryOptions>;

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
  options: RetryOptions,
): Promise<Outcome<Answer>> {
  const { maxAttempts, baseMs, maxMs } = withDefaults(defaults, options);
  budget.earn();
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await tryOnce();
    const { again, afterMs } = outcome.verdict;
    if (attempt === maxAttempts || signal?.aborted || !mayTryAgain(again, isRepeatable)) return outcome;
    const pauseMs = Math.max(backoffMs(attempt, { baseMs, maxMs }), afterMs ?? 0);
    if (pauseMs >= deadline.leftMs()) return outcome;
    if (again !== "not-done" && !budget.spend()) return outcome;
    onRetry?.();
    try {
      await sleep(pauseMs, signal);
    } catch {
      return outcome;
    }
  }
}

function mayTryAgain(again: Verdict["again"], isRepeatable: boolean): boolean {
  return again === "not-done" || (again === "if-repeatable" && isRepeatable);
}
