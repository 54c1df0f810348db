import type { Component } from "@weft/core";
import type { Networks } from "./networks.ts";

/** One process that serves. What Consul knows of it and a caller needs. */
export interface ServiceInstance {
  service: string;
  /** Unique to the process: a restart is another instance. */
  instanceId: string;
  host: string;
  port: number;
  /** Where it also serves gRPC. */
  grpcPort?: number;
  version: string;
  tags: string[];
  metadata: Record<string, string>;
  /** Grows with every registration: of two, the smaller one is the older. */
  createIndex: number;
}

export interface Registration {
  service: string;
  instanceId: string;
  version: string;
  /** Where others reach it, which need not be where it listens. */
  host: string;
  port: number;
  grpcPort?: number;
  tags: string[];
  metadata: Record<string, string>;
  check: {
    /** Path of the HTTP check on host and port. @defaultValue "/health/ready" */
    path?: string;
    intervalMs: number;
    timeoutMs: number;
    deregisterCriticalAfterMs: number;
  };
}

/** The healthy instances of one service, as far as this process knows. */
export interface InstanceList {
  instances: readonly ServiceInstance[];
  /** Milliseconds since the registry last confirmed this list; grows while the registry is away. */
  ageMs: number;
  /** The registry answers, and names none of them any more: they are tried, but whoever it does name comes first. */
  isDoubted?: true;
}

/** A list that keeps itself up to date with one blocking query, however many look at it. */
export interface ServiceWatch {
  readonly service: string;
  /** Never waits. Empty until the first answer, and when nobody serves. */
  current(): InstanceList;
  /** Resolves with the first answer (or when `timeoutMs` is over: then the list may be empty). */
  ready(timeoutMs: number): Promise<void>;
  /** @returns a function that ends the subscription */
  onChange(listener: (list: InstanceList) => void): () => void;
}

/** A service in the catalog, for whoever routes or shows all of them. */
export interface CatalogEntry {
  service: string;
  /** Every registered instance with its health, also those that fail their checks. */
  instances: (ServiceInstance & { health: "passing" | "warning" | "critical" })[];
}

/** FIND: the port. Consul is behind `consulRegistry`. */
export interface Registry extends Component {
  /** Where instances may be; clients check it with each connection. Absent: anywhere but where no service can be. */
  readonly networks?: Networks;
  /**
   * Registers, and keeps it so: again when the agent lost it, for ever, with jittered backoff while the agent is away.
   * Resolves when it is registered for the first time.
   * @returns ends the registration; resolves also when the agent is away
   */
  register(registration: Registration): Promise<() => Promise<void>>;
  /** The same watch for the same service. */
  watch(service: string): ServiceWatch;
  /** Names of all services, kept up to date by one blocking query. */
  watchServices(listener: (services: readonly string[]) => void): () => void;
  /** One look at everything; for operators' tools, never on a call path. */
  catalog(): Promise<CatalogEntry[]>;
}
