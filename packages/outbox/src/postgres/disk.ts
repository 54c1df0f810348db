import { DatabaseUnavailable } from "../errors.ts";
import { isDiskFull } from "./failures.ts";

/** While the disk is full one write is tried every so often, in milliseconds. */
const trialEveryMs = 1000;

/** Whether the server's disk takes writes, as far as this process has met it. */
export interface Disk {
  /**
   * Before a write. While the disk is full, one a second is let through to find out whether there is room again; the others
   * are refused without a connection or a transaction.
   * @throws DatabaseUnavailable
   */
  assertRoom(): void;
  /** A statement failed: its error says whether the disk is full. */
  failed(error: unknown): void;
  /** A write was committed, so there is room. */
  written(): void;
  isFull(): boolean;
}

export function disk(now: () => number = () => performance.now()): Disk {
  let nextTrialAt: number | undefined;
  return {
    assertRoom() {
      if (nextTrialAt === undefined) return;
      if (now() < nextTrialAt)
        throw new DatabaseUnavailable({ operation: "its disk is full" }, { retryAfterSeconds: 5 });
      nextTrialAt = now() + trialEveryMs;
    },
    failed(error) {
      if (isDiskFull(error)) nextTrialAt = now() + trialEveryMs;
    },
    written() {
      nextTrialAt = undefined;
    },
    isFull: () => nextTrialAt !== undefined,
  };
}
