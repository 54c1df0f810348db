import { createLogger, type Logger } from "@weft/core";
import type { Registry } from "@weft/discovery";
import type { Broker, SchemaRegistry } from "@weft/messaging";
import { type Command, Option } from "commander";
import { brokerList, databaseUrl, httpUrl } from "../addresses.ts";
import type { connectionsAt } from "../connections.ts";
import { stateDirectory } from "../layout.ts";
import { isRunning, type Runtime, readRuntime } from "../runtime.ts";

/** Where a command works: on the mesh that runs here, unless an option or the environment names another place. */
interface AddressOptions {
  kafka?: string;
  consul?: string;
  schemaRegistry?: string;
  postgres?: string;
  json?: boolean;
}

export interface Addresses {
  /** `host:port`, several with commas. */
  readonly kafka: string;
  readonly consul: string;
  readonly schemaRegistry: string;
  /** With `{database}`. */
  readonly postgres: string;
}

/** How long an address may stay silent before a command gives up, in milliseconds. */
const startTimeoutMs = 3_000;

const at = async (addresses: Parameters<typeof connectionsAt>[0]) =>
  (await import("../connections.ts")).connectionsAt(addresses, "weft-cli");

/** What a command works with. Connections are made, and their clients loaded, when first asked for; `close` closes them. */
export interface Session {
  readonly json: boolean;
  readonly log: Logger;
  /** @throws NothingRuns */
  runtime(): Runtime;
  /** Whether a mesh runs here. */
  knowsRuntime(): boolean;
  /** @throws NothingRuns   @throws WrongUse for one that is not an address */
  readonly addresses: Addresses;
  /** Whether an address is given, by an option or by the mesh that runs here. */
  knows(name: keyof Addresses): boolean;
  /** Whether it is that of the mesh that runs here. */
  isLocal(name: keyof Addresses): boolean;
  broker(): Promise<Broker>;
  registry(): Promise<Registry>;
  schemas(): Promise<SchemaRegistry>;
  close(): Promise<void>;
}

export function withAddresses(command: Command): Command {
  return command
    .addOption(new Option("--kafka <brokers>", "host:port, several with commas").env("WEFT_KAFKA_BROKERS"))
    .addOption(new Option("--consul <url>", "Consul's HTTP API").env("WEFT_CONSUL_URL"))
    .addOption(new Option("--schema-registry <url>", "Schema Registry").env("WEFT_SCHEMA_REGISTRY_URL"))
    .addOption(
      new Option("--postgres <url>", "with {database} in the place of the database's name").env("WEFT_POSTGRES_URL"),
    )
    .option("--json", "print JSON");
}

/** Runs `work` with a session and closes it, whatever happens. */
export function inSession<Arguments extends unknown[]>(
  work: (session: Session, ...args: Arguments) => Promise<void>,
): (this: Command, ...args: Arguments) => Promise<void> {
  return async function (this: Command, ...args) {
    const session = openSession(this.optsWithGlobals() as AddressOptions);
    try {
      await work(session, ...args);
    } finally {
      await session.close();
    }
  };
}

function openSession(options: AddressOptions): Session {
  const log = createLogger(
    { name: "weft", version: "cli", instanceId: `weft-cli-${process.pid}` },
    { level: "silent" },
  );
  const open: { stop(): Promise<void> }[] = [];
  const keep = async <C extends { start(): Promise<void>; stop(): Promise<void> }>(component: C): Promise<C> => {
    open.push(component);
    await component.start();
    return component;
  };
  const once = <T>(make: () => Promise<T>) => {
    let made: Promise<T> | undefined;
    return () => {
      made ??= make();
      return made;
    };
  };
  const runtime = () => readRuntime(stateDirectory);
  // Each is looked up when it is asked for: a command that has its address from an option needs no mesh here.
  const addresses = {
    get kafka() {
      return brokerList("--kafka", options.kafka ?? runtime().kafka.brokers.join(","));
    },
    get consul() {
      return httpUrl("--consul", options.consul ?? runtime().consul.url);
    },
    get schemaRegistry() {
      return httpUrl("--schema-registry", options.schemaRegistry ?? runtime().schemaRegistry.url);
    },
    get postgres() {
      return databaseUrl("--postgres", options.postgres ?? runtime().postgres.url);
    },
  };
  return {
    json: options.json ?? false,
    log,
    runtime,
    knowsRuntime: () => isRunning(stateDirectory),
    addresses,
    isLocal: (name) => options[name] === undefined,
    knows: (name) => options[name] !== undefined || isRunning(stateDirectory),
    broker: once(async () => {
      const connections = await at({ WEFT_KAFKA_BROKERS: addresses.kafka });
      const { kafkaBroker } = await import("@weft/messaging/kafkajs");
      return keep(kafkaBroker({ log }, { ...connections.kafka(), startTimeoutMs }));
    }),
    registry: once(async () => {
      const connections = await at({ WEFT_CONSUL_URL: addresses.consul });
      const { consulRegistry } = await import("@weft/discovery");
      return keep(consulRegistry({ log }, { ...connections.consul(), networks: connections.networks() }));
    }),
    schemas: once(async () => {
      const connections = await at({ WEFT_SCHEMA_REGISTRY_URL: addresses.schemaRegistry });
      const { schemaRegistry } = await import("@weft/messaging");
      return keep(schemaRegistry({ log }, connections.schemaRegistry()));
    }),
    async close() {
      await Promise.all(open.map((component) => component.stop().catch(() => {})));
    },
  };
}
