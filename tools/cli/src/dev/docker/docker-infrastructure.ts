import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { poll } from "@weft/core";
import { environmentNames } from "../../environment.ts";
import { demoMarker } from "../demo-data.ts";
import { addressesOf, type Infrastructure, portFrom, type ServerAddress, servers } from "../infrastructure.ts";
import type { SuperviseWith } from "../mesh.ts";
import { type Supervised, supervise } from "../supervise.ts";
import { type ContainerDefinition, readContainer } from "./compose-file.ts";
import { startContainer } from "./container.ts";
import { createDatabases } from "./databases.ts";
import { docker } from "./engine.ts";
import { pullMissingImages } from "./images.ts";
import { sweep } from "./sweep.ts";

type ServerName = (typeof servers)[number]["name"];

/** How long a server waits for one that it needs; that one has its own bound on starting. */
const dependencyTimeoutMs = 120_000;
const pollMs = 100;

const urls: Record<ServerName, (place: string) => string> = {
  postgres: (place) => `postgres://weft:weft@${place}/{database}`,
  kafka: (place) => place,
  consul: (place) => `http://${place}`,
  "schema-registry": (place) => `http://${place}/apis/ccompat/v7`,
};

/**
 * The servers of `infra/compose.yaml` as containers, each supervised like a process. They carry the state directory in a
 * label: what a killed run left is found by it, and another mesh beside this one is not touched. Data is in named volumes.
 */
export async function dockerInfrastructure(
  { output, state, choosePort, onChange }: SuperviseWith,
  options: { stack: AsyncDisposableStack; databases: string[]; environment: NodeJS.ProcessEnv; fresh: boolean },
): Promise<Infrastructure> {
  const { stack, databases } = options;
  const ending = new AbortController();
  const { signal } = ending;
  stack.defer(() => ending.abort(new Error("it is being stopped")));

  const key = createHash("sha256").update(resolve(state.path)).digest("hex").slice(0, 12);
  const label = `dev.weft.state=${key}`;
  const nameOf = (name: string) => `weft-${key}-${name}`;
  await sweep(docker, label, { volumes: options.fresh });

  const { environment, moved } = await choosePorts(options.environment, choosePort);
  const definitions = new Map(servers.map(({ name }) => [name, readContainer(name, environment)]));
  await pullMissingImages({ docker, say: output.say, signal }, definitions);

  // Data that is gone takes the demo data with it.
  const kept = await docker(["volume", "ls", "--quiet", "--filter", `label=${label}`]);
  if (kept === "") rmSync(join(state.path, demoMarker("docker")), { force: true });
  const network = nameOf("network");
  stack.defer(async () => void (await docker(["network", "rm", network]).catch(() => {})));
  await docker(["network", "create", "--label", label, network]);
  for (const volume of [...definitions.values()].flatMap(({ volumes }) => [...volumes.keys()]))
    await docker(["volume", "create", "--label", label, nameOf(volume)]);

  const placement = (name: string, { usesHostNetwork, volumes }: ContainerDefinition) => [
    ...["--label", label],
    ...(usesHostNetwork ? ["--network", "host"] : ["--network", network, "--network-alias", name]),
    ...[...volumes].flatMap(([volume, folder]) => ["--volume", `${nameOf(volume)}:${folder}`]),
    // What a container writes is kept for its last lines only.
    ...["--log-opt", "max-size=10m", "--log-opt", "max-file=1"],
  ];
  const parts: Supervised<ServerAddress>[] = servers.map(({ name, portName }) => {
    const definition = definitions.get(name)!;
    const port = Number(environment[portName]);
    const text = `127.0.0.1:${port}`;
    const launch = async (stopped: AbortSignal) => {
      for (const needed of definition.dependsOn) await untilUp(parts, needed, stopped);
      return startContainer(docker, {
        ...{ name: nameOf(name), definition, options: placement(name, definition), port, portName, signal: stopped },
        onLine: (line) => output.line(name, line),
        address: { url: urls[name](text), text },
        ...(name === "postgres" ? { prepare: createDatabases(databases) } : {}),
      });
    };
    return supervise({ output, onChange }, { name, launch, describe: (address) => address.text });
  });
  return { parts, moved, addresses: () => addressesOf(parts, environment) };
}

/** The environment with a free port under every name that the file reads one from. */
async function choosePorts(given: NodeJS.ProcessEnv, choosePort: SuperviseWith["choosePort"]) {
  const environment = { ...given };
  const moved = new Map<string, number>();
  for (const { name, portName } of servers) {
    const { port, taken } = await choosePort(portFrom(given, portName, environmentNames[portName].default));
    environment[portName] = `${port}`;
    if (taken !== undefined) moved.set(name, taken);
  }
  // Consul's own, on the machine's network; nobody else needs to know them.
  for (const [name, usual] of [["WEFT_CONSUL_SERVER_PORT", 8300] as const, ["WEFT_CONSUL_SERF_PORT", 8301] as const])
    environment[name] = `${(await choosePort(portFrom(given, name, usual))).port}`;
  return { environment, moved };
}

async function untilUp(parts: Supervised<ServerAddress>[], name: string, signal: AbortSignal): Promise<void> {
  const look = () => parts.find((part) => part.name === name)?.current();
  const isUp = await poll({ everyMs: pollMs, forMs: dependencyTimeoutMs }, look, signal);
  if (!isUp) throw new Error(`it needs ${name}, which is not up`);
}
