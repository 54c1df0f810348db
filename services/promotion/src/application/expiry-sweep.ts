import { type Clock, type Component, type Logger, newContext, reasonOf, runInContext } from "@weft/core";
import { expire } from "../domain/promotion.ts";
import type { PromotionStore } from "./ports.ts";

export interface ExpirySweepOptions {
  /** Pause between two looks, in milliseconds; a promotion is written down as expired at most so much later, and must be within 60 s. @defaultValue 5000 */
  intervalMs?: number;
  /** Promotions that one query gives; the sweep goes on until there are none. @defaultValue 100 */
  batchSize?: number;
}

const defaults = { intervalMs: 5_000, batchSize: 100 } satisfies Required<ExpirySweepOptions>;

/**
 * Writes `expired` down when a promotion's period is over. Every instance sweeps: the change is decided on the locked row,
 * so that one of them does it and the others find it done.
 */
export function expirySweep(
  { promotions, clock, log }: { promotions: PromotionStore; clock: Clock; log: Logger },
  options: ExpirySweepOptions = {},
): Component & { sweep(): Promise<number> } {
  const { intervalMs, batchSize } = { ...defaults, ...options };
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<unknown> = Promise.resolve();
  let isStopping = false;
  let failure: string | undefined;

  const sweep = async (): Promise<number> => {
    let expired = 0;
    while (!isStopping) {
      const overdue = await promotions.overdue(clock.now(), batchSize);
      for (const promotionId of overdue) {
        if (isStopping) return expired;
        await promotions.change(promotionId, (promotion) => expire(promotion, clock.now()));
        expired += 1;
      }
      if (overdue.length < batchSize) return expired;
    }
    return expired;
  };

  const schedule = () => {
    timer = setTimeout(() => {
      running = runInContext(newContext(), sweep)
        .then((expired) => {
          failure = undefined;
          if (expired > 0) log.info({ expired }, "promotions expired");
        })
        .catch((error: Error) => {
          // The next sweep does the same again: nothing is lost but time.
          failure = reasonOf(error);
          log.warn({ err: error }, "expiry sweep failed");
        })
        .finally(() => {
          if (!isStopping) schedule();
        });
    }, intervalMs);
  };

  return {
    name: "expiry-sweep",
    sweep,
    async start() {
      isStopping = false;
      schedule();
    },
    async stop() {
      isStopping = true;
      clearTimeout(timer);
      await running;
    },
    health: () => (failure === undefined ? { status: "healthy" } : { status: "degraded", message: failure }),
  };
}
