import { sleep, type Ticker } from "@weft/core";

/** The machine's clock that does not jump. */
export const monotonicTicker: Ticker = {
  nowMs: () => performance.now(),
  pause: sleep,
};
