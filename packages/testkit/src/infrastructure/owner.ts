import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { processStart } from "@weft/core";
import type { ContainerRuntimeClient } from "testcontainers";

const prefix = "weft.testkit";
const variable = "TESTKIT_OWNER";

/** The process that answers for containers and networks: what is left of one that is gone, anybody may remove. */
interface Owner {
  run: string;
  host: string;
  pid: number;
  /** When that process began: its id alone may be another's by now. */
  started: string;
}

/** The run that this process is part of. Its workers inherit it, so that one sweep finds all that the run made. */
function owner(): Owner {
  const inherited = process.env[variable];
  if (inherited) return JSON.parse(inherited) as Owner;
  const self = {
    run: process.env.TESTKIT_RUN ?? randomUUID(),
    host: hostname(),
    pid: process.pid,
    started: processStart(process.pid),
  };
  process.env[variable] = JSON.stringify(self);
  return self;
}

/** What a container carries so that it is removed with this run, or after it where the run dies. @param server its name in messages */
export function ownLabels(server: string): Record<string, string> {
  const { run, host, pid, started } = owner();
  return {
    [`${prefix}.run`]: run,
    [`${prefix}.host`]: host,
    [`${prefix}.pid`]: String(pid),
    [`${prefix}.started`]: started,
    [`${prefix}.server`]: server,
  };
}

/** Removes what dead runs of this host left behind. @returns names of the containers and networks */
export const sweepDeadRuns = (engine: ContainerRuntimeClient) =>
  remove(engine, (labels) => {
    if (labels[`${prefix}.host`] !== hostname()) return false;
    const started = labels[`${prefix}.started`];
    return !started || processStart(Number(labels[`${prefix}.pid`])) !== started;
  });

/** Removes everything of this run that is still there. @returns names of the containers and networks */
export const sweepOwnRun = (engine: ContainerRuntimeClient) =>
  remove(engine, (labels) => labels[`${prefix}.run`] === owner().run);

async function remove(
  { container: { dockerode } }: ContainerRuntimeClient,
  isMeant: (labels: Record<string, string>) => boolean,
): Promise<string[]> {
  const filters = { label: [`${prefix}.run`] };
  const containers = await dockerode.listContainers({ all: true, filters });
  const found = containers.filter(({ Labels }) => isMeant(Labels));
  // Another run may sweep at the same moment: what is gone already is no failure.
  await Promise.all(
    found.map(({ Id }) => dockerode.getContainer(Id).remove({ force: true, v: true }).catch(unlessGone)),
  );
  const networks = await dockerode.listNetworks({ filters });
  const left = networks.filter(({ Labels }) => isMeant(Labels ?? {}));
  await Promise.all(left.map(({ Id }) => dockerode.getNetwork(Id).remove().catch(unlessGone)));
  const server = (labels: Record<string, string> = {}) => labels[`${prefix}.server`] ?? "";
  return [
    ...found.map(({ Labels }) => server(Labels)),
    ...left.map(({ Labels }) => `the network of ${server(Labels)}`),
  ];
}

/** For a removal that somebody else may have made. */
export function unlessGone(error: { statusCode?: number }): void {
  // 404: gone; 409: somebody else is removing it.
  if (error.statusCode !== 404 && error.statusCode !== 409) throw error;
}
