import { isIP } from "node:net";
import { anywhere, type Networks } from "../networks.ts";
import type { ServiceInstance } from "../registry.ts";
import type { HealthEntry } from "./api.ts";

/** A host name or an IP address, and nothing that a URL would read as something else. */
export function isHost(host: string): boolean {
  if (isIP(host) !== 0) return anywhere.allows(host);
  const labels = host.split(".");
  // A name whose last label is a number would be read as an IP address in one of its older spellings.
  const isNumeric = /^(\d+|0x[0-9a-f]*)$/i.test(labels.at(-1)!);
  return (
    host.length <= 253 && !isNumeric && labels.every((label) => /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/i.test(label))
  );
}

export const isPort = (port: unknown): port is number =>
  typeof port === "number" && Number.isInteger(port) && port >= 1 && port <= 65_535;

/** Calls name the instance that they mean in a header. */
const isSendable = (id: unknown) => typeof id === "string" && /^[\x21-\x7e]{1,300}$/.test(id);

/**
 * What a caller needs of a health entry, or the reason why nobody may call it: whoever may register could otherwise point
 * callers anywhere. Where a name leads, `networks.lookup` checks with each connection.
 */
export function instanceOf({ Node, Service }: HealthEntry, networks: Networks = anywhere): ServiceInstance | string {
  const host = Service.Address || Node?.Address || "";
  const metadata = Service.Meta ?? {};
  const grpcPort = metadata.grpc_port === undefined ? undefined : Number(metadata.grpc_port);
  if (typeof host !== "string" || !isHost(host))
    return `its address ${JSON.stringify(host).slice(0, 100)} is not allowed`;
  if (isIP(host) !== 0 && !networks.allows(host)) return `its address ${host} lies in none of discovery.networks`;
  if (!isSendable(Service.ID)) return "its id cannot be sent in a header";
  if (!isPort(Service.Port)) return `its port ${Service.Port} is not allowed`;
  return {
    service: Service.Service,
    instanceId: Service.ID,
    host,
    port: Service.Port,
    ...(isPort(grpcPort) ? { grpcPort } : {}),
    version: metadata.version ?? "",
    tags: Service.Tags ?? [],
    metadata,
    createIndex: Service.CreateIndex ?? 0,
  };
}

/** The services of a catalog; not Consul's own, under which its servers stand. */
export const serviceNamesIn = (services: Record<string, string[]>): string[] =>
  Object.keys(services).filter((name) => name !== "consul");
