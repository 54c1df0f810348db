/** How a server goes down: in order, or at once with nothing said and nothing flushed (PostgreSQL: `pg_ctl stop -m immediate`). */
export type Halt = "orderly" | "immediate";

/** One running server that a test may harm. Its address stays the same however often it comes back. */
export interface Server {
  /** `kafka-2`, `postgres`, … */
  readonly name: string;
  /** @defaultValue "orderly" */
  halt(how?: Halt): Promise<void>;
  /** Resolves when it answers again. */
  start(): Promise<void>;
  restart(how?: Halt): Promise<void>;
  /** Connections stay open and nobody answers, as behind a dead switch, until `thaw`. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** What it wrote last, oldest first. */
  lastLines(): Promise<string[]>;
  /** For good, with all that it stored. */
  remove(): Promise<void>;
}

/** Where a mesh finds its servers. */
export interface Addresses {
  kafka: { brokers: string[] };
  consul: { url: string };
  schemaRegistry: { url: string };
  /** With a literal `{database}`. */
  postgres: { url: string };
}

export interface KafkaCluster {
  brokers: string[];
  servers: Server[];
}

/** The same value wherever the servers come from, so that one test runs on both. */
export interface Infrastructure extends Addresses {
  kind: "containers" | "embedded";
  kafka: KafkaCluster;
  /** `restartEmpty`: as an agent comes back that was on a machine of its own. */
  consul: Server & { url: string; restartEmpty(): Promise<void> };
  schemaRegistry: Server & { url: string };
  postgres: Server & { url: string };
  /** Removes all of them. */
  stop(): Promise<void>;
}

export interface InfrastructureOptions {
  /** Kafka brokers; the embedded one is alone. @defaultValue 1 */
  brokers?: 1 | 3;
  /** A container ended though nobody here ended it, with its last lines. @defaultValue a line on stderr */
  onDeath?: (message: string) => void;
}
