import { type ComponentHealth, type Logger, type Metrics, type TlsOptions, withDefaults } from "@weft/core";
import { RegistryOptionsInvalid } from "../errors.ts";
import type { CatalogEntry, Registry, ServiceInstance } from "../registry.ts";
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

const defaults = {
  waitMs: 55_000,
  requestTimeoutMs: 5000,
  selfCheckMs: 8000,
  maxBackoffMs: 5000,
  deregisterTimeoutMs: 2000,
  emptyProbeMs: 2000,
  emptyGraceMs: 60_000,
} satisfies Required<Omit<ConsulRegistryOptions, "url" | "token" | "tls">>;

/** Five changes at once and then one a second; two resets and then one in 15 s (failure-modes C3). */
const pace = { burst: 5, everyMs: 1000 };
const resetPace = { burst: 2, everyMs: 15_000 };
const catalogConcurrency = 8;

/**
 * FIND, through the local Consul agent: one blocking query per used service, whoever asks, each over its own connection.
 * While Consul is away the last known instances stay in use, for any length of time, and say how old they are.
 * @throws RegistryOptionsInvalid with every problem together
 */
export function consulRegistry(
  { log, metrics }: { log: Logger; metrics?: Metrics },
  options: ConsulRegistryOptions,
): Registry {
  const settings = withDefaults(defaults, options);
  checkOptions(settings);
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
      const problems = registrationProblems(registration.host, registration.port);
      if (problems.length > 0) throw new RegistryOptionsInvalid({ problems });
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
        watch = serviceWatch({ log, api: openApi() }, service, { ...loopOptions, grace });
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
          return { service, instances: health.flatMap(catalogInstance) };
        });
        entries.push(...(await Promise.all(some)));
      }
      return entries;
    },
  };
}

function catalogInstance(entry: HealthEntry): (ServiceInstance & { health: "passing" | "warning" | "critical" })[] {
  const instance = instanceOf(entry);
  if (typeof instance === "string") return [];
  const statuses = new Set(entry.Checks?.map(({ Status }) => Status));
  const health = statuses.has("critical") ? "critical" : statuses.has("warning") ? "warning" : "passing";
  return [{ ...instance, health }];
}

function registrationProblems(host: string, port: number): string[] {
  return [
    ...(isHost(host) ? [] : [`${host} is not a host that others could reach`]),
    ...(isPort(port) ? [] : [`${port} is not a port`]),
  ];
}

function checkOptions(settings: Required<Omit<ConsulRegistryOptions, "token" | "tls">>): void {
  const problems: string[] = [];
  if (!/^https?:$/.test(URL.parse(settings.url)?.protocol ?? ""))
    problems.push("url must be http://host:port or https://host:port");
  for (const name of Object.keys(defaults) as (keyof typeof defaults)[]) {
    if (!(settings[name] > 0)) problems.push(`${name} must be above 0`);
  }
  if (problems.length > 0) throw new RegistryOptionsInvalid({ problems });
}
