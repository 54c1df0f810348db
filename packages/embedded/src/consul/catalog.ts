import type { BlockingQueries } from "./blocking.ts";
import type { CheckDefinition, CheckStatus, ServiceDefinition } from "./definitions.ts";

export interface RegisteredService extends ServiceDefinition {
  createIndex: number;
  modifyIndex: number;
}

export interface RegisteredCheck {
  definition: CheckDefinition;
  /** Empty for a check of the node itself. */
  serviceId: string;
  status: CheckStatus;
  output: string;
  /** Since when it is critical, in milliseconds since the epoch; absent while it is not. */
  criticalSince?: number;
  createIndex: number;
  modifyIndex: number;
}

export interface CatalogSnapshot {
  index: number;
  services: RegisteredService[];
  checks: RegisteredCheck[];
}

/**
 * The services and checks of the one agent, and the indexes that blocking queries compare. A service that exists has the
 * index of its last change; one that does not has the index at which any service last ceased to exist, so that a watcher
 * of a missing service waits too. Indexes only grow, also over a restart.
 * Source: Consul HTTP API "Blocking Queries", and `agent/consul/state/catalog.go` for which index belongs to which answer.
 */
export interface Catalog {
  index(): number;
  nextIndex(): number;
  /** The last one was for a change that was undone before anybody saw it. */
  returnIndex(): void;
  serviceIndex(name: string): number;
  servicesIndex(): number;
  checksIndex(): number;
  services(): RegisteredService[];
  servicesNamed(name: string): RegisteredService[];
  service(id: string): RegisteredService | undefined;
  checks(): RegisteredCheck[];
  check(id: string): RegisteredCheck | undefined;
  checksOf(serviceId: string): RegisteredCheck[];
  putService(definition: ServiceDefinition): void;
  /** A check that replaces one of the same id keeps its status and output. */
  putCheck(definition: CheckDefinition, serviceId: string, given: { status: CheckStatus; output: string }): void;
  removeService(id: string): void;
  removeCheck(id: string): void;
  /** A change of status moves the index and wakes watchers; a change of output alone does not. */
  report(checkId: string, status: CheckStatus, output: string, now: number): void;
  snapshot(): CatalogSnapshot;
}

/**
 * Changes of status are not all written down, so a restart skips this many indexes. The state has to be written again before
 * the index is so far ahead of it.
 */
export const restartGap = 1000;

export function catalog({ queries }: { queries: BlockingQueries }, initial?: CatalogSnapshot): Catalog {
  let index = initial ? initial.index + restartGap : 10;
  const services = new Map(initial?.services.map((service) => [service.id, service]) ?? []);
  const checks = new Map(initial?.checks.map((check) => [check.definition.id, check]) ?? []);
  const indexes = new Map<string, number>();
  let extinction = index;
  let servicesAt = index;
  let checksAt = index;
  for (const { name } of services.values()) indexes.set(name, index);

  const next = () => ++index;
  const instances = (name: string) => [...services.values()].filter((service) => service.name === name);

  function touch(serviceId: string, at: number): void {
    checksAt = at;
    const names = serviceId === "" ? [...indexes.keys()] : [services.get(serviceId)?.name ?? ""];
    for (const name of names) if (indexes.has(name)) indexes.set(name, at);
  }

  return {
    index: () => index,
    nextIndex: next,
    returnIndex: () => {
      index--;
    },
    serviceIndex: (name) => indexes.get(name) ?? extinction,
    servicesIndex: () => servicesAt,
    checksIndex: () => checksAt,
    services: () => [...services.values()],
    servicesNamed: instances,
    service: (id) => services.get(id),
    checks: () => [...checks.values()],
    check: (id) => checks.get(id),
    checksOf: (serviceId) => [...checks.values()].filter((check) => check.serviceId === serviceId),
    putService(definition) {
      const at = next();
      const before = services.get(definition.id);
      services.set(definition.id, { ...definition, createIndex: before?.createIndex ?? at, modifyIndex: at });
      if (before && before.name !== definition.name) forget(before.name, at);
      indexes.set(definition.name, at);
      servicesAt = at;
      queries.changed();
    },
    putCheck(definition, serviceId, given) {
      const at = next();
      const before = checks.get(definition.id);
      const status = before?.status ?? given.status;
      checks.set(definition.id, {
        definition,
        serviceId,
        status,
        output: before?.output ?? given.output,
        ...(status === "critical" ? { criticalSince: before?.criticalSince ?? Date.now() } : {}),
        createIndex: before?.createIndex ?? at,
        modifyIndex: at,
      });
      touch(serviceId, at);
      queries.changed();
    },
    removeService(id) {
      const service = services.get(id);
      if (!service) return;
      const at = next();
      for (const check of checks.values()) if (check.serviceId === id) checks.delete(check.definition.id);
      services.delete(id);
      forget(service.name, at);
      servicesAt = at;
      checksAt = at;
      queries.changed();
    },
    removeCheck(id) {
      const check = checks.get(id);
      if (!check) return;
      checks.delete(id);
      touch(check.serviceId, next());
      queries.changed();
    },
    report(checkId, status, output, now) {
      const check = checks.get(checkId);
      if (!check) return;
      check.output = output;
      if (check.status === status) return;
      check.status = status;
      check.criticalSince = status === "critical" ? now : undefined;
      check.modifyIndex = next();
      touch(check.serviceId, check.modifyIndex);
      queries.changed();
    },
    snapshot: () => ({ index, services: [...services.values()], checks: [...checks.values()] }),
  };

  /** After an instance went: its name has a new index, or none when it was the last one. */
  function forget(name: string, at: number): void {
    if (instances(name).length > 0) {
      indexes.set(name, at);
    } else {
      indexes.delete(name);
      extinction = at;
    }
  }
}
