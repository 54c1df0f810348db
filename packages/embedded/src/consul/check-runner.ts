import { type Logger, option, takeOptions } from "@weft/core";
import type { Catalog } from "./catalog.ts";
import { deregisterAfterMs, statusMachine } from "./check-status.ts";
import type { CheckDefinition, CheckStatus } from "./definitions.ts";
import { timerMs } from "./duration.ts";
import { probe } from "./probes.ts";

export interface CheckRunner {
  /** Starts looking after a check; one of the same id is replaced. */
  run(definition: CheckDefinition): void;
  forget(checkId: string): void;
  /** A TTL check's owner reports. @returns false when that check has no TTL */
  heard(checkId: string, status: CheckStatus, output: string): boolean;
  start(): void;
  stop(): void;
}

export interface CheckRunnerOptions {
  /** How often critical checks are looked through for services to remove, in milliseconds. @defaultValue 30000, as Consul */
  reapIntervalMs?: number;
  /** The least time that a service stays critical before it is removed, in milliseconds. @defaultValue 60000, as Consul */
  minDeregisterMs?: number;
}

export const checkRunnerRules = {
  reapIntervalMs: option.milliseconds(30_000),
  minDeregisterMs: option.milliseconds(60_000, { from: 0 }),
};

/**
 * One loop per probed check: the first look after a random part of the interval, so that checks spread, then one per
 * interval, never two at once. A TTL check has a timer instead, which its owner's reports push back.
 */
export function checkRunner(
  { catalog, log, onReap }: { catalog: Catalog; log: Logger; onReap: (serviceId: string) => void },
  options: CheckRunnerOptions = {},
): CheckRunner {
  const { reapIntervalMs, minDeregisterMs } = takeOptions("checks of embedded Consul", checkRunnerRules, options);
  const running = new Map<string, { stop(): void; ttl?: { renew(): void } }>();
  let reaper: NodeJS.Timeout | undefined;

  function runProbed(definition: CheckDefinition): { stop(): void } {
    const ended = new AbortController();
    const next = statusMachine(definition);
    let timer: NodeJS.Timeout;
    const lookIn = (ms: number) => {
      timer = setTimeout(() => {
        look().catch((err) => log.error({ err, check: definition.id }, "the result of a check could not be noted"));
      }, timerMs(ms));
    };
    lookIn(Math.random() * definition.intervalMs);
    async function look(): Promise<void> {
      const { status: result, output } = await probe(definition, ended.signal);
      if (ended.signal.aborted) return;
      lookIn(definition.intervalMs);
      const status = next(result);
      const before = catalog.check(definition.id)?.status;
      if (status === "unchanged" || before === undefined) return;
      if (status !== before)
        log.info({ check: definition.id, from: before, to: status, output: output.slice(0, 200) }, "check changed");
      catalog.report(definition.id, status, output, Date.now());
    }
    return {
      stop() {
        ended.abort();
        clearTimeout(timer);
      },
    };
  }

  function runTtl(definition: CheckDefinition, ttlMs: number): { stop(): void; ttl: { renew(): void } } {
    let timer: NodeJS.Timeout;
    const renew = () => {
      clearTimeout(timer);
      timer = setTimeout(expire, timerMs(ttlMs));
    };
    const expire = () => {
      const last = catalog.check(definition.id)?.output;
      log.info({ check: definition.id }, "check expired");
      const output = last ? `TTL expired (last output before timeout follows): ${last}` : "TTL expired";
      catalog.report(definition.id, "critical", output, Date.now());
    };
    renew();
    return { stop: () => clearTimeout(timer), ttl: { renew } };
  }

  function reap(): void {
    const now = Date.now();
    for (const { definition, serviceId, criticalSince } of catalog.checks()) {
      const after = deregisterAfterMs(definition.deregisterAfterMs, minDeregisterMs);
      if (after === 0 || serviceId === "" || criticalSince === undefined || now - criticalSince <= after) continue;
      log.info({ serviceId, check: definition.id }, "service removed: critical for too long");
      onReap(serviceId);
    }
  }

  const forget = (checkId: string) => {
    running.get(checkId)?.stop();
    running.delete(checkId);
  };

  return {
    run(definition) {
      forget(definition.id);
      const { kind } = definition;
      if (kind.type === "maintenance") return;
      running.set(definition.id, kind.type === "ttl" ? runTtl(definition, kind.ttlMs) : runProbed(definition));
    },
    forget,
    heard(checkId, status, output) {
      const ttl = running.get(checkId)?.ttl;
      if (!ttl) return false;
      ttl.renew();
      catalog.report(checkId, status, output, Date.now());
      return true;
    },
    start() {
      for (const { definition } of catalog.checks()) this.run(definition);
      reaper = setInterval(reap, reapIntervalMs);
    },
    stop() {
      clearInterval(reaper);
      for (const id of [...running.keys()]) forget(id);
    },
  };
}
