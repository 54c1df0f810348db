import { BlockList, isIP } from "node:net";
import type { ServiceInstance } from "../registry.ts";
import type { HealthEntry } from "./api.ts";

/** Addresses that no service of a mesh can have: "this host", link-local (cloud metadata among them), multicast. */
const forbidden = new BlockList();
forbidden.addSubnet("0.0.0.0", 8, "ipv4");
forbidden.addSubnet("169.254.0.0", 16, "ipv4");
forbidden.addSubnet("224.0.0.0", 3, "ipv4");
forbidden.addSubnet("fe80::", 10, "ipv6");
forbidden.addSubnet("ff00::", 8, "ipv6");
forbidden.addAddress("::", "ipv6");

/** A host name or an IP address, and nothing that a URL would read as something else. */
export function isHost(host: string): boolean {
  const family = isIP(host);
  if (family !== 0) return !forbidden.check(host, family === 6 ? "ipv6" : "ipv4");
  const labels = host.split(".");
  // A name whose last label is a number would be read as an IP address in one of its older spellings.
  const isNumeric = /^(\d+|0x[0-9a-f]*)$/i.test(labels.at(-1)!);
  return (
    host.length <= 253 && !isNumeric && labels.every((label) => /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/i.test(label))
  );
}

export const isPort = (port: unknown): port is number =>
  typeof port === "number" && Number.isInteger(port) && port >= 1 && port <= 65_535;

/**
 * What a caller needs of a health entry, or the reason why nobody may call it: whoever may register could otherwise point
 * callers anywhere (failure-modes X9).
 */
export function instanceOf({ Node, Service }: HealthEntry): ServiceInstance | string {
  const host = Service.Address || Node?.Address || "";
  const metadata = Service.Meta ?? {};
  const grpcPort = metadata.grpc_port === undefined ? undefined : Number(metadata.grpc_port);
  if (typeof host !== "string" || !isHost(host))
    return `its address ${JSON.stringify(host).slice(0, 100)} is not allowed`;
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
