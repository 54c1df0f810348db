import { classify, type Logger, pauses, sleep } from "@weft/core";
import type { Answer } from "./api.ts";
import { nextIndex } from "./next-index.ts";
import { tokenBucket } from "./token-bucket.ts";

export interface WatchLoopOptions {
  /** How long Consul may hold a query, in milliseconds. */
  waitMs: number;
  /** Bound of a query that does not wait, in milliseconds. */
  requestTimeoutMs: number;
  /** Answers that are applied at once, and then one every so often, in milliseconds. */
  pace: { burst: number; everyMs: number };
  /** Resets that are believed at once, and then one every so often: an index that jumps about must not become a hot loop. */
  resetPace: { burst: number; everyMs: number };
  /** Longest pause between two failures, in milliseconds. */
  maxBackoffMs: number;
}

export interface WatchLoop {
  /** Since when Consul has not answered, in milliseconds of `performance.now()`; nothing while it does. */
  failingSince(): number | undefined;
  lastError(): unknown;
  stop(): void;
}

export interface Question<Body> {
  /** For the log: "pricing-service". */
  what: string;
  ask(options: { index?: number; waitMs?: number; timeoutMs: number; signal: AbortSignal }): Promise<Answer<Body>>;
  apply(body: Body): void;
}

/**
 * One blocking query after the other, for ever. Consul adds up to a sixteenth of jitter to `wait`, so a query that takes
 * longer than that and a little is dead: the hard timeout is ours, for no library notices a connection that went silent.
 * Failures back off with full jitter, so that many watchers do not come back at once.
 */
export function watchLoop<Body>(
  { log }: { log: Logger },
  { what, ask, apply }: Question<Body>,
  options: WatchLoopOptions,
): WatchLoop {
  const controller = new AbortController();
  const { signal } = controller;
  const pace = tokenBucket(options.pace);
  const resetPace = tokenBucket(options.resetPace);
  const { waitMs, requestTimeoutMs } = options;
  const blockingTimeoutMs = waitMs + waitMs / 16 + requestTimeoutMs;
  let lastAnswerAt = performance.now();
  const backoff = pauses(
    {
      firstMs: 500,
      maxMs: options.maxBackoffMs,
      onRetry({ error, attempt }) {
        if (attempt > 1) return;
        if (classify(error) === "bug") log.error({ err: error, what }, "the watch failed by a bug, and is begun anew");
        else log.warn({ err: error, what }, "Consul does not answer; the last known list stays in use");
      },
    },
    signal,
  );
  let lastError: unknown;

  let index: number | undefined;

  async function run(): Promise<void> {
    while (!signal.aborted) {
      try {
        await askOnce();
      } catch (error) {
        if (signal.aborted) return;
        lastError = error;
        index = undefined;
        await backoff.failed(error);
      }
    }
  }

  async function askOnce(): Promise<void> {
    const blocking = index === undefined ? {} : { index, waitMs };
    const timeoutMs = index === undefined ? requestTimeoutMs : blockingTimeoutMs;
    const answer = await ask({ ...blocking, timeoutMs, signal });
    const next = nextIndex(index, answer.index);
    if (next.isReset) log.warn({ what, asked: index, answered: answer.index }, "Consul's index was reset");
    index = next.index;
    apply(answer.body);
    if (backoff.failures > 0) log.info({ what, failures: backoff.failures }, "Consul answers again");
    lastAnswerAt = performance.now();
    backoff.succeeded();
    lastError = undefined;
    const pauseMs = Math.max(pace.take(), next.isReset ? resetPace.take() : 0);
    if (pauseMs > 0) await sleep(pauseMs, signal);
  }

  run().catch((error) => {
    if (!signal.aborted) log.error({ err: error, what }, "the watch ended");
  });

  return {
    failingSince: () => (backoff.failures > 0 ? lastAnswerAt : undefined),
    lastError: () => lastError,
    stop: () => controller.abort(new Error("the watch was stopped")),
  };
}
