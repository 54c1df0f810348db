import {
  type Component,
  defineError,
  type Logger,
  option,
  reasonOf,
  type ServiceIdentity,
  sleep,
  takeOptions,
  within,
} from "@weft/core";
import type { Registration, Registry } from "@weft/discovery";
import type { HealthReport } from "@weft/transport";
import { formatHostPort } from "./config-reader.ts";
import { joinHealth } from "./health.ts";
import type { Addresses, ListeningComponent } from "./registration.ts";
import { startComponent } from "./start-component.ts";

/** What the lifecycle needs of a server, HTTP or gRPC; those of `transport` are. */
export interface GatedServer extends ListeningComponent {
  /** `true`: business is done. A text: it is refused (503, UNAVAILABLE), and health says why. */
  setReady(ready: true | string): void;
  /** Health says so from now on; requests are still served. */
  beginDraining(): void;
}

export interface LifecycleCollaborators {
  log: Logger;
  registry: Registry;
  server: (health: () => Promise<HealthReport>) => GatedServer;
  grpcServer?: (health: () => Promise<HealthReport>) => GatedServer;
}

export interface LifecycleOptions {
  identity: ServiceIdentity;
  /** Started in this order, stopped in reverse; those of an inner list start and stop together. */
  components: readonly (Component | readonly Component[])[];
  registration: (addresses: Addresses) => Registration;
  /** Pause between leaving the registry and closing the door, in milliseconds: callers need it to notice. @defaultValue 5000 */
  drainWaitMs?: number;
  /** Bound of each stop, in milliseconds. @defaultValue 5000 */
  stopWithinMs?: number;
  /** Bound of the whole shutdown, in milliseconds. @defaultValue 22000 */
  shutdownWithinMs?: number;
  onState?: (state: LifecycleState, addresses: Addresses) => void;
}

export type LifecycleState = "starting" | "ready" | "draining";

export interface Lifecycle {
  /** Resolves when the process is ready. @throws what a component failed with for good */
  start(): Promise<void>;
  /** Resolves when everything is given back, or `shutdownWithinMs` is over. Says whether all of it stopped in time. */
  stop(bounds?: { drainWaitMs?: number; shutdownWithinMs?: number }): Promise<{ isClean: boolean }>;
  health(): Promise<HealthReport>;
}

const rules = {
  drainWaitMs: option.milliseconds(5000, { from: 0 }),
  stopWithinMs: option.milliseconds(5000),
  shutdownWithinMs: option.milliseconds(22_000),
};

/** How long the news that the process is ready waits for the registration, in milliseconds. */
const tellWithinMs = 1000;

/**
 * The life of a process, in this order:
 *
 *   *starting*  HTTP and gRPC listen first: alive, not ready, business is refused and `/health` says what is being waited
 *               for. The registry starts beside everything else, because Consul may come later. Then the components,
 *               one after the other; one that fails with an error that may pass is tried again for ever (any order of
 *               dependencies is fine), one that fails for good ends the process.
 *   *ready*     Business is done. Only then does it register in Consul, in the background, so that whoever finds it
 *               is served, and so that a lost Consul never keeps it from being ready.
 *   *draining*  Not ready → out of the registry → `drainWaitMs` for callers to notice → HTTP and gRPC finish what is in
 *               flight and close → components stop in reverse → registry. Each step has a bound, and so has the whole.
 *
 * `stop` may come in any state, also in the middle of a start: what has begun is stopped.
 */
export function createLifecycle(
  { log, registry, server: makeServer, grpcServer: makeGrpcServer }: LifecycleCollaborators,
  options: LifecycleOptions,
): Lifecycle {
  const { identity, registration, onState = () => {} } = options;
  const { drainWaitMs, stopWithinMs, shutdownWithinMs } = takeOptions("createLifecycle", rules, options);
  const groups = options.components.map((group) => [group].flat() as Component[]);
  const stopping = new AbortController();
  const begun: Component[][] = [];
  const up: Component[] = [];
  let registered: Promise<(() => Promise<void>) | undefined> = Promise.resolve(undefined);
  let hasListened = false;
  let stopped: Promise<{ isClean: boolean }> | undefined;

  const health = () => joinHealth([...up, registry]);
  const server = makeServer(health);
  const grpcServer = makeGrpcServer?.(health);
  const servers = grpcServer ? [server, grpcServer] : [server];
  const setReady = (ready: true | string) => {
    for (const one of servers) one.setReady(ready);
  };
  const addresses = (): Addresses => ({
    http: server.address(),
    ...(grpcServer ? { grpc: grpcServer.address() } : {}),
  });

  async function start(): Promise<void> {
    for (const one of servers) await one.start();
    hasListened = true;
    setReady("starting");
    onState("starting", addresses());
    const registryUp = startComponent({ log }, registry, { signal: stopping.signal, onFailure: () => {} });
    registryUp.catch(() => {});
    for (const group of groups) await startGroup(group);
    stopping.signal.throwIfAborted();
    setReady(true);
    log.info({ http: formatHostPort(server.address()) }, "ready");
    registered = register(registryUp);
    // Whoever started this process mostly looks for it next; a Consul that is away must not hold the news for long.
    await within(tellWithinMs, registered, () => undefined);
    if (!stopping.signal.aborted) onState("ready", addresses());
  }

  async function startGroup(group: Component[]): Promise<void> {
    stopping.signal.throwIfAborted();
    begun.push(group);
    const waiting = new Map<string, string>();
    const tell = () => setReady(`waiting for ${[...waiting].map(([name, why]) => name + why).join(", ")}`);
    for (const { name } of group) waiting.set(name, "");
    tell();
    await Promise.all(
      group.map(async (component) => {
        const onFailure = (error: Error) => {
          waiting.set(component.name, `: ${reasonOf(error)}`);
          tell();
        };
        await startComponent({ log }, component, { signal: stopping.signal, onFailure }).catch((cause: Error) => {
          throw stopping.signal.aborted
            ? stopping.signal.reason
            : new StartFailed({ component: component.name, cause }, { cause });
        });
        waiting.delete(component.name);
        up.push(component);
        if (waiting.size > 0 && !stopping.signal.aborted) tell();
      }),
    );
  }

  async function register(registryUp: Promise<void>): Promise<(() => Promise<void>) | undefined> {
    try {
      await registryUp;
      const deregister = await registry.register(registration(addresses()));
      log.info({ service: identity.name, instance: identity.instanceId }, "registered");
      return deregister;
    } catch (error) {
      if (!stopping.signal.aborted) log.error({ err: error }, "is not registered, and will not be");
      return undefined;
    }
  }

  async function shutDown(waitMs: number): Promise<boolean> {
    if (hasListened) for (const one of servers) one.beginDraining();
    onState("draining", hasListened ? addresses() : { http: { host: "", port: 0 } });
    let isClean = true;
    const bounded = async (name: string, work: Promise<unknown>, withinMs = stopWithinMs) => {
      if (!(await isDoneWithin({ log }, name, work, withinMs))) isClean = false;
    };
    // A registration that still waits for Consul is given up: nothing to undo yet, or the registry undoes it when it stops.
    const deregister = await within(50, registered, () => undefined);
    if (deregister) {
      await bounded("registration", deregister());
      await sleep(waitMs);
    }
    await Promise.all(servers.map((one) => bounded(`${one.name} server`, one.stop(), shutdownWithinMs)));
    for (const group of begun.toReversed()) {
      await Promise.all(group.map((component) => bounded(component.name, component.stop())));
    }
    await bounded("registry", registry.stop());
    return isClean;
  }

  return {
    start,
    health,
    stop(bounds = {}) {
      stopped ??= (async () => {
        stopping.abort(new Stopping());
        const withinMs = bounds.shutdownWithinMs ?? shutdownWithinMs;
        const work = shutDown(Math.min(bounds.drainWaitMs ?? drainWaitMs, withinMs / 2));
        let isClean = false;
        const done = work.then((clean) => {
          isClean = clean;
        });
        const inTime = await isDoneWithin({ log }, "shutdown", done, withinMs);
        return { isClean: inTime && isClean };
      })();
      return stopped;
    },
  };
}

/** The reason with which waits end when the process is told to stop; never shown. */
export class Stopping extends Error {}

/** A part of the process does not come up, and waiting will not help. */
export const StartFailed = defineError<{ component: string; cause: Error }>({
  code: "START_FAILED",
  kind: "internal",
  message: ({ component, cause }) => `${component} does not start: ${cause.message}`,
});

async function isDoneWithin(
  { log }: { log: Logger },
  name: string,
  work: Promise<unknown>,
  withinMs: number,
): Promise<boolean> {
  try {
    if ((await within(withinMs, work, () => "late")) !== "late") return true;
    log.error({ component: name, withinMs }, "did not stop in time");
  } catch (error) {
    log.error({ component: name, err: error }, "failed while stopping");
  }
  return false;
}
