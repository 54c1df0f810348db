import { connect } from "node:net";
import { type Logger, within } from "@weft/core";
import type { Networks } from "../networks.ts";
import type { InstanceList, ServiceInstance, ServiceWatch } from "../registry.ts";
import type { ConsulApi, HealthEntry } from "./api.ts";
import { instanceOf } from "./instances.ts";
import { type WatchLoop, type WatchLoopOptions, watchLoop } from "./watch-loop.ts";

export interface EmptyGrace {
  /** How long a list that suddenly is empty is doubted at least, in milliseconds; then its instances are tried. */
  probeEveryMs: number;
  /** How long it is doubted at most, while Consul answers and one of them still accepts connections, in milliseconds. */
  maxMs: number;
}

interface ServiceWatchParts {
  log: Logger;
  api: ConsulApi;
  networks: Networks;
  /** Whether something accepts connections there. */
  probe?: (instance: ServiceInstance, networks: Networks) => Promise<boolean>;
}

export type RunningServiceWatch = ServiceWatch & { loop: WatchLoop; stop(): void };

/**
 * The healthy instances of one service. An answer with instances is applied at once. An empty one after a list is doubted,
 * for Consul gives it while its servers elect a leader, after a restart, and when its checks starve; a true end of the last
 * instance looks the same. So the old list stays for `probeEveryMs`, and then for as long as one of its instances accepts
 * connections, at most `maxMs`; and while Consul does not answer, without limit. Whoever calls one meanwhile is safe: the
 * call names the instance, and another refuses it.
 */
export function serviceWatch(
  { log, api, networks, probe = acceptsConnections }: ServiceWatchParts,
  service: string,
  options: WatchLoopOptions & { grace: EmptyGrace },
): RunningServiceWatch {
  let instances: readonly ServiceInstance[] = [];
  let doubt: { since: number; countedFrom: number; timer: NodeJS.Timeout } | undefined;
  const told = new Set<string>();
  const listeners = new Set<(list: InstanceList) => void>();
  const first = Promise.withResolvers<void>();

  const loop = watchLoop(
    { log },
    {
      what: service,
      ask: (asked) => api.healthOf(service, { passing: true, ...asked }),
      apply(entries) {
        const usable = usableInstances(entries);
        if (usable.length > 0 || instances.length === 0) {
          const wasDoubted = doubt !== undefined;
          clearTimeout(doubt?.timer);
          doubt = undefined;
          if (!replace(usable) && wasDoubted) tellListeners();
        } else if (!doubt) {
          log.warn(
            { service, kept: instances.length },
            "Consul knows no instance any more; the last ones are tried first",
          );
          const since = performance.now();
          doubt = { since, countedFrom: since, timer: setTimeout(look, options.grace.probeEveryMs) };
          tellListeners();
        }
        first.resolve();
      },
    },
    options,
  );

  function usableInstances(entries: HealthEntry[]): ServiceInstance[] {
    const usable: ServiceInstance[] = [];
    for (const entry of entries) {
      const instance = instanceOf(entry, networks);
      if (typeof instance !== "string") usable.push(instance);
      else tellOnce(entry.Service.ID, instance);
    }
    return usable.sort((a, b) => (a.instanceId < b.instanceId ? -1 : 1));
  }

  /** Once an instance, and not with every change of another one. */
  function tellOnce(instanceId: string, reason: string): void {
    const key = `${instanceId} ${reason}`;
    if (told.has(key) || told.size >= 1000) return;
    told.add(key);
    log.warn({ service, instanceId, reason }, "an instance is not used");
  }

  async function look(): Promise<void> {
    const doubted = doubt;
    if (!doubted) return;
    const isOver = performance.now() - doubted.countedFrom >= options.grace.maxMs;
    const answers =
      isOver || isConsulAway()
        ? []
        : await Promise.all(instances.slice(0, 5).map((instance) => probe(instance, networks)));
    if (doubt !== doubted) return;
    const isAway = isConsulAway();
    // The empty list may have been the last words of a dying agent; one that is back is given the whole time again.
    if (isAway) doubted.countedFrom = performance.now();
    if (isAway || answers.includes(true)) {
      doubted.timer = setTimeout(look, options.grace.probeEveryMs);
      return;
    }
    doubt = undefined;
    log.warn({ service }, "no instance is left");
    replace([]);
  }

  function isConsulAway(): boolean {
    return loop.failingSince() !== undefined;
  }

  /** @returns whether they are others than before */
  function replace(next: readonly ServiceInstance[]): boolean {
    if (JSON.stringify(next) === JSON.stringify(instances)) return false;
    instances = next;
    log.debug({ service, instances: next.map(({ instanceId }) => instanceId) }, "the instances changed");
    tellListeners();
    return true;
  }

  function tellListeners(): void {
    for (const listener of listeners) listener(current());
  }

  function current(): InstanceList {
    const since = loop.failingSince() ?? doubt?.since;
    const ageMs = since === undefined ? 0 : Math.round(performance.now() - since);
    return { instances, ageMs, ...(doubt && !isConsulAway() ? { isDoubted: true as const } : {}) };
  }

  return {
    service,
    loop,
    current,
    ready: (timeoutMs) => within(timeoutMs, first.promise, () => {}),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    stop() {
      clearTimeout(doubt?.timer);
      doubt = undefined;
      loop.stop();
      first.resolve();
    },
  };
}

function acceptsConnections({ host, port }: ServiceInstance, { lookup }: Networks): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 500, lookup });
    const end = (accepts: boolean) => {
      socket.destroy();
      resolve(accepts);
    };
    socket
      .once("connect", () => end(true))
      .once("timeout", () => end(false))
      .once("error", () => end(false));
  });
}
