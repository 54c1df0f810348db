import { createRequire } from "node:module";

interface RequestQueue {
  pending: unknown[];
  throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  checkPendingRequests(): void;
  scheduleCheckPendingRequests(): void;
}

const pendingCheckMs = 10;
let applied = false;

/**
 * kafkajs 2.2.4 arms a timer after every answer, also with nothing pending and nothing throttled. Its delay is then
 * `-1 - Date.now()`, which fires after 1 ms and arms itself again: a thousand idle wake-ups a second for each connection,
 * and a TimeoutNegativeWarning on Node 24. Here the timer is armed only while a request is pending.
 * A `pnpm patch` would change the same method in `src/network/requestQueue/index.js`: return when `pending` is empty.
 */
export function patchRequestQueue(): void {
  if (applied) return;
  applied = true;
  const queue = createRequire(import.meta.url)("kafkajs/src/network/requestQueue") as { prototype: RequestQueue };
  queue.prototype.scheduleCheckPendingRequests = function scheduleCheckPendingRequests(this: RequestQueue) {
    if (this.throttleCheckTimeoutId || this.pending.length === 0) return;
    const throttledMs = this.throttledUntil - Date.now();
    this.throttleCheckTimeoutId = setTimeout(
      () => {
        this.throttleCheckTimeoutId = null;
        this.checkPendingRequests();
      },
      throttledMs > 0 ? throttledMs : pendingCheckMs,
    );
  };
}
