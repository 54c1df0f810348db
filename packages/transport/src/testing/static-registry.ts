import { within } from "@weft/core";
import type { InstanceList, Networks, Registry, ServiceInstance } from "@weft/discovery";

/** A registry that a test sets by hand. */
export interface StaticRegistry extends Registry {
  /** `undefined`: no first answer yet. */
  set(instances: ServiceInstance[] | undefined): void;
}

export function staticRegistry(service: string, initial?: ServiceInstance[], networks?: Networks): StaticRegistry {
  let instances: ServiceInstance[] = initial ?? [];
  const listeners = new Set<(list: InstanceList) => void>();
  let first = Promise.withResolvers<void>();
  if (initial) first.resolve();
  return {
    name: "registry",
    ...(networks ? { networks } : {}),
    start: async () => {},
    stop: async () => {},
    set(next) {
      if (next === undefined) first = Promise.withResolvers<void>();
      else first.resolve();
      instances = next ?? [];
      for (const listener of listeners) listener({ instances, ageMs: 0 });
    },
    register: async () => async () => {},
    watch: () => ({
      service,
      current: () => ({ instances, ageMs: 0 }),
      ready: (timeoutMs) => within(timeoutMs, first.promise, () => {}),
      onChange(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    }),
    watchServices: () => () => {},
    catalog: async () => [],
  };
}

export function instanceAt(port: number, instanceId = `i-${port}`, host = "127.0.0.1"): ServiceInstance {
  return { service: "thing-service", instanceId, host, port, version: "1.0.0", tags: [], metadata: {}, createIndex: 1 };
}
