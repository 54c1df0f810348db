import { backoffMs, type Component, isNetworkFailure, type Logger, sleep, WeftError } from "@weft/core";

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

const defaults = { baseMs: 200, maxMs: 2000 };

/**
 * Starts a component, again and again while that fails with an error that may pass: dependencies come up in any order.
 * @throws what `start` failed with where it will not pass   @throws the signal's reason
 */
export async function startComponent(
  { log }: { log: Logger },
  component: Component,
  { signal, onFailure, baseMs = defaults.baseMs, maxMs = defaults.maxMs }: StartOptions,
): Promise<void> {
  const startedAt = performance.now();
  for (let attempt = 1; ; attempt += 1) {
    signal.throwIfAborted();
    try {
      await component.start();
      log.debug({ component: component.name, ms: Math.round(performance.now() - startedAt) }, "started");
      return;
    } catch (error) {
      if (!mayPass(error)) throw error;
      onFailure(error as Error);
      // The first line tells, then one of ten: an outage of an hour is not a log of an hour.
      if (attempt % 10 === 1) log.warn({ component: component.name, attempt, err: error }, "does not start yet");
      const pauseMs = backoffMs(attempt, { baseMs, maxMs });
      // Full jitter may give 0; a dependency that refuses at once must not become a hot loop.
      await sleep(Math.max(pauseMs, baseMs / 2), signal);
    }
  }
}

/** Whether the same start may succeed later. Our errors say so themselves; of others, those of the network. */
function mayPass(error: unknown): boolean {
  return error instanceof WeftError ? error.retryable : isNetworkFailure(error);
}
