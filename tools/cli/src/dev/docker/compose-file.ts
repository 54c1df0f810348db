import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parse } from "yaml";
import { repositoryRoot } from "../../layout.ts";

/**
 * One server of `infra/compose.yaml`, as `docker run` takes it. `pnpm dev` reads the file itself, because the compose plugin
 * is not part of every engine, and because a definition that stands twice would soon be two.
 */
export interface ContainerDefinition {
  image: string;
  /** Options of `docker run` besides name, labels, network and volumes; the engine runs no check. */
  options: string[];
  command: string[];
  /** Run inside the container, it ends with 0 once the server can be used. */
  check: { command: string[]; timeoutMs: number };
  /** Where it can be reached on this machine; nothing where it listens on the machine's own network. */
  hostPort?: number;
  usesHostNetwork: boolean;
  /** Name in the file → folder in the container. */
  volumes: Map<string, string>;
  /** What must be healthy first. */
  dependsOn: string[];
  stopSeconds: number;
}

interface ComposeService {
  image: string;
  command?: string[];
  hostname?: string;
  environment?: Record<string, string>;
  ports?: string[];
  volumes?: string[];
  depends_on?: Record<string, { condition: "service_healthy" }>;
  healthcheck: { test: string[]; timeout: string };
  network_mode?: "host";
  mem_limit?: string;
  cpus?: number;
  stop_grace_period?: string;
  restart?: string;
}

export const composePath = join(repositoryRoot, "infra/compose.yaml");
const understood = new Set(
  "image command hostname environment ports volumes depends_on healthcheck network_mode mem_limit cpus stop_grace_period restart".split(
    " ",
  ),
);

/** @param environment what the file's `${NAME:-default}` stand for   @throws Error naming what it does not understand */
export function readContainer(name: string, environment: NodeJS.ProcessEnv, path = composePath): ContainerDefinition {
  const file = parse(readFileSync(path, "utf8")) as { services: Record<string, ComposeService> };
  const service = file.services[name];
  if (!service) throw new Error(`${path} has no service ${name}`);
  const unknown = Object.keys(service).filter((key) => !understood.has(key));
  if (unknown.length > 0)
    throw new Error(`${path}: ${name} has ${unknown.join(", ")}, which pnpm dev does not understand`);
  const fill = (text: unknown) => interpolate(String(text), environment);

  const ports = (service.ports ?? []).map(fill);
  const { volumes, mounts } = readVolumes((service.volumes ?? []).map(fill), dirname(path));
  return {
    image: fill(service.image),
    options: [
      ...option("--hostname", service.hostname),
      ...Object.entries(service.environment ?? {}).flatMap(([key, value]) => ["--env", `${key}=${fill(value)}`]),
      ...ports.flatMap((port) => ["--publish", port]),
      ...mounts.flatMap((mount) => ["--volume", mount]),
      "--no-healthcheck",
      ...option("--memory", service.mem_limit),
      ...option("--cpus", service.cpus),
    ],
    command: (service.command ?? []).map(fill),
    check: {
      command: service.healthcheck.test.slice(1).map(fill),
      timeoutMs: Number.parseInt(service.healthcheck.timeout, 10) * 1000,
    },
    ...(ports[0] ? { hostPort: Number(ports[0].split(":").at(-2)) } : {}),
    usesHostNetwork: service.network_mode === "host",
    volumes,
    dependsOn: Object.keys(service.depends_on ?? {}),
    stopSeconds: Number.parseInt(service.stop_grace_period ?? "10", 10),
  };
}

/** The innermost first, so that a default may hold another. */
function interpolate(text: string, environment: NodeJS.ProcessEnv): string {
  const variable = /\$\{([A-Z0-9_]+):-([^${}]*)\}/;
  let filled = text;
  while (variable.test(filled)) {
    filled = filled.replace(variable, (_, name: string, fallback: string) => environment[name] || fallback);
  }
  return filled.replaceAll("$$", "$");
}

const option = (name: string, value: string | number | undefined) => (value === undefined ? [] : [name, `${value}`]);

/** `name:/folder` is kept by the engine; `./folder:/folder:ro` is a folder beside the file. */
function readVolumes(entries: string[], folder: string): { volumes: Map<string, string>; mounts: string[] } {
  const volumes = new Map<string, string>();
  const mounts: string[] = [];
  for (const entry of entries) {
    const [from = "", to = "", ...mode] = entry.split(":");
    if (from.startsWith(".")) mounts.push([resolve(folder, from), to, ...mode].join(":"));
    else volumes.set(from, to);
  }
  return { volumes, mounts };
}
