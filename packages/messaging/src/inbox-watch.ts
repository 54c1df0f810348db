import { isOutage, type Logger, type Metrics } from "@weft/core";
import type { Inbox, InboxTrouble } from "./inbox.ts";

const everyMs = 5000;

/** Looks every five seconds at what is not as it should be in the inbox, for health and metrics; between, it is remembered. */
export function inboxWatch(
  { inbox, metrics, log }: { inbox: Pick<Inbox<never>, "troubles">; metrics: Metrics; log: Logger },
  group: string,
) {
  const gauge = metrics.gauge(
    "weft_consumer_sequence_troubles",
    "Events without an effect by why: gaps (skipped, dead, parked), refused sequences (reused, jumped), records passed over (unread)",
    ["group", "trouble"],
  );
  let known: InboxTrouble[] = [];
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> | undefined;

  async function look(): Promise<void> {
    try {
      const found = (await inbox.troubles?.(group)) ?? [];
      const kinds = new Set([...known, ...found].map(({ trouble }) => trouble));
      for (const trouble of kinds) gauge.set(eventsOf(found, trouble), { group, trouble });
      known = found;
    } catch (error) {
      // Of a database that is away others tell. What was known stays.
      if (!isOutage(error))
        log.error({ err: error, group }, "the look at the inbox failed, and the database is not away");
    }
  }

  /** One look at a time. */
  function now(): Promise<void> {
    looking ??= look().finally(() => {
      looking = undefined;
    });
    return looking;
  }

  return {
    known: () => known,
    now,
    start(): void {
      if (!inbox.troubles) return;
      void now();
      timer = setInterval(() => void now(), everyMs).unref();
    },
    async stop(): Promise<void> {
      clearInterval(timer);
      await looking;
    },
  };
}

export const eventsOf = (troubles: readonly InboxTrouble[], trouble: InboxTrouble["trouble"]): number =>
  troubles.reduce((sum, one) => sum + (one.trouble === trouble ? one.events : 0), 0);
