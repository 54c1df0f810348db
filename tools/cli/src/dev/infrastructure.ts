import type { EmbeddedServerName } from "@weft/embedded";
import { type EmbeddedProcess, spawnEmbedded } from "@weft/embedded/spawn";
import { environmentNames } from "../environment.ts";
import { WrongUse } from "../wrong-use.ts";
import type { SuperviseWith } from "./mesh.ts";
import { type Launched, type Supervised, supervise } from "./supervise.ts";

/** Names and values of the environment that tells every service where the servers are. */
export type Addresses = Record<(typeof addressNames)[number], string>;

/** What tells where a server is. */
export const addressNames = [
  "WEFT_KAFKA_BROKERS",
  "WEFT_SCHEMA_REGISTRY_URL",
  "WEFT_CONSUL_URL",
  "WEFT_POSTGRES_URL",
] as const;

export interface Infrastructure {
  /** Processes of ours, not started yet; none where the servers are somebody else's. */
  parts: Supervised<ServerAddress>[];
  /** Servers that do not listen where they usually do, with the port that was taken. */
  moved: Map<string, number>;
  /** Once the parts are started. An address that the environment already names (a proxy in between) stays. */
  addresses(): Addresses;
}

export interface ServerAddress {
  url: string;
  text: string;
}

export const servers = [
  { name: "postgres", portName: "WEFT_POSTGRES_PORT", addressName: "WEFT_POSTGRES_URL" },
  { name: "kafka", portName: "WEFT_KAFKA_PORT", addressName: "WEFT_KAFKA_BROKERS" },
  { name: "consul", portName: "WEFT_CONSUL_PORT", addressName: "WEFT_CONSUL_URL" },
  { name: "schema-registry", portName: "WEFT_SCHEMA_REGISTRY_PORT", addressName: "WEFT_SCHEMA_REGISTRY_URL" },
] as const satisfies { name: EmbeddedServerName; portName: string; addressName: keyof Addresses }[];

/** Environment names of the ports that the servers listen on, where they are ours. */
export const serverPorts = servers.map(({ portName }) => portName);

/** The embedded servers, each a process with its state under the state directory. */
export async function embeddedInfrastructure(
  { output, state, choosePort, onChange }: SuperviseWith,
  { databases, environment }: { databases: string[]; environment: NodeJS.ProcessEnv },
): Promise<Infrastructure> {
  const moved = new Map<string, number>();
  const advertised = environment.WEFT_KAFKA_ADVERTISED || undefined;
  const parts = await Promise.all(
    servers.map(async ({ name, portName }) => {
      const { port, taken } = await choosePort(portFrom(environment, portName, environmentNames[portName].default));
      if (taken !== undefined) moved.set(name, taken);
      const launch = async (): Promise<Launched<ServerAddress>> => {
        const server = await spawnEmbedded(name, {
          dataDir: state.folder(`data/${name}`),
          port,
          ...(name === "postgres" ? { databases } : {}),
          ...(name === "kafka" && advertised ? { advertised } : {}),
          allowedHosts: allowedHostsFrom(environment),
          env: environment,
          onLine: (line) => output.line(name, line),
        }).catch((error: Error) => {
          // Whoever supervises it puts the name in front.
          throw new Error(error.message.replace(`${name} did not start: `, ""), { cause: error });
        });
        return {
          pid: server.pid,
          address: { url: server.url, text: `${server.address.host}:${server.address.port}` },
          exited: server.exited.then((exit) => ({ text: exitText(exit) })),
          stop: () => server.stop(),
        };
      };
      return supervise({ output, onChange }, { name, launch, describe: ({ text }) => text });
    }),
  );
  return {
    parts,
    moved,
    addresses: () => addressesOf(parts, environment),
  };
}

/** Where the servers that we started are; an address that the environment names (a proxy in between) stays. */
export function addressesOf(parts: Supervised<ServerAddress>[], environment: NodeJS.ProcessEnv): Addresses {
  const entries = servers.map(({ name, addressName }) => {
    const own = parts.find((part) => part.name === name)?.current()?.address.url ?? "";
    const told = name === "kafka" ? environment.WEFT_KAFKA_ADVERTISED || own : own;
    return [addressName, environment[addressName] || told];
  });
  return Object.fromEntries(entries) as Addresses;
}

/** Servers that run elsewhere: their addresses come from the environment, all of them. @throws WrongUse */
export function externalAddresses(environment: NodeJS.ProcessEnv): Addresses {
  const missing = addressNames.filter((name) => !environment[name]);
  if (missing.length > 0) {
    throw new WrongUse({
      message: `--infra external takes the servers' addresses from the environment, and ${missing.join(", ")} ${missing.length === 1 ? "is" : "are"} not set`,
    });
  }
  return Object.fromEntries(addressNames.map((name) => [name, environment[name]])) as Addresses;
}

export function externalInfrastructure(environment: NodeJS.ProcessEnv): Infrastructure {
  const addresses = externalAddresses(environment);
  return { parts: [], moved: new Map(), addresses: () => addresses };
}

export function portFrom(environment: NodeJS.ProcessEnv, name: string, usual: number): number {
  const text = environment[name];
  if (text === undefined || text === "") return usual;
  const port = Number(text);
  if (!/^[0-9]+$/.test(text) || port > 65_535) {
    throw new WrongUse({
      message: `${name} must be a port from 0 (any free one) to 65535, and is ${JSON.stringify(text)}`,
    });
  }
  return port;
}

/** Names by which what is started here answers besides those of loopback, behind a proxy or a tunnel. */
export function allowedHostsFrom(environment: NodeJS.ProcessEnv): string[] {
  return (environment.WEFT_ALLOWED_HOSTS ?? "")
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}

/** What the environment says instead of `schemas/topics.json`, for a cluster that is smaller than production's. @throws WrongUse */
export function replicationFrom(environment: NodeJS.ProcessEnv): number | undefined {
  const text = environment.WEFT_KAFKA_REPLICATION;
  if (text === undefined || text === "") return undefined;
  if (!/^[1-9]$/.test(text)) {
    throw new WrongUse({
      message: `WEFT_KAFKA_REPLICATION must be the number of copies of each topic, 1 to 9, and is ${JSON.stringify(text)}`,
    });
  }
  return Number(text);
}

function exitText({ code, signal, lastLines }: Awaited<EmbeddedProcess["exited"]>): string {
  const last = lastLines.findLast((line) => !line.startsWith("{"));
  return `${signal ? `killed by ${signal}` : `ended with code ${code}`}${last ? ` (${last})` : ""}`;
}
