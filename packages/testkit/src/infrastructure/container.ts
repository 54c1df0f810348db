import { performance } from "node:perf_hooks";
import { sleep } from "@weft/core";
import { GenericContainer, type StartedTestContainer } from "testcontainers";
import { containerEngine } from "./engine.ts";
import { hostPort } from "./host-port.ts";
import { type ImageVariable, imageOf } from "./images.ts";
import { ownLabels } from "./owner.ts";
import type { Halt, Server } from "./server.ts";

/** What one server's container is, the same for the official image and for a stand-in. */
export interface ServerDefinition {
  name: string;
  image: ImageVariable;
  environment?: Record<string, string>;
  command?: string[];
  /** Where it listens inside, mapped to the host port. Absent: it has the host's network, and listens there itself. */
  containerPort?: number;
  /** A network that several servers share, and its name there. */
  network?: { name: string; alias: string };
  /** Asked again and again until it is true. */
  answers: () => Promise<boolean>;
  /** What PID 1 takes as "stop at once". @defaultValue "SIGKILL" */
  immediateSignal?: string;
}

export interface StartOptions {
  /** It ended though nobody here ended it. @defaultValue a line on stderr */
  onDeath?: (message: string) => void;
  /** @defaultValue a free one each time */
  choosePort?: () => Promise<number>;
}

const startTimeoutMs = 150_000;
const portAttempts = 3;
const toldLines = 12;

/** The port map of testcontainers, on the loopback interface alone. */
class LoopbackContainer extends GenericContainer {
  mapped(containerPort: number, port: number): this {
    this.withExposedPorts({ container: containerPort, host: port });
    this.hostConfig.PortBindings = { [`${containerPort}/tcp`]: [{ HostIp: "127.0.0.1", HostPort: String(port) }] };
    return this;
  }
}

/**
 * Starts a server's container and resolves when it answers. Its port on the host stays its own until it is removed.
 * @throws with the server, its image and the last lines that it wrote; nothing is left then
 */
export async function startContainer(
  define: (port: number) => ServerDefinition,
  { onDeath = tellDeath, choosePort = hostPort }: StartOptions = {},
): Promise<{ server: Server; port: number }> {
  for (let attempt = 1; ; attempt++) {
    const port = await choosePort();
    const definition = define(port);
    try {
      return { server: await start(definition, port, onDeath), port };
    } catch (error) {
      // Between the look and the start another program can take the port.
      const isTaken = /address already in use|port is already allocated/.test((error as Error).message);
      if (!isTaken || attempt === portAttempts) throw error;
    }
  }
}

async function start(definition: ServerDefinition, port: number, onDeath: (message: string) => void): Promise<Server> {
  const engine = await containerEngine();
  const { dockerode } = engine.container;
  const image = imageOf(definition.image);
  const label = { "weft.testkit.start": `${definition.name}-${port}-${performance.now()}` };
  const what = `${definition.name} (image ${image})`;
  let isExpected = true;

  const container = new LoopbackContainer(image)
    .withLabels({ ...ownLabels(definition.name), ...label })
    .withEnvironment(definition.environment ?? {})
    .withWaitStrategy({
      waitUntilReady: ({ id }) => untilReady(id),
      withStartupTimeout() {
        return this;
      },
      isStartupTimeoutSet: () => true,
      getStartupTimeout: () => startTimeoutMs,
    });
  if (definition.command) container.withCommand(definition.command);
  if (definition.containerPort) container.mapped(definition.containerPort, port);
  else container.withNetworkMode("host");
  if (definition.network) {
    container.withNetworkMode(definition.network.name).withNetworkAliases(definition.network.alias);
  }

  async function untilReady(id: string): Promise<void> {
    const until = performance.now() + startTimeoutMs;
    for (;;) {
      if (await definition.answers().catch(() => false)) return;
      const ended = await endOf(id);
      if (ended) throw new Error(`${what} ${ended}`);
      if (performance.now() > until)
        throw new Error(`${what} did not answer within ${startTimeoutMs / 1000} s${await told(id)}`);
      await sleep(100);
    }
  }

  /** How a container ended, with its last lines; nothing while it runs, or where it never did. */
  async function endOf(id: string): Promise<string | undefined> {
    const { State } = await dockerode.getContainer(id).inspect();
    if (State.Running || State.Status === "created") return undefined;
    return `ended with code ${State.ExitCode}${State.OOMKilled ? ", out of memory" : ""}${await told(id)}`;
  }

  const lastLines = async (id: string) =>
    plainLines(await dockerode.getContainer(id).logs({ stdout: true, stderr: true, tail: toldLines }));
  const told = async (id: string) => {
    const lines = await lastLines(id).catch(() => []);
    return lines.length === 0 ? "; it wrote nothing" : `; its last lines:\n${lines.map((l) => `  ${l}`).join("\n")}`;
  };

  let started: StartedTestContainer;
  try {
    started = await container.start();
  } catch (error) {
    // What ended while it was waited for says more than the wait does.
    const [left] = await labelledContainers(label);
    const ended = left && (await endOf(left.Id));
    await removeLabelled(label);
    throw ended ? new Error(`${what} ${ended}`, { cause: error }) : couldNotStart(what, definition.image, error);
  }
  const id = started.getId();
  const handle = dockerode.getContainer(id);
  isExpected = false;
  watch();

  /** Tells when the container ends by itself. Ends with it, so there is one for each time that it runs. */
  function watch(): void {
    void handle.wait().then(
      async ({ StatusCode }: { StatusCode: number }) => {
        if (!isExpected) onDeath(`${what} ended with code ${StatusCode} during the run${await told(id)}`);
      },
      () => {},
    );
  }

  const server: Server = {
    name: definition.name,
    lastLines: () => lastLines(id),
    async halt(how: Halt = "orderly") {
      isExpected = true;
      const ended = handle.wait({ condition: "not-running" });
      if (how === "orderly") await handle.stop({ t: 20 });
      else await handle.kill({ signal: definition.immediateSignal ?? "SIGKILL" });
      await ended;
    },
    async start() {
      await handle.start();
      await untilReady(id);
      isExpected = false;
      watch();
    },
    async restart(how) {
      await server.halt(how);
      await server.start();
    },
    freeze: () => handle.pause(),
    thaw: () => handle.unpause(),
    async remove() {
      isExpected = true;
      await removeLabelled(label);
    },
  };
  return server;

  function labelledContainers(labels: Record<string, string>) {
    const [filter] = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
    return dockerode.listContainers({ all: true, filters: { label: [filter!] } });
  }

  async function removeLabelled(labels: Record<string, string>): Promise<void> {
    for (const { Id } of await labelledContainers(labels)) {
      await dockerode
        .getContainer(Id)
        .remove({ force: true, v: true })
        .catch((error: { statusCode?: number }) => {
          if (error.statusCode !== 404) throw error;
        });
    }
  }
}

function couldNotStart(what: string, variable: ImageVariable, cause: unknown): Error {
  const { message } = cause as Error;
  if (message.startsWith(what)) return cause as Error;
  const isImage = /no such image|pull access denied|manifest|not found|dial tcp|no basic auth|TLS handshake/i.test(
    message,
  );
  const way = isImage
    ? `its image cannot be had: ${message.trim()}. Pull or build it, or name another one with ${variable}`
    : message.trim();
  return new Error(`${what} did not start: ${way}`, { cause });
}

function tellDeath(message: string): void {
  process.stderr.write(`${message}\n`);
}

/** A log as the engine gives it: eight bytes before each piece say which stream it is of and how long. */
function plainLines(log: Buffer): string[] {
  let text = "";
  for (let at = 0; at + 8 <= log.length; ) {
    const size = log.readUInt32BE(at + 4);
    text += log.toString("utf8", at + 8, at + 8 + size);
    at += 8 + size;
  }
  return text.split("\n").filter((line) => line.trim() !== "");
}
