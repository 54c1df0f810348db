import { type ComponentHealth, type Logger, type Metrics, option, type TlsOptions, takeOptions } from "@weft/core";
import { defaultNetworks, type Networks, networkProblem, networksOf } from "../networks.ts";
import type { CatalogEntry, Registry } from "../registry.ts";
import { type ConsulApi, consulApi, type HealthEntry } from "./api.ts";
import { instanceOf, isHost, isPort, serviceNamesIn } from "./instances.ts";
import { keepRegistered, type RunningRegistration } from "./registration.ts";
import { type RunningServiceWatch, serviceWatch } from "./service-watch.ts";
import { type ServicesWatch, servicesWatch } from "./services-watch.ts";

export interface ConsulRegistryOptions {
  /** Of the local agent: `http://127.0.0.1:8500`. */
  url: string;
  /** Sent as `X-Consul-Token`. */
  token?: string;
  /** Of an https URL. @defaultValue the authorities that Node brings */
  tls?: TlsOptions;
  /**
   * Where instances may be: `loopback`, `private`, IP addresses and networks as `10.0.0.0/8`. Those elsewhere are never
   * connected to; link-local addresses, and so the metadata services of clouds, never are. @defaultValue loopback and private
   */
  networks?: readonly string[];
  /** How long Consul may hold a blocking query, in milliseconds. @defaultValue 55000 */
  waitMs?: number;
  /** Bound of any other request, in milliseconds. @defaultValue 5000 */
  requestTimeoutMs?: number;
  /** How often the agent is asked whether it still has this process, in milliseconds. @defaultValue 8000 */
  selfCheckMs?: number;
  /** Longest pause before Consul is tried again, in milliseconds. @defaultValue 5000 */
  maxBackoffMs?: number;
  /** Bound of a deregistration, in milliseconds. @defaultValue 2000 */
  deregisterTimeoutMs?: number;
  /** Pause before the instances of a list that became empty are tried, and between two trials, in milliseconds. @defaultValue 2000 */
  emptyProbeMs?: number;
  /** How long instances that still accept connections outlive their registration, in milliseconds. @defaultValue 60000 */
  emptyGraceMs?: number;
}

const rules = {
  url: option.text(/^https?:\/\/[^/]/, "must be http://host:port or https://host:port"),
  networks: {
    default: defaultNetworks,
    problem: (list: unknown) =>
      Array.isArray(list) ? list.map(networkProblem).find(Boolean) : "must be a list of networks",
  },
  waitMs: option.milliseconds(55_000),
  requestTimeoutMs: option.milliseconds(5000),
  selfCheckMs: option.milliseconds(8000),
  maxBackoffMs: option.milliseconds(5000),
  deregisterTimeoutMs: option.milliseconds(2000),
  emptyProbeMs: option.milliseconds(2000),
  emptyGraceMs: option.milliseconds(60_000),
};

/** Five changes at once and then one a second; two resets and then one in 15 s . */
const pace = { burst: 5, everyMs: 1000 };
const resetPace = { burst: 2, everyMs: 15_000 };
const catalogConcurrency = 8;

/**
 * FIND, through the local Consul agent: one blocking query per used service, whoever asks, each over its own connection.
 * While Consul is away the last known instances stay in use, for any length of time, and say how old they are.
 * @throws OptionsInvalid
 */
export function consulRegistry(
  { log, metrics }: { log: Logger; metrics?: Metrics },
  options: ConsulRegistryOptions,
): Registry {
  const settings = takeOptions("consulRegistry", rules, options, ({ url }, wrong) => {
    if (!URL.canParse(url)) wrong("url", "must be a URL");
  });
  const networks = networksOf(settings.networks);
  const loopOptions = { ...settings, pace, resetPace };
  const age = metrics?.gauge("weft_discovery_age_seconds", "Since when the registry has not confirmed the list", [
    "service",
  ]);
  const size = metrics?.gauge("weft_discovery_instances", "Healthy instances that this process knows", ["service"]);

  const watches = new Map<string, RunningServiceWatch>();
  const registrations = new Set<RunningRegistration>();
  /** One connection each: a blocking query occupies its own. */
  const apis = new Set<ConsulApi>();
  let services: ServicesWatch | undefined;
  let commands: ConsulApi | undefined;
  let measuring: NodeJS.Timeout | undefined;
  let isStopped = false;

  function openApi(): ConsulApi {
    const api = consulApi(settings);
    apis.add(api);
    return api;
  }
  const commandApi = () => (commands ??= openApi());

  function measure(): void {
    for (const [service, watch] of watches) {
      const { ageMs, instances } = watch.current();
      age?.set(ageMs / 1000, { service });
      size?.set(instances.length, { service });
    }
  }

  return {
    name: "registry",
    networks,

    async start() {
      // Nothing to wait for: a process starts also while Consul is away, and watches begin when they are asked for.
      if (metrics) measuring = setInterval(measure, 5000).unref();
    },

    async stop() {
      isStopped = true;
      clearInterval(measuring);
      await Promise.all([...registrations].map((registration) => registration.stop()));
      for (const watch of watches.values()) watch.stop();
      services?.stop();
      for (const api of apis) api.close();
    },

    health(): ComponentHealth {
      const failing = [...watches.values()].filter(({ loop }) => loop.failingSince() !== undefined);
      const unregistered = [...registrations].filter((registration) => registration.problem() !== undefined);
      const details = Object.fromEntries(
        [...watches].map(([service, watch]) => [
          service,
          { instances: watch.current().instances.length, ageMs: watch.current().ageMs },
        ]),
      );
      if (failing.length === 0 && unregistered.length === 0) return { status: "healthy", details };
      const problem = unregistered[0]?.problem() ?? failing[0]?.loop.lastError();
      return { status: "degraded", message: (problem as Error).message, details };
    },

    async register(registration) {
      takeOptions("registration", registrationRules, registration);
      const running = keepRegistered({ log, api: commandApi() }, registration, settings);
      registrations.add(running);
      await running.registered;
      return async () => {
        registrations.delete(running);
        await running.stop();
      };
    },

    watch(service) {
      let watch = watches.get(service);
      if (!watch) {
        const grace = { probeEveryMs: settings.emptyProbeMs, maxMs: settings.emptyGraceMs };
        watch = serviceWatch({ log, api: openApi(), networks }, service, { ...loopOptions, grace });
        if (isStopped) watch.stop();
        watches.set(service, watch);
      }
      return watch;
    },

    watchServices(listener) {
      services ??= servicesWatch({ log, api: openApi() }, { ...loopOptions, keepMs: settings.emptyGraceMs });
      return services.subscribe(listener);
    },

    async catalog() {
      const api = commandApi();
      const request = { timeoutMs: settings.requestTimeoutMs };
      const { body } = await api.services(request);
      const names = serviceNamesIn(body).sort();
      const entries: CatalogEntry[] = [];
      for (let at = 0; at < names.length; at += catalogConcurrency) {
        const some = names.slice(at, at + catalogConcurrency).map(async (service) => {
          const { body: health } = await api.healthOf(service, { passing: false, ...request });
          return { service, instances: health.flatMap((entry) => catalogInstance(entry, networks)) };
        });
        entries.push(...(await Promise.all(some)));
      }
      return entries;
    },
  };
}

function catalogInstance(entry: HealthEntry, networks: Networks): CatalogEntry["instances"] {
  const instance = instanceOf(entry, networks);
  if (typeof instance === "string") return [];
  const statuses = new Set(entry.Checks?.map(({ Status }) => Status));
  const health = statuses.has("critical") ? "critical" : statuses.has("warning") ? "warning" : "passing";
  return [{ ...instance, health }];
}

const registrationRules = {
  host: {
    default: "",
    problem: (host: unknown) =>
      typeof host === "string" && isHost(host) ? undefined : "must be a host that others could reach",
  },
  port: { default: 0, problem: (port: unknown) => (isPort(port) ? undefined : "must be a port from 1 to 65535") },
};
