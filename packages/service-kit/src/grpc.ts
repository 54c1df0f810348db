import type { Component, Logger, Metrics, ServiceIdentity } from "@weft/core";
import type { Registry } from "@weft/discovery";
import type { HealthReport } from "@weft/transport";
import type {
  GrpcClientOptions as ClientOptions,
  GrpcClient,
  GrpcDefinition,
  GrpcServer,
  GrpcService,
} from "@weft/transport/grpc";
import type { ServiceConfig } from "./config.ts";
import { formatHostPort } from "./config-reader.ts";

// Loaded where it is used, and only there: most processes do without gRPC, its start and its memory.
const load = () => import("@weft/transport/grpc");

export type GrpcClientOptions = Omit<ClientOptions<GrpcDefinition>, "target" | "definition">;

interface Collaborators {
  registry: Registry;
  log: Logger;
  metrics: Metrics;
  identity: ServiceIdentity;
}

type Closable = GrpcClient<GrpcDefinition> & { close(): Promise<void> };

/** Clients over gRPC, as code asks for them; `component` says at its start what is wrong with one, and closes them. */
export function grpcClients(collaborators: Collaborators) {
  const clients = new Map<string, { client: GrpcClient<GrpcDefinition>; loaded: Promise<Closable> }>();

  function clientOf<Definition extends GrpcDefinition>(
    service: string,
    definition: Definition,
    options: GrpcClientOptions = {},
  ): GrpcClient<Definition> {
    const key = JSON.stringify([service, definition.fullName, options]);
    let known = clients.get(key);
    if (!known) {
      const target = `discovery:///${service}`;
      const loaded = load().then(({ grpcClient }) => grpcClient(collaborators, { ...options, target, definition }));
      // Said by the component's start; a process that only describes itself never gets there.
      loaded.catch(() => {});
      known = { client: { service, call: async (...call) => (await loaded).call(...call) }, loaded };
      clients.set(key, known);
    }
    return known.client as unknown as GrpcClient<Definition>;
  }

  const component: Component = {
    name: "grpc-clients",
    async start() {
      for (const { loaded } of clients.values()) await loaded;
    },
    async stop() {
      await Promise.allSettled([...clients.values()].map(async ({ loaded }) => (await loaded).close()));
    },
  };
  return { clientOf, component };
}

/** The server of a service's own gRPC, on `server.grpc.addr`, with reflection on everything in `schemas/proto`. */
export async function grpcServerOf(
  collaborators: Omit<Collaborators, "registry">,
  { timeoutMs, ...address }: NonNullable<ServiceConfig["grpc"]>,
  services: readonly GrpcService[],
): Promise<(health: () => Promise<HealthReport>) => GrpcServer> {
  const [{ grpcServer }, { descriptorSet }] = await Promise.all([load(), import("@weft/contracts/grpc")]);
  return (health) =>
    grpcServer(collaborators, { addr: formatHostPort(address), timeoutMs, services, descriptorSet, health });
}
