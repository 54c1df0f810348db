import { option, takeOptions } from "@weft/core";
import type { ServiceInstance, ServiceWatch } from "./registry.ts";

export interface PickerOptions {
  /** @defaultValue "least-loaded": power of two choices */
  strategy?: "least-loaded" | "round-robin";
  /**
   * Only instances whose metadata has these values (`version`, `zone`). Where none has them: `any` takes all, `none` takes
   * nobody. @defaultValue every instance
   */
  subset?: { metadata: Record<string, string>; otherwise: "any" | "none" };
  /** How fast latency and failures are forgotten: what was seen so long ago counts 37 %, in milliseconds. @defaultValue 10000 */
  memoryMs?: number;
  /** Between 0 and 1, for tests. @defaultValue Math.random */
  random?: () => number;
  /** Milliseconds of a clock that does not jump, for tests. @defaultValue performance.now */
  now?: () => number;
}

export const pickerRules = {
  strategy: option.oneOf(["least-loaded", "round-robin"], "least-loaded"),
  memoryMs: option.milliseconds(10_000),
};

export interface PickedInstance {
  instance: ServiceInstance;
  /** Tells how it went; counts once. `neutral`: says nothing about the instance. */
  done(outcome: { ok: boolean | "neutral"; latencyMs: number }): void;
}

export interface Picker {
  /**
   * One of the instances known now, but none of `exclude` (instance ids).
   * @returns nothing when none is left
   */
  choose(exclude?: ReadonlySet<string>): PickedInstance | undefined;
  /** What is known of an instance: requests in flight, smoothed latency in milliseconds, share of failures from 0 to 1. */
  load(instanceId: string): { inFlight: number; latencyMs: number; failures: number };
}

/** A failing instance is fast; it must not look attractive for that. At 100 % failures it counts as this much slower. */
const failurePenalty = 50;
/** Latencies below this are the same: on an idle machine noise would decide otherwise. */
const latencyFloorMs = 1;

interface Load {
  inFlight: number;
  latencyMs: number;
  failures: number;
  seenAt: number;
}

/**
 * Chooses where a request goes. `least-loaded` draws two instances and takes the one with the lower cost, which is
 * (in flight + 1) × smoothed latency × failure penalty; so load spreads evenly without anybody counting for all, and a
 * slow or failing instance still gets a few requests that show its return.
 * Sources: M. Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing", 2001; Finagle's `P2CPeakEwma`, from
 * which it takes that a latency above the average counts at once and one below it only gradually.
 */
export function picker(watch: Pick<ServiceWatch, "current">, options: PickerOptions = {}): Picker {
  const settings = takeOptions("picker", pickerRules, options);
  const { strategy, memoryMs, subset, random = Math.random, now = () => performance.now() } = settings;
  const loads = new Map<string, Load>();
  let seen: readonly ServiceInstance[] = [];
  let candidates: readonly ServiceInstance[] = [];
  let turn = 0;

  function loadOf(instanceId: string): Load {
    let load = loads.get(instanceId);
    if (!load) {
      load = { inFlight: 0, latencyMs: 0, failures: 0, seenAt: now() };
      loads.set(instanceId, load);
    }
    return load;
  }

  /** Once a change, not once a request. */
  function refresh(): void {
    const { instances } = watch.current();
    if (instances === seen) return;
    seen = instances;
    const known = new Set(instances.map(({ instanceId }) => instanceId));
    for (const [instanceId, { inFlight }] of loads) {
      if (!known.has(instanceId) && inFlight === 0) loads.delete(instanceId);
    }
    const chosen = subset ? instances.filter(({ metadata }) => hasAll(metadata, subset.metadata)) : instances;
    candidates = chosen.length > 0 || subset?.otherwise === "none" ? chosen : instances;
  }

  function cost(instanceId: string): number {
    const { inFlight, latencyMs, failures, seenAt } = loadOf(instanceId);
    const left = Math.exp(-(now() - seenAt) / memoryMs);
    return (inFlight + 1) * Math.max(latencyFloorMs, latencyMs * left) * (1 + failurePenalty * failures * left);
  }

  function leastLoaded(from: readonly ServiceInstance[]): ServiceInstance {
    const first = Math.floor(random() * from.length);
    if (from.length === 1) return from[first]!;
    const second = (first + 1 + Math.floor(random() * (from.length - 1))) % from.length;
    const [a, b] = [from[first]!, from[second]!];
    return cost(a.instanceId) <= cost(b.instanceId) ? a : b;
  }

  function learn(load: Load, { ok, latencyMs }: { ok: boolean | "neutral"; latencyMs: number }): void {
    if (ok === "neutral") return;
    const at = now();
    const left = Math.exp(-(at - load.seenAt) / memoryMs);
    // Where requests are few, one of them says as much as a tenth of everything before it.
    const weight = Math.max(1 - left, 0.1);
    const before = load.latencyMs * left;
    load.latencyMs = latencyMs > before ? latencyMs : before * (1 - weight) + latencyMs * weight;
    load.failures = load.failures * left * (1 - weight) + (ok ? 0 : weight);
    load.seenAt = at;
  }

  return {
    choose(exclude) {
      refresh();
      const from = exclude?.size ? candidates.filter(({ instanceId }) => !exclude.has(instanceId)) : candidates;
      if (from.length === 0) return undefined;
      const instance = strategy === "round-robin" ? from[turn++ % from.length]! : leastLoaded(from);
      const load = loadOf(instance.instanceId);
      load.inFlight += 1;
      let isDone = false;
      return {
        instance,
        done(outcome) {
          if (isDone) return;
          isDone = true;
          load.inFlight -= 1;
          learn(load, outcome);
        },
      };
    },
    load(instanceId) {
      const { inFlight, latencyMs, failures } = loads.get(instanceId) ?? { inFlight: 0, latencyMs: 0, failures: 0 };
      return { inFlight, latencyMs, failures };
    },
  };
}

function hasAll(metadata: Record<string, string>, wanted: Record<string, string>): boolean {
  return Object.entries(wanted).every(([name, value]) => metadata[name] === value);
}
