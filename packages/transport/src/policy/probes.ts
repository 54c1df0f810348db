/** While the breakers of all instances are open, one call passes every so often, in milliseconds. */
const probeEveryMs = 1000;

/** Whose turn it is to be called although its breaker is open. */
export interface Probes {
  /** A breaker has opened: nothing is tried for a while. */
  opened(): void;
  /** @returns the instance that one call may be sent to now, or nothing   @param ids those that could be called, all of them open */
  next(ids: readonly string[]): string | undefined;
}

/**
 * What opened the breakers of all instances is mostly one thing that they share, and it is over for all of them at once.
 * Waiting for each breaker's own time would prolong the outage: so one call a second passes, to one instance after the other.
 */
export function probes(now: () => number): Probes {
  let nextAt = 0;
  let turn = 0;
  return {
    opened() {
      nextAt = now() + probeEveryMs;
    },
    next(ids) {
      if (ids.length === 0 || now() < nextAt) return undefined;
      nextAt = now() + probeEveryMs;
      return [...ids].sort()[turn++ % ids.length];
    },
  };
}
