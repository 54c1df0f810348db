import type { Rebuilds } from "../broker.ts";

/** How far back one looks, in milliseconds. */
const withinMs = 5 * 60_000;
const maxKept = 100;

/** Counts how often a client that held partitions ended, over the last five minutes. */
export function rebuildCount(now: () => number = () => performance.now()) {
  let endings: number[] = [];
  let reason: string | undefined;
  const forgetOld = () => {
    endings = endings.filter((at) => at > now() - withinMs).slice(-maxKept);
  };
  return {
    add(why: string): void {
      endings.push(now());
      reason = why;
      forgetOld();
    },
    lately(): Rebuilds {
      forgetOld();
      return { count: endings.length, withinMs, ...(reason === undefined ? {} : { reason }) };
    },
  };
}
