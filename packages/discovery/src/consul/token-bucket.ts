/** Lets `burst` through at once and then one every `everyMs`. */
export interface TokenBucket {
  /** Takes one. @returns how long to wait first, in milliseconds */
  take(): number;
}

export function tokenBucket({
  burst,
  everyMs,
  now = () => performance.now(),
}: {
  burst: number;
  everyMs: number;
  now?: () => number;
}): TokenBucket {
  /** When the bucket would be full again, were nothing taken from now on. */
  let fullAt = now();
  return {
    take() {
      const at = now();
      fullAt = Math.max(fullAt, at) + everyMs;
      return Math.max(0, fullAt - at - burst * everyMs);
    },
  };
}
