import { createRequire } from "node:module";

interface ConsumerGroup {
  maxWaitTime: number;
  subscriptionState: { paused(): unknown[] };
  fetch(nodeId: number): Promise<unknown>;
}

/** How long a fetch waits while partitions are paused, in milliseconds: it is then the delay of one that is resumed. */
const pausedWaitMs = 100;
let applied = false;

/**
 * A fetch of kafkajs 2.2.4 does not hear of a partition that is resumed before it is answered, so one wait for all of them is
 * too long for consumers that pause, or wakes idle ones more often than they need.
 */
export function patchFetchWait(): void {
  if (applied) return;
  applied = true;
  const { prototype } = createRequire(import.meta.url)("kafkajs/src/consumer/consumerGroup") as {
    prototype: ConsumerGroup;
  };
  const { fetch } = prototype;
  const waits = new WeakMap<ConsumerGroup, number>();
  prototype.fetch = function fetchWithWait(this: ConsumerGroup, nodeId) {
    const longest = waits.get(this) ?? this.maxWaitTime;
    waits.set(this, longest);
    const isPaused = this.subscriptionState.paused().length > 0;
    this.maxWaitTime = isPaused ? Math.min(pausedWaitMs, longest) : longest;
    return fetch.call(this, nodeId);
  };
}
