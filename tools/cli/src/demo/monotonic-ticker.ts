import { sleep } from "@weft/core";
import type { Ticker } from "./open-loop.ts";

/** The machine's clock that does not jump. */
export const monotonicTicker: Ticker = {
  nowMs: () => performance.now(),
  pause: (ms, signal) => sleep(ms, signal).catch(() => {}), // aborted: the pause is over
};
