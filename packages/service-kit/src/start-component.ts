import { type Component, type Logger, option, type RetryPolicy, retry, takeOptions } from "@weft/core";

export interface StartOptions {
  /** Ends the retries. */
  signal: AbortSignal;
  /** Told why the component is not up yet. */
  onFailure: (error: Error) => void;
  /** Upper bound of the first pause, in milliseconds. @defaultValue 200 */
  baseMs?: number;
  /** Upper bound of any pause, in milliseconds: how late after its dependency a process comes up. @defaultValue 2000 */
  maxMs?: number;
}

const rules = {
  baseMs: option.milliseconds(200),
  maxMs: option.milliseconds(2000),
};

/**
 * Starts a component, again and again while that fails with an error that may pass: dependencies come up in any order.
 * @throws what `start` failed with where it will not pass   @throws the signal's reason
 */
export async function startComponent(
  { log }: { log: Logger },
  component: Component,
  options: StartOptions,
): Promise<void> {
  const { signal, onFailure, baseMs, maxMs } = takeOptions("startComponent", rules, options);
  const startedAt = performance.now();
  const policy: RetryPolicy = {
    firstMs: baseMs,
    maxMs,
    // A dependency that refuses at once must not become a hot loop.
    floorMs: baseMs / 2,
    // How late after its dependency a process comes up is decided here, and not by what callers are told to wait.
    afterMs: () => undefined,
    onRetry({ error, attempt }) {
      onFailure(error as Error);
      // The first line tells, then one of ten: an outage of an hour is not a log of an hour.
      if (attempt % 10 === 1) log.warn({ component: component.name, attempt, err: error }, "does not start yet");
    },
  };
  await retry(policy, () => component.start(), signal);
  log.debug({ component: component.name, ms: Math.round(performance.now() - startedAt) }, "started");
}
