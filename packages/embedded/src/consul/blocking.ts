/**
 * Blocking queries: a caller that names the index it has seen waits until the answer's own index has passed it, or its
 * time is up. Every answer has an index of its own kind (a service's, a prefix's), so that an unrelated change wakes nobody.
 * Source: Consul HTTP API, "Blocking Queries".
 */
interface WaitOptions {
  /** The index that the caller has seen. 0: do not wait. */
  seen: number;
  waitMs: number;
  signal: AbortSignal;
}

export interface BlockingQueries {
  /** Resolves when `indexNow()` has passed `seen`, the time is up, or the caller is gone. */
  wait(indexNow: () => number, options: WaitOptions): Promise<void>;
  /** To be called after every change. */
  changed(): void;
}

const waitBounds = { defaultMs: 5 * 60_000, maxMs: 10 * 60_000 };

/** The wait that a caller gets for the one it asked for: bounded, and longer by up to a sixteenth so that callers spread. */
export function boundedWaitMs(askedMs: number, random: () => number = Math.random): number {
  const base = askedMs <= 0 ? waitBounds.defaultMs : Math.min(askedMs, waitBounds.maxMs);
  return base + Math.floor((random() * base) / 16);
}

export function blockingQueries({ maxWaiting = 2000 }: { maxWaiting?: number } = {}): BlockingQueries {
  const waiting = new Set<{ look(): void; finish(): void }>();
  return {
    wait(indexNow, { seen, waitMs, signal }) {
      // With too many waiting, the oldest gets its answer now and asks again.
      if (waiting.size >= maxWaiting) waiting.values().next().value?.finish();
      return new Promise((resolve) => {
        const entry = {
          finish() {
            clearTimeout(timer);
            signal.removeEventListener("abort", entry.finish);
            waiting.delete(entry);
            resolve();
          },
          look() {
            if (indexNow() > seen) entry.finish();
          },
        };
        const timer = setTimeout(entry.finish, waitMs);
        if (seen <= 0 || signal.aborted || indexNow() > seen) return entry.finish();
        signal.addEventListener("abort", entry.finish, { once: true });
        waiting.add(entry);
      });
    },
    changed() {
      for (const entry of [...waiting]) entry.look();
    },
  };
}
