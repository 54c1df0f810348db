import { networkInterfaces } from "node:os";
import type { Component, ServiceIdentity } from "@weft/core";
import type { Registration } from "@weft/discovery";
import type { ServiceConfig } from "./config.ts";
import type { HostPort } from "./config-reader.ts";

/** A server: known by its address once it listens. */
export interface ListeningComponent extends Component {
  address(): HostPort;
}

export interface Addresses {
  http: HostPort;
  grpc?: HostPort;
}

/** What a process tells Consul of itself: the advertised address where one is configured, the one it listens on otherwise. */
export function registrationOf(
  config: ServiceConfig,
  { name, version, instanceId }: ServiceIdentity,
  addresses: Addresses,
): Registration {
  const { metadata, tags, check } = config.consul.service;
  const { host, port } = config.http.advertised ?? { ...addresses.http, host: reachable(addresses.http.host) };
  // A proxy in front of gRPC has a port of its own, which only the configuration knows.
  const grpcPort = metadata.grpc_port ? Number(metadata.grpc_port) : addresses.grpc?.port;
  return {
    service: name,
    instanceId,
    version,
    host,
    port,
    ...(grpcPort === undefined ? {} : { grpcPort }),
    tags,
    metadata: { version, ...metadata, ...(grpcPort === undefined ? {} : { grpc_port: String(grpcPort) }) },
    check,
  };
}

/** A server that listens on every interface is reached at the first address of this machine that is not loopback. */
function reachable(host: string): string {
  if (host !== "0.0.0.0" && host !== "::") return host;
  const outside = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ internal, family }) => !internal && family === "IPv4");
  return outside?.address ?? "127.0.0.1";
}
