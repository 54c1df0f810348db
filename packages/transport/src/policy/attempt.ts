import { type DependencyCause, timeLimit } from "@weft/core";
import type { ServiceInstance } from "@weft/discovery";

/** One try at one instance. The protocol does it and judges what came of it; the policies only read the verdict. */
export type Attempt<Answer> = (to: ServiceInstance, bounds: AttemptBounds) => Promise<Outcome<Answer>>;

export interface AttemptBounds {
  /** Aborted when the attempt's time is over or the caller gave up; belongs to this attempt alone. */
  signal: AbortSignal;
  /** What the other side is told it has, in milliseconds. */
  timeoutMs: number;
}

export type Outcome<Answer> =
  | { kind: "answer"; answer: Answer; verdict: Verdict }
  | { kind: "failure"; cause: DependencyCause; error?: unknown; verdict: Verdict }
  /** Went wrong on this side, before or after the other one was asked: nobody there is to blame, and again is the same again. */
  | { kind: "own-fault"; error: unknown; verdict: Verdict };

export interface Verdict {
  /** What it says about the instance. */
  instance: "good" | "bad" | "neutral";
  /**
   * `never`: it would be the same again. `if-repeatable`: something may have happened there. `not-done`: certainly
   * nothing happened, so that also a write may go elsewhere, and no budget is spent.
   */
  again: "never" | "if-repeatable" | "not-done";
  /** When the other side wants to be asked again, in milliseconds. */
  afterMs?: number;
  /** The other side says that its time was over. */
  isTimeout?: boolean;
}

/**
 * Runs one attempt within its time, with an abort signal of its own: aborting one call never touches its neighbours.
 * An attempt that does not end when its signal says so is given up here, and still holds its place in the bulkhead.
 */
export async function boundedAttempt<Answer>(
  attempt: Attempt<Answer>,
  to: ServiceInstance,
  { timeoutMs, caller }: { timeoutMs: number; caller: AbortSignal | undefined },
  onEnd: () => void,
): Promise<Outcome<Answer>> {
  const { signal, clear } = timeLimit(timeoutMs, () => attemptTimedOut, caller);
  const aborted = new Promise<Outcome<Answer>>((resolve) => {
    signal.addEventListener("abort", () => resolve(abortOutcome(signal)), { once: true });
  });
  const running = attempt(to, { signal, timeoutMs })
    .catch((error): Outcome<Answer> => ownFault(error))
    .finally(onEnd);
  try {
    const outcome = await Promise.race([running, ...(signal.aborted ? [abortOutcome<Answer>(signal)] : [aborted])]);
    return signal.aborted && outcome.kind !== "answer" ? abortOutcome(signal) : outcome;
  } finally {
    clear();
  }
}

export const ownFault = (error: unknown): Outcome<never> => ({
  kind: "own-fault",
  error,
  verdict: { instance: "neutral", again: "never" },
});

/** The instance's address is one where no instance may be: as good as none, and nobody was connected to. */
export const outside = (error: unknown): Outcome<never> => ({
  kind: "failure",
  cause: "no_instance",
  error,
  verdict: { instance: "neutral", again: "not-done" },
});

const attemptTimedOut = new Error("the attempt took too long");

function abortOutcome<Answer>({ reason }: AbortSignal): Outcome<Answer> {
  return reason === attemptTimedOut
    ? { kind: "failure", cause: "timeout", error: reason, verdict: { instance: "bad", again: "if-repeatable" } }
    : { kind: "failure", cause: "timeout", error: reason, verdict: { instance: "neutral", again: "never" } };
}
