import { setImmediate } from "node:timers/promises";
import type { Logger } from "@weft/core";
import { compact } from "../log/compaction.ts";
import type { PartitionLog } from "../log/partition-log.ts";
import type { BrokerSettings } from "../options.ts";
import type { Cluster, Topic } from "./cluster.ts";

/**
 * Acts on retention and compaction: one partition after the other, a pause between two rounds, requests in between. A round
 * that takes longer than the pause delays the next one; there are never two.
 */
export class Housekeeping {
  private readonly cluster: Cluster;
  private readonly log: Logger;
  private readonly intervalMs: number;
  /** How far each log has been compacted since the start. */
  private readonly cleanUntil = new WeakMap<PartitionLog, number>();
  private timer: NodeJS.Timeout | undefined;
  private round = Promise.resolve();
  private isStopped = false;

  constructor(
    { cluster, log }: { cluster: Cluster; log: Logger },
    settings: Pick<BrokerSettings, "cleanupIntervalMs">,
  ) {
    this.cluster = cluster;
    this.log = log;
    this.intervalMs = settings.cleanupIntervalMs;
  }

  start(): void {
    this.timer = setTimeout(() => {
      this.round = this.tidy().finally(() => {
        if (!this.isStopped) this.start();
      });
    }, this.intervalMs);
    this.timer.unref();
  }

  private async tidy(): Promise<void> {
    for (const topic of this.cluster.all())
      for (const [index, partition] of topic.partitions.entries()) {
        if (this.isStopped) return;
        try {
          await this.tidyOne(topic, partition);
        } catch (err) {
          // The topic may have been deleted in the middle of it.
          if (this.cluster.byId(topic.id))
            this.log.error({ err, topic: topic.name, partition: index }, "could not tidy up a log; trying again later");
        }
        await setImmediate();
      }
  }

  private async tidyOne(topic: Topic, partition: PartitionLog): Promise<void> {
    const rules = this.cluster.configs.rules(topic.configs);
    const now = Date.now();
    if (rules.isDeleted) partition.expire({ before: now - rules.retentionMs, maxBytes: rules.retentionBytes });
    if (!rules.isCompacted) return;
    const cleanUntil = this.cleanUntil.get(partition) ?? 0;
    this.cleanUntil.set(partition, await compact(partition, cleanUntil, { now, ...rules }));
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    await this.round;
  }
}
