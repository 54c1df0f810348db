import type { Logger } from "@weft/core";
import type { ServiceInstance } from "@weft/discovery";

/** How long an instance is left out whose name leads nowhere allowed, in milliseconds; then the name may lead elsewhere. */
const excludedMs = 30_000;
const maxTold = 1000;

export interface Exclusions {
  add(instance: ServiceInstance, why: unknown): void;
  /** The others; the same list for as long as nothing changes. */
  left(known: readonly ServiceInstance[]): readonly ServiceInstance[];
}

/** Instances that nobody is sent to for a while, each told once. */
export function exclusions({ log }: { log: Logger }, service: string, now: () => number): Exclusions {
  const until = new Map<string, number>();
  const told = new Set<string>();
  let seen: readonly ServiceInstance[] = [];
  let others: readonly ServiceInstance[] = [];
  let ids = "";
  return {
    add(instance, why) {
      const { instanceId, host } = instance;
      until.set(instanceId, now() + excludedMs);
      const key = `${instanceId} ${host}`;
      if (told.has(key) || told.size >= maxTold) return;
      told.add(key);
      log.warn({ err: why, service, instanceId, host }, "an instance is not used");
    },
    left(known) {
      if (until.size === 0) return known;
      for (const [instanceId, end] of until) if (now() >= end) until.delete(instanceId);
      const excluded = [...until.keys()].join();
      if (known !== seen || excluded !== ids) {
        seen = known;
        ids = excluded;
        others = known.filter(({ instanceId }) => !until.has(instanceId));
      }
      return others;
    },
  };
}
