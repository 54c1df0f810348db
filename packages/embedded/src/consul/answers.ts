import { createHash } from "node:crypto";
import type { RegisteredCheck, RegisteredService } from "./catalog.ts";
import { definitionForAnswer } from "./definitions.ts";
import type { KeyValueEntry } from "./key-value.ts";
import type { Session } from "./sessions.ts";

/** Consul's JSON shapes, with its casing. Source: Consul HTTP API, the sample responses of agent, catalog, health and KV. */

export interface NodeIdentity {
  id: string;
  name: string;
  address: string;
}

export const datacenter = "dc1";
const firstIndex = 1;

export const nodeAnswer = ({ id, name, address }: NodeIdentity) => ({
  ID: id,
  Node: name,
  Address: address,
  Datacenter: datacenter,
  TaggedAddresses: { lan: address, lan_ipv4: address, wan: address, wan_ipv4: address },
  Meta: { "consul-network-segment": "" },
  CreateIndex: firstIndex,
  ModifyIndex: firstIndex,
});

export function agentServiceAnswer(service: RegisteredService) {
  const answer = {
    ID: service.id,
    Service: service.name,
    Tags: service.tags,
    Meta: service.meta,
    Port: service.port,
    Address: service.address,
    TaggedAddresses: service.taggedAddresses,
    Weights: service.weights,
    EnableTagOverride: service.enableTagOverride,
    Datacenter: datacenter,
  };
  return { ...answer, ContentHash: contentHash(answer) };
}

export const contentHash = (value: unknown): string =>
  createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 16);

const healthServiceAnswer = (service: RegisteredService) => ({
  ID: service.id,
  Service: service.name,
  Tags: service.tags,
  Address: service.address,
  TaggedAddresses: service.taggedAddresses,
  Meta: service.meta,
  Port: service.port,
  Weights: service.weights,
  EnableTagOverride: service.enableTagOverride,
  Proxy: { Mode: "", MeshGateway: {}, Expose: {} },
  Connect: {},
  CreateIndex: service.createIndex,
  ModifyIndex: service.modifyIndex,
});

export const catalogServiceAnswer = (node: NodeIdentity, service: RegisteredService) => ({
  ID: node.id,
  Node: node.name,
  Address: node.address,
  Datacenter: datacenter,
  TaggedAddresses: nodeAnswer(node).TaggedAddresses,
  NodeMeta: nodeAnswer(node).Meta,
  ServiceID: service.id,
  ServiceName: service.name,
  ServiceTags: service.tags,
  ServiceAddress: service.address,
  ServiceTaggedAddresses: service.taggedAddresses,
  ServiceWeights: service.weights,
  ServiceMeta: service.meta,
  ServicePort: service.port,
  ServiceEnableTagOverride: service.enableTagOverride,
  CreateIndex: service.createIndex,
  ModifyIndex: service.modifyIndex,
});

export const checkAnswer = (node: NodeIdentity, check: RegisteredCheck, service: RegisteredService | undefined) => ({
  Node: node.name,
  CheckID: check.definition.id,
  Name: check.definition.name,
  Status: check.status,
  Notes: check.definition.notes,
  Output: check.output,
  ServiceID: check.serviceId,
  ServiceName: service?.name ?? "",
  ServiceTags: service?.tags ?? [],
  Type: check.definition.kind.type,
  ExposedPort: 0,
  Definition: definitionForAnswer(check.definition),
  CreateIndex: check.createIndex,
  ModifyIndex: check.modifyIndex,
});

/** The node's own health, which a real agent learns from its peers; here it is always well. */
export const serfHealth = (node: NodeIdentity) => ({
  Node: node.name,
  CheckID: "serfHealth",
  Name: "Serf Health Status",
  Status: "passing" as const,
  Notes: "",
  Output: "Agent alive and reachable",
  ServiceID: "",
  ServiceName: "",
  ServiceTags: [] as string[],
  Type: "",
  ExposedPort: 0,
  Definition: {},
  CreateIndex: firstIndex,
  ModifyIndex: firstIndex,
});

export const healthEntryAnswer = (
  node: NodeIdentity,
  service: RegisteredService,
  checks: ReturnType<typeof checkAnswer>[],
) => ({
  Node: nodeAnswer(node),
  Service: healthServiceAnswer(service),
  Checks: [serfHealth(node), ...checks],
});

export const keyValueAnswer = (entry: KeyValueEntry) => ({
  LockIndex: entry.lockIndex ?? 0,
  Key: entry.key,
  Flags: entry.flags,
  Value: entry.value,
  ...(entry.session === undefined ? {} : { Session: entry.session }),
  CreateIndex: entry.createIndex,
  ModifyIndex: entry.modifyIndex,
});

export const sessionAnswer = (session: Session) => ({
  ID: session.id,
  Name: session.name,
  Node: session.node,
  LockDelay: session.lockDelayMs * 1e6,
  Behavior: session.behavior,
  TTL: session.ttl,
  NodeChecks: session.checks,
  ServiceChecks: null,
  CreateIndex: session.createIndex,
  ModifyIndex: session.modifyIndex,
});

export const agentSelfAnswer = (node: NodeIdentity, port: number) => ({
  Config: {
    Datacenter: datacenter,
    PrimaryDatacenter: datacenter,
    NodeName: node.name,
    NodeID: node.id,
    Server: true,
    Revision: "embedded",
    Version: "1.20.0-weft.embedded",
  },
  DebugConfig: { HTTPPort: port },
  Coord: null,
  Member: memberAnswer(node),
  Meta: {},
});

export const memberAnswer = (node: NodeIdentity) => ({
  Name: node.name,
  Addr: node.address,
  Port: 8301,
  Tags: { dc: datacenter, id: node.id, role: "consul" },
  Status: 1,
  ProtocolMin: 1,
  ProtocolMax: 5,
  ProtocolCur: 2,
  DelegateMin: 2,
  DelegateMax: 5,
  DelegateCur: 4,
});
