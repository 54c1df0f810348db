import { maxTimerMs } from "./backoff.ts";

/**
 * What `work` comes to, or what `late` gives (or throws) when `ms` have passed first. Nothing is cancelled: late work goes
 * on, and a failure that it ends with has nobody left to hear it. The wait ends with the work.
 * @param ms at most 24.8 days
 * @param options.keepsAlive whether the wait keeps the process alive: not where others give the work up first, as a drain
 *   does. @defaultValue true
 */
export async function within<T, Late>(
  ms: number,
  work: Promise<T>,
  late: () => Late,
  { keepsAlive = true }: { keepsAlive?: boolean } = {},
): Promise<T | Late> {
  let timer: NodeJS.Timeout | undefined;
  const timeIsOver = new Promise<Late>((resolve, reject) => {
    timer = setTimeout(
      () => {
        try {
          resolve(late());
        } catch (error) {
          reject(error);
        }
      },
      Math.min(ms, maxTimerMs),
    );
    if (!keepsAlive) timer.unref();
  });
  work.catch(() => {});
  try {
    return await Promise.race([work, timeIsOver]);
  } finally {
    clearTimeout(timer);
  }
}

/** A bound that can be handed on: the signal of one piece of work. */
export interface TimeLimit {
  /** Aborted with `reason()` when the time is over, or with the parent's reason when that is aborted. */
  readonly signal: AbortSignal;
  /** Gives the timer and the parent's listener back. Call it when the work has ended, whatever became of it. */
  clear(): void;
}

/** @param ms at most 24.8 days */
export function timeLimit(ms: number, reason: () => unknown, parent?: AbortSignal): TimeLimit {
  const controller = new AbortController();
  const timer = setTimeout(() => end(reason()), Math.min(ms, maxTimerMs));
  const onParent = () => end(parent?.reason);
  function clear(): void {
    clearTimeout(timer);
    parent?.removeEventListener("abort", onParent);
  }
  function end(why: unknown): void {
    clear();
    controller.abort(why);
  }
  if (parent?.aborted) onParent();
  else parent?.addEventListener("abort", onParent, { once: true });
  return { signal: controller.signal, clear };
}
