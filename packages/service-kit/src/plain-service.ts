import type { Component, IdempotencyKeys, Logger, ServiceIdentity } from "@weft/core";
import { consulRegistry, type Registry } from "@weft/discovery";
import {
  type HttpClient,
  httpClient,
  httpServer,
  type JsonSchema,
  type OpenApiInfo,
  type RawRoute,
  type Route,
} from "@weft/transport";
import type { ServiceConfig } from "./config.ts";
import { formatHostPort } from "./config-reader.ts";
import { buildOrExit, type Configured, configureOrExit } from "./configure.ts";
import type { MetricsText } from "./metrics.ts";
import { type ListeningComponent, registrationOf } from "./registration.ts";
import { runService } from "./run-service.ts";

export interface PlainServiceOptions {
  /** `config/config.yaml` beside the service; `--conf` points elsewhere. */
  configFile: URL;
  /** Sections of the file that are the service's own, by name; they are checked with it and given as `config.own`. */
  sections?: Record<string, JsonSchema>;
}

export interface PlainServiceParts {
  routes?: Route[];
  rawRoutes?: RawRoute[];
  /** For `/openapi.json`. */
  openApi?: OpenApiInfo;
  /** True where strangers call: headers that only services may set are dropped on the way in. @defaultValue false */
  isEdge?: boolean;
  /** Started in this order after what the kit brings, stopped in reverse; those of an inner list start together. */
  components?: (Component | Component[])[];
  /** Started last, and registered with its port. */
  grpcServer?: ListeningComponent;
}

export type HttpClientOptions = Omit<Parameters<typeof httpClient>[1], "service">;

/** A process with a registry, calls and an HTTP server, without database and events. */
export interface PlainService<Own = unknown> {
  readonly config: ServiceConfig<Own>;
  readonly identity: ServiceIdentity;
  readonly log: Logger;
  readonly metrics: MetricsText;
  readonly registry: Registry;
  /** The same client for the same service and options; closed with the process. */
  httpClient(service: string, options?: HttpClientOptions): HttpClient;
  /** Serves until a signal ends the process; see `runService` for the order of things. Never rejects. */
  run(parts: PlainServiceParts): Promise<void>;
}

/**
 * Reads the configuration and builds what every process needs; nothing starts before `run`. A wrong option or
 * configuration ends the process: one clear message and exit code 2.
 * @param argv `process.argv`
 */
export function plainService<Own = unknown>(
  argv: readonly string[],
  { configFile, sections = {} }: PlainServiceOptions,
): PlainService<Own> {
  return buildPlainService(configureOrExit<Own>(argv, { configFile, sections, needs: [] }));
}

/** What `run` takes besides: the way in for `eventService`. */
interface PlainServiceInternals {
  idempotency?: IdempotencyKeys;
  databaseName?: string;
}

export interface BuiltPlainService<Own> extends PlainService<Own> {
  runWith(parts: PlainServiceParts, internals: PlainServiceInternals): Promise<void>;
}

export function buildPlainService<Own>({ config, identity, log, metrics }: Configured<Own>): BuiltPlainService<Own> {
  const { url, token } = config.consul;
  const registry = buildOrExit(() => consulRegistry({ log, metrics }, { url, token }));
  const clients = new Map<string, ReturnType<typeof httpClient>>();

  const service: BuiltPlainService<Own> = {
    config,
    identity,
    log,
    metrics,
    registry,
    httpClient(name, options = {}) {
      const key = JSON.stringify([name, options]);
      let client = clients.get(key);
      if (!client) {
        client = httpClient({ registry, log, metrics, identity }, { ...options, service: name });
        clients.set(key, client);
      }
      return client;
    },
    run: (parts) => service.runWith(parts, {}),
    runWith: (
      { routes = [], rawRoutes, openApi, isEdge, components = [], grpcServer },
      { idempotency, databaseName },
    ) =>
      runService(
        {
          log,
          registry,
          server: (health) =>
            httpServer(
              { log, metrics, identity, ...(idempotency ? { idempotency } : {}) },
              {
                addr: formatHostPort(config.http),
                timeoutMs: config.http.timeoutMs,
                routes,
                ...(rawRoutes ? { rawRoutes } : {}),
                ...(openApi ? { openApi } : {}),
                ...(isEdge ? { isEdge } : {}),
                health,
              },
            ),
          ...(grpcServer ? { grpcServer } : {}),
        },
        {
          identity,
          components: [
            {
              name: "http-clients",
              async start() {},
              async stop() {
                await Promise.all([...clients.values()].map((client) => client.close()));
              },
            },
            ...components,
          ],
          registration: (addresses) => registrationOf(config, identity, addresses),
          drainWaitMs: config.drainWaitMs,
          ...(databaseName === undefined ? {} : { databaseName }),
        },
      ),
  };
  return service;
}
