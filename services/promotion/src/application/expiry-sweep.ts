import { type Clock, type Component, type Logger, option, takeOptions } from "@weft/core";
import { recurring } from "@weft/service-kit/plain";
import { expire } from "../domain/promotion.ts";
import type { PromotionStore } from "./ports.ts";

export interface ExpirySweepOptions {
  /** Pause between two looks, in milliseconds; a promotion is written down as expired at most so much later, and must be within 60 s. @defaultValue 5000 */
  intervalMs?: number;
  /** Promotions that one query gives; the sweep goes on until there are none. @defaultValue 100 */
  batchSize?: number;
}

const rules = { intervalMs: option.milliseconds(5_000), batchSize: option.count(100) };

/**
 * Writes `expired` down when a promotion's period is over. Every instance sweeps: the change is decided on the locked row,
 * so that one of them does it and the others find it done.
 */
export function expirySweep(
  { promotions, clock, log }: { promotions: PromotionStore; clock: Clock; log: Logger },
  options: ExpirySweepOptions = {},
): Component & { sweep(): Promise<number> } {
  const { intervalMs, batchSize } = takeOptions("expirySweep", rules, options);

  async function sweep(isStopping = () => false): Promise<number> {
    let expired = 0;
    while (!isStopping()) {
      const overdue = await promotions.overdue(clock.now(), batchSize);
      for (const promotionId of overdue) {
        if (isStopping()) return expired;
        await promotions.change(promotionId, (promotion) => expire(promotion, clock.now()));
        expired += 1;
      }
      if (overdue.length < batchSize) return expired;
    }
    return expired;
  }

  async function work(isStopping: () => boolean): Promise<void> {
    const expired = await sweep(isStopping);
    if (expired > 0) log.info({ expired }, "promotions expired");
  }

  return { ...recurring({ log, work }, { name: "expiry-sweep", intervalMs }), sweep };
}
