/**
 * Bounds what is really in flight to one instance; nothing waits for a place. The place is given back when the call has
 * ended, not when its caller stopped waiting (opossum's `capacity` frees it then: failure-modes E11).
 */
export interface Bulkhead {
  /** @returns a function that gives the place back, or nothing when all are taken */
  enter(): (() => void) | undefined;
  inFlight(): number;
}

export function bulkhead(maxInFlight: number): Bulkhead {
  let inFlight = 0;
  return {
    enter() {
      if (inFlight >= maxInFlight) return undefined;
      inFlight += 1;
      let isLeft = false;
      return () => {
        if (isLeft) return;
        isLeft = true;
        inFlight -= 1;
      };
    },
    inFlight: () => inFlight,
  };
}
