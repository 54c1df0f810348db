import { connect as connectTo } from "node:net";
import { type ContainerRuntimeClient, getContainerRuntimeClient, getReaper } from "testcontainers";

/** One sentence for people: what is missing, and what to do. */
export class EngineUnavailable extends Error {}

let engine: Promise<ContainerRuntimeClient> | undefined;

/**
 * The Docker engine that this process may use, asked once.
 * @throws EngineUnavailable
 */
export function containerEngine(): Promise<ContainerRuntimeClient> {
  engine ??= connect();
  return engine;
}

const usualSocket = "/var/run/docker.sock";

async function connect(): Promise<ContainerRuntimeClient> {
  // testcontainers would go on to other engines than the one that was named.
  const named = process.env.DOCKER_HOST;
  const unreachable = named ? await whyUnreachable(named) : undefined;
  if (unreachable) throw new EngineUnavailable(sentence(named ?? "", unreachable));
  let client: ContainerRuntimeClient;
  try {
    client = await getContainerRuntimeClient();
  } catch (cause) {
    const host = named ?? `unix://${usualSocket}`;
    const code = await whyUnreachable(host);
    // testcontainers keeps to itself what it was told, unless it is asked to log.
    const unusable = `The Docker engine at ${placeOf(host)} cannot be used: ${(cause as Error).message} (DEBUG=testcontainers shows why).`;
    throw new EngineUnavailable(code ? sentence(host, code) : unusable, { cause });
  }
  if (process.env.TESTCONTAINERS_RYUK_DISABLED !== "true") {
    // Ryuk removes containers when the run dies. Where it cannot run, the sweep at the next start does.
    await getReaper(client).catch(() => {
      process.env.TESTCONTAINERS_RYUK_DISABLED = "true";
    });
  }
  return client;
}

/** The system's code for why nobody can be talked to there; absent: somebody listens. */
function whyUnreachable(host: string): Promise<string | undefined> {
  const url = new URL(URL.canParse(host) ? host : "unix:///nowhere");
  const place =
    url.protocol === "unix:" ? { path: url.pathname } : { host: url.hostname, port: Number(url.port || "2375") };
  return new Promise((resolve) => {
    const socket = connectTo(place, () => end(undefined));
    const end = (code: string | undefined) => {
      socket.destroy();
      resolve(code);
    };
    socket.setTimeout(5_000, () => end("ETIMEDOUT"));
    socket.once("error", (error: NodeJS.ErrnoException) => end(error.code ?? "UNKNOWN"));
  });
}

const placeOf = (host: string) => host.replace(/^unix:\/\//, "");

function sentence(host: string, code: string): string {
  const place = placeOf(host);
  if (code === "EACCES" || code === "EPERM")
    return `The Docker engine at ${place} does not let this user in: add the user to the group that owns the socket (usually \`sudo usermod -aG docker $USER\`, then log in again).`;
  if (code === "ENOENT")
    return `The integration suite needs a Docker engine, and there is none at ${place}: install and start one, or point DOCKER_HOST at one on this machine.`;
  return `The integration suite needs a Docker engine, and none answers at ${place} (${code}): start it (\`sudo systemctl start docker\`), or correct DOCKER_HOST.`;
}
