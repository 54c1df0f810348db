import { portFrom } from "./infrastructure.ts";
import type { SuperviseWith } from "./mesh.ts";
import type { ServicePart } from "./parts.ts";
import { type ServiceAddress, startService } from "./service-process.ts";
import { type Supervised, supervise } from "./supervise.ts";

const limits = { startTimeoutMs: 60_000, stopTimeoutMs: 7_000 };

/** One instance of a service under supervision. */
export interface RunningService {
  part: ServicePart;
  process: Supervised<ServiceAddress>;
  /** The port that it wanted and did not get. */
  taken?: number;
}

/** Side by side. */
export async function stopAll(parts: Pick<Supervised<unknown>, "stop">[]): Promise<void> {
  await Promise.all(parts.map((part) => part.stop()));
}

/**
 * Enters into `stack` what stops the services: first the gateways, which drain while everything that they ask still answers,
 * then the rest, also where a gateway did not stop as it should.
 */
export function stopEdgeFirst(
  stack: AsyncDisposableStack,
  services: readonly { part: Pick<ServicePart, "folder">; process: Pick<Supervised<unknown>, "stop"> }[],
): void {
  const isEdge = ({ part }: { part: Pick<ServicePart, "folder"> }) => part.folder === "gateway";
  // The last one in is the first to be stopped.
  stack.defer(() => stopAll(services.filter((service) => !isEdge(service)).map(({ process }) => process)));
  stack.defer(() => stopAll(services.filter(isEdge).map(({ process }) => process)));
}

/** Environment names of the ports that a service listens on: HTTP, then gRPC where it has one. */
export function portNames({ folder, envName, grpcPort }: ServicePart): [string, ...string[]] {
  const http = folder === "gateway" ? "WEFT_GATEWAY_PORT" : `WEFT_${envName}_HTTP_PORT`;
  return grpcPort === undefined ? [http] : [http, `WEFT_${envName}_GRPC_PORT`];
}

/** Every instance that is wanted, each with its own ports; not started yet. */
export async function superviseServices(
  { output, choosePort, onChange }: SuperviseWith,
  options: { parts: ServicePart[]; scale: Record<string, number>; environment: NodeJS.ProcessEnv },
): Promise<RunningService[]> {
  const running: RunningService[] = [];
  for (const part of options.parts) {
    for (let instance = 1; instance <= (options.scale[part.folder] ?? 1); instance++) {
      const environment = { ...options.environment };
      const choose = (portName: string, usual: number) =>
        choosePort(instance === 1 ? portFrom(options.environment, portName, usual) : 0);
      const [httpName, grpcName] = portNames(part);
      const http = await choose(httpName, part.httpPort);
      environment[httpName] = String(http.port);
      if (part.grpcPort !== undefined && grpcName !== undefined) {
        environment[grpcName] = String((await choose(grpcName, part.grpcPort)).port);
      }
      // Others reach a second instance where it listens, not where the first one is advertised.
      if (instance > 1) delete environment[`WEFT_${part.envName}_ADVERTISED`];
      const name = instance === 1 ? part.name : `${part.name}-${instance}`;
      const process = supervise<ServiceAddress>(
        { output, onChange },
        {
          name,
          describe: ({ http, grpc }) => `${http}${grpc ? `  grpc ${grpc}` : ""}`,
          launch: (stopped) =>
            startService({
              main: part.main,
              environment,
              onLine: (line) => output.line(name, line),
              stopped,
              ...limits,
            }),
        },
      );
      running.push({ part, process, ...(http.taken === undefined ? {} : { taken: http.taken }) });
    }
  }
  return running;
}
