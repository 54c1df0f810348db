import { type Logger, type Metrics, noMetrics, remainingMs, takeOptions } from "@weft/core";
import { AddressNotAllowed, type Registry } from "@weft/discovery";
import { type Attempt, boundedAttempt, type Outcome } from "./attempt.ts";
import { callDeadline } from "./deadline.ts";
import { type InstanceSnapshot, type InstancesOptions, instances } from "./instances.ts";
import { checkGroups, policyRules } from "./options.ts";
import { type RetryOptions, retryRules, withRetries } from "./retry.ts";
import { type RetryBudgetOptions, retryBudget } from "./retry-budget.ts";

export interface PolicyOptions extends InstancesOptions {
  /** Bound of a whole call, retries included, in milliseconds. @defaultValue 10000 */
  timeoutMs?: number;
  /** Bound of one attempt, in milliseconds. @defaultValue 5000 */
  attemptTimeoutMs?: number;
  retry?: RetryOptions;
  retryBudget?: RetryBudgetOptions;
}

/**
 * A caller that leaves less than this share of an attempt's own bound is in a hurry. Not the whole: between services with
 * equal bounds a few milliseconds are always gone, and an instance that hangs must still open its breaker.
 */
const hurriedBelow = 0.9;

interface Call<Answer> {
  attempt: Attempt<Answer>;
  /** Whether doing it twice is the same as doing it once. */
  isRepeatable: boolean;
  /** Bound of this call. @defaultValue the policy's */
  timeoutMs?: number;
  signal?: AbortSignal;
}

/** How a target looks from here. */
export interface TargetSnapshot {
  service: string;
  instances: InstanceSnapshot[];
  /** Retries that could go out now. */
  retryBudget: number;
}

/** Asks one target, whatever the protocol. Never throws: what could not be got is an outcome too. */
export interface Policy {
  call<Answer>(call: Call<Answer>): Promise<Outcome<Answer>>;
  snapshot(): TargetSnapshot;
  close(): void;
}

/**
 * The order is fixed, from the outside in:
 *
 *   deadline          the whole call, cut by the deadline of the work that asks
 *   retry budget      how many retries the target may see at all
 *   (hedge)           a second attempt beside a slow first one would stand here; there is none yet
 *   retry             each attempt picks anew, so it goes elsewhere
 *   pick an instance  not tried before, where there is one
 *   breaker           of that instance; an open one sends the attempt to the next instance, not to its end
 *   bulkhead          of that instance; the place is held until the attempt has really ended
 *   attempt timeout   with its own abort signal; the other side is told how long it has
 *   attempt           the protocol's: one request over one kept connection
 * @throws OptionsInvalid
 */
export function policy(parts: { registry: Registry; log: Logger; metrics?: Metrics }, options: PolicyOptions): Policy {
  const settings = takeOptions("policy", policyRules, options, checkGroups);
  const { service } = settings;
  const retrySettings = takeOptions("retry", retryRules, settings.retry ?? {});
  const { metrics = noMetrics } = parts;
  const target = instances(parts, settings);
  const budget = retryBudget(settings.retryBudget);
  // The client's own, not the call's: a service may have cut that one to what its caller leaves it.
  const enoughMs = hurriedBelow * Math.min(settings.attemptTimeoutMs, settings.timeoutMs);
  const retries = metrics.counter("weft_client_retries_total", "Attempts after the first", ["service"]);
  const refused = metrics.counter("weft_client_refused_total", "Attempts that no instance was there for", [
    "service",
    "cause",
  ]);

  return {
    async call<Answer>({ attempt, isRepeatable, timeoutMs = settings.timeoutMs, signal }: Call<Answer>) {
      const deadline = callDeadline(timeoutMs);
      const tried = new Set<string>();
      /** What the last attempt that went out met. It says more than that a later one could not go out. */
      let met: Outcome<Answer> | undefined;

      const tryOnce = async (): Promise<Outcome<Answer>> => {
        if (signal?.aborted) return gaveUp(signal.reason);
        if (deadline.leftMs() < 1) return met ? final(met) : timeIsOver;
        const admission = await target.admit(tried, deadline.leftMs());
        if (typeof admission === "string") {
          refused.add(1, { service, cause: admission });
          // While a single instance is replaced there is none for a moment. An open breaker takes longer than a call.
          const again = admission === "no_instance" ? "not-done" : "never";
          if (met && again === "never") return final(met);
          const outcome: Outcome<Answer> = {
            kind: "failure",
            cause: admission,
            verdict: { instance: "neutral", again },
          };
          met ??= outcome;
          return outcome;
        }
        tried.add(admission.instance.instanceId);
        const bound = Math.min(settings.attemptTimeoutMs, deadline.leftMs());
        const isHurried = (remainingMs() ?? Infinity) < enoughMs;
        const started = performance.now();
        const outcome = await boundedAttempt(
          attempt,
          admission.instance,
          { timeoutMs: Math.max(1, Math.floor(bound)), caller: signal },
          admission.leave,
        );
        // A deadline that any stranger can set would otherwise open the breaker of a healthy instance for everyone.
        const { instance, isTimeout } = outcome.verdict;
        const hasTimedOut = isTimeout || (outcome.kind === "failure" && outcome.cause === "timeout");
        const isExcused = isHurried && instance === "bad" && hasTimedOut;
        admission.report(isExcused ? "neutral" : instance, performance.now() - started);
        const wasOutside = outcome.kind === "failure" && AddressNotAllowed.is(outcome.error);
        if (wasOutside) target.exclude(admission.instance, outcome.error);
        met = outcome;
        return outcome;
      };

      const onRetry = () => retries.add(1, { service });
      return withRetries(tryOnce, { deadline, budget, signal, isRepeatable, onRetry }, retrySettings);
    },
    snapshot: () => ({ service, instances: target.snapshot(), retryBudget: budget.left() }),
    close: () => target.close(),
  };
}

const timeIsOver: Outcome<never> = {
  kind: "failure",
  cause: "timeout",
  verdict: { instance: "neutral", again: "never" },
};

const final = <Answer>(outcome: Outcome<Answer>): Outcome<Answer> => ({
  ...outcome,
  verdict: { ...outcome.verdict, again: "never" },
});

const gaveUp = (error: unknown): Outcome<never> => ({
  kind: "failure",
  cause: "timeout",
  error,
  verdict: { instance: "neutral", again: "never" },
});
