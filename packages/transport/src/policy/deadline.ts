import { currentContext, remainingMs } from "@weft/core";

/** How long a whole call may take: what was asked for, cut by the deadline of the work that asks. */
export interface Deadline {
  /** Milliseconds that are left, never below 0. */
  leftMs(): number;
}

export function callDeadline(timeoutMs: number, now: () => number = () => performance.now()): Deadline {
  const end = now() + Math.min(timeoutMs, remainingMs(currentContext()) ?? timeoutMs);
  return { leftMs: () => Math.max(0, end - now()) };
}
