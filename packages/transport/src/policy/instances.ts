import { type Logger, type Metrics, noMetrics } from "@weft/core";
import { type PickedInstance, type PickerOptions, picker, type Registry, type ServiceInstance } from "@weft/discovery";
import { type Breaker, type BreakerOptions, type BreakerState, breaker, type Permit } from "../breaker/breaker.ts";
import { type Bulkhead, bulkhead } from "./bulkhead.ts";
import { exclusions } from "./exclusions.ts";
import { probes } from "./probes.ts";

export interface InstancesOptions {
  service: string;
  breaker?: BreakerOptions;
  picker?: PickerOptions;
  /** Where an instance is reached; one without is never picked. @defaultValue its HTTP port */
  portOf?: (instance: ServiceInstance) => number | undefined;
  /** Calls in flight to one instance; more are refused here. @defaultValue 256 */
  maxInFlight?: number;
  /** Milliseconds of a clock that does not jump, for tests. @defaultValue performance.now */
  now?: () => number;
}

/** An instance that may be called: picked, let through by its breaker, with a place in its bulkhead. */
interface Admitted {
  instance: ServiceInstance;
  /** What came of it, for the picker and the breaker. */
  report(outcome: "good" | "bad" | "neutral", latencyMs: number): void;
  /** Gives its place back, when the call has really ended. */
  leave(): void;
}

type Admission = Admitted | "no_instance" | "breaker_open" | "bulkhead_full";

/** One instance as this caller sees it. */
export interface InstanceSnapshot {
  instanceId: string;
  address: string;
  breaker: BreakerState;
  inFlight: number;
  latencyMs: number;
}

export interface Instances {
  /** Waits for the registry's first answer, at most `waitMs`; then never waits. Prefers instances not `tried` yet. */
  admit(tried: ReadonlySet<string>, waitMs: number): Promise<Admission>;
  /** Leaves an instance out for a while: its name leads to no address where instances may be. */
  exclude(instance: ServiceInstance, why: unknown): void;
  snapshot(): InstanceSnapshot[];
  close(): void;
}

/** What one caller knows of the instances of one target: where to go, whom to spare, how much at once. */
export function instances(
  { registry, log, metrics = noMetrics }: { registry: Registry; log: Logger; metrics?: Metrics },
  {
    service,
    breaker: breakerOptions,
    picker: pickerOptions,
    portOf = ({ port }) => port,
    maxInFlight = 256,
    now = () => performance.now(),
  }: InstancesOptions,
): Instances {
  const watch = registry.watch(service);
  const excluded = exclusions({ log }, service, now);
  const withPort = reachableOf(() => watch.current().instances, portOf);
  const reachable = () => excluded.left(withPort());
  const trial = probes(now);
  const choices = picker({ current: () => ({ ...watch.current(), instances: reachable() }) }, pickerOptions);
  const guards = new Map<string, { breaker: Breaker; bulkhead: Bulkhead }>();
  const stateGauge = metrics.gauge("weft_breaker_state", "0 closed, 1 half-open, 2 open", ["service", "instance"]);
  let isFirstAnswerAwaited = true;

  function guardOf({ instanceId }: ServiceInstance) {
    let guard = guards.get(instanceId);
    if (!guard) {
      const onChange = (state: BreakerState, before: BreakerState) => {
        log.warn({ service, instanceId, state, before }, "a circuit breaker changed");
        stateGauge.set(stateValue[state], { service, instance: instanceId });
        if (state === "open") trial.opened();
      };
      guard = { breaker: breaker(breakerOptions, onChange), bulkhead: bulkhead(maxInFlight) };
      guards.set(instanceId, guard);
      stateGauge.set(0, { service, instance: instanceId });
    }
    return guard;
  }

  const stopForgetting = watch.onChange(({ instances: known }) => {
    const ids = new Set(known.map(({ instanceId }) => instanceId));
    for (const [instanceId, guard] of guards) {
      if (ids.has(instanceId)) continue;
      guard.breaker.close();
      guards.delete(instanceId);
      stateGauge.set(0, { service, instance: instanceId });
    }
  });

  /** Asks one instance after the other until one may be called. Those that may not are excluded, not counted as failed. */
  function admitAmong(exclude: ReadonlySet<string>): Admission {
    const refused = new Set(exclude);
    const open: string[] = [];
    let why: Admission = "no_instance";
    while (true) {
      const picked = choices.choose(refused);
      if (!picked) return why === "breaker_open" && open.length === refused.size ? probeAmong(open) : why;
      const { instance } = picked;
      const guard = guardOf(instance);
      const leave = guard.bulkhead.enter();
      const permit = leave && guard.breaker.admit();
      if (leave && permit) return admitted(picked, permit, leave);
      leave?.();
      picked.done({ ok: "neutral", latencyMs: 0 });
      why = leave ? "breaker_open" : "bulkhead_full";
      if (guard.breaker.state() === "open") open.push(instance.instanceId);
      refused.add(instance.instanceId);
    }
  }

  /** As soon as a call to one of them succeeds, all are tried. */
  function probeAmong(open: readonly string[]): Admission {
    const chosen = trial.next(open);
    const picked = chosen && choices.choose(new Set(open.filter((id) => id !== chosen)));
    if (!picked) return "breaker_open";
    const guard = guardOf(picked.instance);
    const leave = guard.bulkhead.enter();
    const permit = leave && guard.breaker.probe();
    if (!leave || !permit) {
      leave?.();
      picked.done({ ok: "neutral", latencyMs: 0 });
      return "breaker_open";
    }
    const probe: Permit = {
      report(outcome) {
        permit.report(outcome);
        if (outcome === "success") for (const { breaker } of guards.values()) breaker.tryNow();
      },
    };
    return admitted(picked, probe, leave);
  }

  return {
    async admit(tried, waitMs) {
      if (isFirstAnswerAwaited) {
        if (watch.current().instances.length === 0) await watch.ready(waitMs);
        isFirstAnswerAwaited = watch.current().instances.length === 0;
      }
      const fresh = admitAmong(tried);
      return typeof fresh === "string" && tried.size > 0 ? admitAmong(new Set()) : fresh;
    },
    exclude: (instance, why) => excluded.add(instance, why),
    snapshot: () =>
      reachable().map((instance) => {
        const { inFlight, latencyMs } = choices.load(instance.instanceId);
        const state = guards.get(instance.instanceId)?.breaker.state() ?? "closed";
        const address = `${instance.host}:${portOf(instance)}`;
        return { instanceId: instance.instanceId, address, breaker: state, inFlight, latencyMs: Math.round(latencyMs) };
      }),
    close() {
      stopForgetting();
      for (const guard of guards.values()) guard.breaker.close();
      guards.clear();
    },
  };
}

/** Sorted out once a change, not once a call: the picker knows a change by the list being another one. */
function reachableOf(
  known: () => readonly ServiceInstance[],
  portOf: NonNullable<InstancesOptions["portOf"]>,
): () => readonly ServiceInstance[] {
  let seen: readonly ServiceInstance[] = [];
  let reachable: readonly ServiceInstance[] = [];
  return () => {
    if (known() !== seen) {
      seen = known();
      reachable = seen.filter((instance) => portOf(instance) !== undefined);
    }
    return reachable;
  };
}

function admitted(picked: PickedInstance, permit: Permit, leave: () => void): Admitted {
  return {
    instance: picked.instance,
    report(outcome, latencyMs) {
      picked.done({ ok: outcome === "neutral" ? "neutral" : outcome === "good", latencyMs });
      permit.report(outcome === "good" ? "success" : outcome === "bad" ? "failure" : "neutral");
    },
    leave,
  };
}

const stateValue = { closed: 0, "half-open": 1, open: 2 } satisfies Record<BreakerState, number>;
