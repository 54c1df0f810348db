import {
  type Component,
  ConfigurationInvalid,
  type IdempotencyKeys,
  type Logger,
  type ServiceIdentity,
} from "@weft/core";
import { consulRegistry, type Registry } from "@weft/discovery";
import {
  type CorsOptions,
  type HttpClient,
  httpClient,
  httpServer,
  type JsonSchema,
  type LimitStrangers,
  type OpenApiInfo,
  type RawRoute,
  type Route,
} from "@weft/transport";
import type { GrpcClient, GrpcDefinition, GrpcService } from "@weft/transport/grpc";
import type { ServiceConfig } from "./config.ts";
import { formatHostPort } from "./config-reader.ts";
import { buildOrExit, type Configured, configureOrExit } from "./configure.ts";
import { type DescribedCall, type DescribedEvents, describeService, printAndExit } from "./describe.ts";
import { type GrpcClientOptions, grpcClients, grpcServerOf } from "./grpc.ts";
import type { MetricsText } from "./metrics.ts";
import { registrationOf } from "./registration.ts";
import { runService } from "./run-service.ts";

export interface PlainServiceOptions {
  /** `config/config.yaml` beside the service; `--conf` points elsewhere. */
  configFile: URL;
  /** Sections of the file that are the service's own, by name; they are checked with it and given as `config.own`. */
  sections?: Record<string, JsonSchema>;
  /**
   * Asked where the environment is not `development`: what must be set there because the file's default is for a developer's
   * machine. @returns names of the environment; the process ends with a line that has them @defaultValue none
   */
  missing?: (config: ServiceConfig) => string[];
}

export interface PlainServiceParts {
  routes?: Route[];
  rawRoutes?: RawRoute[];
  /** For `/openapi.json`. */
  openApi?: OpenApiInfo;
  /**
   * True where strangers call: headers that only services may set are dropped on the way in, and operators' pages show them
   * the status alone. @defaultValue false
   */
  isEdge?: boolean;
  /** Web pages of other origins that may read answers. @defaultValue none */
  cors?: CorsOptions;
  /** Asked before a stranger gets `/openapi.json` or is refused `/metrics`. @defaultValue no limit */
  limitStrangers?: LimitStrangers;
  /** Started in this order after what the kit brings, stopped in reverse; those of an inner list start together. */
  components?: (Component | Component[])[];
  /** Served on `server.grpc.addr`, started last, and registered with that port. */
  grpcServices?: GrpcService[];
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
  /** As `httpClient`, over gRPC: `grpcClient("warehouse-inventory-service", inventoryV1.InventoryServiceDefinition)`. */
  grpcClient<Definition extends GrpcDefinition>(
    service: string,
    definition: Definition,
    options?: GrpcClientOptions,
  ): GrpcClient<Definition>;
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
  { configFile, sections = {}, missing }: PlainServiceOptions,
): PlainService<Own> {
  return buildPlainService(configureOrExit<Own>(argv, { configFile, sections, needs: [], missing }));
}

/** What `run` takes besides: the way in for `eventService`. */
interface PlainServiceInternals {
  idempotency?: IdempotencyKeys;
  databaseName?: string;
  events?: DescribedEvents;
}

export interface BuiltPlainService<Own> extends PlainService<Own> {
  runWith(parts: PlainServiceParts, internals: PlainServiceInternals): Promise<void>;
}

export function buildPlainService<Own>(configured: Configured<Own>): BuiltPlainService<Own> {
  const { file, config, identity, log, metrics, isDescribing } = configured;
  const { service: _, ...consul } = config.consul;
  const registry = buildOrExit(() => consulRegistry({ log, metrics }, { ...consul, ...config.discovery }));
  const https = httpClients({ registry, log, metrics, identity });
  const grpcs = grpcClients({ registry, log, metrics, identity });
  const calls: DescribedCall[] = [];

  async function runWith(
    {
      routes = [],
      rawRoutes,
      openApi,
      isEdge,
      cors,
      limitStrangers,
      components = [],
      grpcServices = [],
    }: PlainServiceParts,
    { idempotency, databaseName, events }: PlainServiceInternals,
  ): Promise<void> {
    if (isDescribing) {
      const described = { routes, grpcServices, events: events ?? { publishes: [], subscribes: [] }, calls };
      return printAndExit(describeService(identity, described));
    }
    const grpcServer =
      grpcServices.length === 0
        ? undefined
        : await grpcServerOf({ log, metrics, identity }, requireGrpc(config, file), grpcServices);
    const extensions = events ? { "x-weft-events": events } : undefined;
    return runService(
      {
        log,
        registry,
        server: (health) =>
          httpServer(
            { log, metrics, identity, ...(idempotency ? { idempotency } : {}) },
            {
              addr: formatHostPort(config.http),
              timeoutMs: config.http.timeoutMs,
              keepAliveMs: config.http.keepAliveMs,
              allowedHosts: config.http.allowedHosts,
              allowedHostsSetting: "server.http.allowed_hosts (WEFT_ALLOWED_HOSTS)",
              ...(config.http.operators ? { operators: config.http.operators } : {}),
              routes,
              ...(rawRoutes ? { rawRoutes } : {}),
              openApi: { ...openApi, extensions },
              ...(isEdge ? { isEdge } : {}),
              ...(cors ? { cors } : {}),
              ...(limitStrangers ? { limitStrangers } : {}),
              health,
            },
          ),
        ...(grpcServer ? { grpcServer } : {}),
      },
      {
        identity,
        components: [[https.component, grpcs.component], ...components],
        registration: (addresses) => registrationOf(config, identity, addresses),
        drainWaitMs: config.drainWaitMs,
        ...(databaseName === undefined ? {} : { databaseName }),
      },
    );
  }

  return {
    config,
    identity,
    log,
    metrics,
    registry,
    httpClient(service, options) {
      calls.push({ service, protocol: "http" });
      return https.clientOf(service, options);
    },
    grpcClient(service, definition, options) {
      calls.push({ service, protocol: "grpc" });
      return grpcs.clientOf(service, definition, options);
    },
    run: (parts) => runWith(parts, {}),
    runWith,
  };
}

/** Clients over HTTP, as code asks for them; `component` closes them. */
function httpClients(collaborators: Parameters<typeof httpClient>[0]) {
  const clients = new Map<string, ReturnType<typeof httpClient>>();
  return {
    clientOf(service: string, options: HttpClientOptions = {}): HttpClient {
      const key = JSON.stringify([service, options]);
      let client = clients.get(key);
      if (!client) {
        client = httpClient(collaborators, { ...options, service });
        clients.set(key, client);
      }
      return client;
    },
    component: {
      name: "http-clients",
      async start() {},
      async stop() {
        await Promise.all([...clients.values()].map((client) => client.close()));
      },
    } satisfies Component,
  };
}

function requireGrpc({ grpc }: ServiceConfig, file: string): NonNullable<ServiceConfig["grpc"]> {
  return buildOrExit(() => {
    if (grpc) return grpc;
    throw new ConfigurationInvalid({ path: file, fieldErrors: { "server.grpc": "is required" } });
  });
}
