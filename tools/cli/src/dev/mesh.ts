import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { environmentNames } from "../environment.ts";
import { compileCache } from "../layout.ts";
import { type Runtime, removeRuntime, writeRuntime } from "../runtime.ts";
import { setUpContracts } from "./contracts-setup.ts";
import { demoMarker, loadDemoOnce } from "./demo-data.ts";
import { dockerInfrastructure } from "./docker/docker-infrastructure.ts";
import { createMissingDatabases } from "./external-databases.ts";
import { type PortChoice, portChooser } from "./free-port.ts";
import { gatewayKnows } from "./gateway-knows.ts";
import {
  addressNames,
  allowedHostsFrom,
  embeddedInfrastructure,
  externalInfrastructure,
  portFrom,
  replicationFrom,
} from "./infrastructure.ts";
import { followEvents } from "./last-events.ts";
import { lookAtMesh } from "./look.ts";
import type { DevOptions } from "./options.ts";
import type { Output } from "./output.ts";
import { overviewServer } from "./overview.ts";
import type { ServicePart } from "./parts.ts";
import { type RunningService, stopAll, stopEdgeFirst, superviseServices } from "./services.ts";
import { attemptIn, type StateDirectory } from "./state-directory.ts";
import { PartNotStarted, type Supervised } from "./supervise.ts";
import { developmentAudience, developmentIssuer, developmentKey, mintToken } from "./tokens.ts";

/** What every supervised part is made with. */
export interface SuperviseWith {
  output: Output;
  state: StateDirectory;
  choosePort: (wanted: number) => Promise<PortChoice>;
  /** A process came or went. */
  onChange: () => void;
}

export interface Mesh {
  runtime: Runtime;
  /** Part → the port that it would have had, had no other program taken it. */
  moved: Map<string, number>;
}

/**
 * Brings everything up, in the order in which it needs each other: servers, contracts, services, overview, demo data.
 * Whatever it starts it first enters into `stack`, so that one `disposeAsync` takes all of it down again.
 */
export async function startMesh(
  { output, state, stack }: { output: Output; state: StateDirectory; stack: AsyncDisposableStack },
  options: DevOptions,
  parts: ServicePart[],
): Promise<Mesh> {
  let publish = () => {};
  const onChange = () => {
    try {
      publish();
    } catch (error) {
      // The mesh runs on: only whoever looks for it in runtime.json sees an old state.
      output.fail((error as Error).message);
    }
  };
  const using: SuperviseWith = { output, state, choosePort: portChooser(), onChange };
  const environment: NodeJS.ProcessEnv = {
    NODE_ENV: "production",
    // Services run as they are deployed, with the keys and addresses of this machine.
    WEFT_ENVIRONMENT: "development",
    NODE_COMPILE_CACHE: compileCache,
    ...process.env,
  };

  const keyFile = join(state.folder("keys"), "jwt.jwk.json");
  const key = await developmentKey(keyFile);
  const databases = parts.flatMap(({ database }) => database ?? []);
  const operatorsToken = environment.WEFT_OPERATORS_TOKEN || randomBytes(24).toString("base64url");
  const infrastructures = {
    embedded: () => embeddedInfrastructure(using, { databases, environment }),
    docker: () => dockerInfrastructure(using, { stack, databases, environment, fresh: options.fresh }),
    external: () => externalInfrastructure(environment),
  };
  const infrastructure = await infrastructures[options.infra]();
  stack.defer(() => stopAll(infrastructure.parts));
  await startAll(infrastructure.parts);
  const addresses = infrastructure.addresses();
  const named = addressNames.filter((name) => environment[name]);
  if (options.infra === "external") {
    const created = await createMissingDatabases(addresses, databases);
    if (created > 0) output.part("databases", "ready", `${created} created`);
  } else if (named.length > 0)
    output.say(
      `${named.join(", ")} ${named.length === 1 ? "is" : "are"} set: that is where everything goes, not to what was started here`,
    );

  const begun = performance.now();
  const contracts = await setUpContracts(addresses, {
    // Where the servers are ours there is one broker.
    replication: options.infra === "external" ? (replicationFrom(environment) ?? "otherwise") : "embedded",
  });
  const topics = contracts.topics === 0 ? "topics are there" : `${contracts.topics} topics created`;
  output.part("contracts", "ready", `${topics}, ${contracts.schemas} schemas`, performance.now() - begun);

  const services = await superviseServices(using, {
    parts: parts.filter(({ folder }) => folder === "gateway" || (options.only?.includes(folder) ?? true)),
    scale: options.scale,
    environment: {
      ...environment,
      ...addresses,
      WEFT_OPERATORS_TOKEN: operatorsToken,
      WEFT_JWT_KEY_FILE: keyFile,
      WEFT_JWT_ISSUER: developmentIssuer,
      WEFT_JWT_AUDIENCE: developmentAudience,
    },
  });
  stopEdgeFirst(stack, services);
  await startAll(services.map(({ process }) => process));

  const moved = new Map([
    ...infrastructure.moved,
    ...services.flatMap(({ process, taken }) => (taken ? [[process.name, taken] as const] : [])),
  ]);
  const runtime: Runtime = {
    pid: process.pid,
    infra: options.infra,
    kafka: { brokers: addresses.WEFT_KAFKA_BROKERS.split(",") },
    consul: { url: addresses.WEFT_CONSUL_URL },
    schemaRegistry: { url: addresses.WEFT_SCHEMA_REGISTRY_URL },
    postgres: { url: addresses.WEFT_POSTGRES_URL },
    gateway: { url: services.find(({ part }) => part.folder === "gateway")?.process.current()?.address.http ?? "" },
    console: { url: "" },
    infraProcesses: [],
    services: [],
    tokens: {
      admin: await mintToken(key, "admin", "admin"),
      customer: await mintToken(key, "cust_demo", "customer"),
      operators: operatorsToken,
    },
  };
  await gatewayKnows(
    runtime.gateway.url,
    operatorsToken,
    services.map(({ part }) => part.name).filter((name) => name !== "gateway"),
  );
  if (options.console) {
    const events = await followEvents(runtime.kafka.brokers);
    stack.defer(() => events.stop());
    const overview = overviewServer(() => lookAtMesh(infrastructure.parts, services, events.newest(), operatorsToken), {
      allowedHosts: allowedHostsFrom(environment),
    });
    const { port, taken } = await using.choosePort(
      portFrom(environment, "WEFT_CONSOLE_PORT", environmentNames.WEFT_CONSOLE_PORT.default),
    );
    if (taken !== undefined) moved.set("console", taken);
    runtime.console.url = await overview.listen(port).catch((cause: Error) => {
      throw new PartNotStarted({ name: "overview", reason: cause.message }, { cause });
    });
    stack.defer(() => overview.close());
  }
  if (options.demo && options.only === undefined) {
    const marker = join(state.path, demoMarker(options.infra));
    const text = await loadDemoOnce(marker, runtime.gateway.url, runtime.tokens.admin);
    if (text) output.part("demo data", "ready", text);
  }

  publish = () => {
    runtime.infraProcesses = infrastructure.parts.flatMap((part) => {
      const running = part.current();
      return running ? [{ name: part.name, pid: running.pid }] : [];
    });
    runtime.services = services.flatMap(describeService);
    attemptIn(state.path, () => writeRuntime(state.path, runtime));
    // A container's process is its engine's to end, and on a machine of its own the number means another one here.
    const ours = options.infra === "docker" ? runtime.services : [...runtime.infraProcesses, ...runtime.services];
    state.noteProcesses(ours.map(({ pid }) => pid));
  };
  stack.defer(() => {
    publish = () => {};
    removeRuntime(state.path);
  });
  publish();
  return { runtime, moved };
}

function describeService({ part, process }: RunningService): Runtime["services"] {
  const running = process.current();
  if (!running) return [];
  const { instanceId, http, grpc } = running.address;
  return [
    {
      name: part.name,
      instanceId,
      pid: running.pid,
      http,
      ...(grpc ? { grpc } : {}),
      ...(part.database ? { database: part.database } : {}),
    },
  ];
}

/** Side by side. The first failure is the one that is told; whoever catches it stops the rest. */
async function startAll(parts: Supervised<unknown>[]): Promise<void> {
  await Promise.all(parts.map((part) => part.start()));
}
