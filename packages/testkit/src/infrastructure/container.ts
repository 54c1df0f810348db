import type { Duplex } from "node:stream";
import { poll, retry } from "@weft/core";
import { type ContainerRuntimeClient, GenericContainer, type StartedTestContainer } from "testcontainers";
import { containerEngine } from "./engine.ts";
import { hostPort } from "./host-port.ts";
import { type ImageVariable, imageOf } from "./images.ts";
import { ownLabels, unlessGone } from "./owner.ts";
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
const freezeAttempts = 20;
const toldLines = 12;

type Handle = ReturnType<ContainerRuntimeClient["container"]["dockerode"]["getContainer"]>;

/** A server's container, which is this run's. One that does not start says which it was and what it wrote last, and is removed. */
export class ServerContainer extends GenericContainer {
  private readonly variable: ImageVariable;
  private readonly what: string;
  private readonly wrote: Buffer[] = [];
  private handle: Handle | undefined;
  private output: Duplex | undefined;

  constructor(name: string, variable: ImageVariable) {
    const image = imageOf(variable);
    super(image);
    this.variable = variable;
    this.what = `${name} (image ${image})`;
    this.withLabels(ownLabels(name));
  }

  /** The port map of testcontainers, on the loopback interface alone. */
  mapped(containerPort: number, port: number): this {
    this.withExposedPorts({ container: containerPort, host: port });
    this.hostConfig.PortBindings = { [`${containerPort}/tcp`]: [{ HostIp: "127.0.0.1", HostPort: String(port) }] };
    return this;
  }

  /** Listens before it runs: testcontainers may remove it, with its log, before it tells of a failure. */
  protected override async containerCreated(id: string): Promise<void> {
    this.handle = (await containerEngine()).container.dockerode.getContainer(id);
    this.output = (await this.handle.attach({ stream: true, stdout: true, stderr: true })) as Duplex;
    this.output.on("data", (chunk: Buffer) => this.wrote.push(chunk));
  }

  override async start(): Promise<StartedTestContainer> {
    try {
      return await super.start();
    } catch (error) {
      // How it ended says more than what was waited for.
      const ended = this.handle && (await endOf(this.handle).catch(() => undefined));
      await this.handle?.remove({ force: true, v: true }).catch(unlessGone);
      if (ended) throw new Error(`${this.what} ${ended}`, { cause: error });
      throw couldNotStart(this.what, this.variable, error, plainLines(Buffer.concat(this.wrote)));
    } finally {
      this.output?.destroy();
    }
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
  const what = `${definition.name} (image ${imageOf(definition.image)})`;
  let isExpected = true;

  const container = new ServerContainer(definition.name, definition.image)
    .withEnvironment(definition.environment ?? {})
    .withWaitStrategy({
      waitUntilReady: ({ id }) => untilReady(dockerode.getContainer(id)),
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

  async function untilReady(handle: Handle): Promise<void> {
    const isReady = await poll({ everyMs: 100, forMs: startTimeoutMs }, async () => {
      if (await definition.answers().catch(() => false)) return true;
      const ended = await endOf(handle);
      if (ended) throw new Error(`${what} ${ended}`);
      return undefined;
    });
    if (!isReady)
      throw new Error(`${what} did not answer within ${startTimeoutMs / 1000} s${told(await lastLines(handle))}`);
  }

  const handle = dockerode.getContainer((await container.start()).getId());
  isExpected = false;
  watch();

  /** Tells when the container ends by itself. Ends with it, so there is one for each time that it runs. */
  function watch(): void {
    void handle.wait().then(
      async ({ StatusCode }: { StatusCode: number }) => {
        if (!isExpected)
          onDeath(`${what} ended with code ${StatusCode} during the run${told(await lastLines(handle))}`);
      },
      () => {},
    );
  }

  const server: Server = {
    name: definition.name,
    lastLines: () => lastLines(handle),
    async halt(how: Halt = "orderly") {
      isExpected = true;
      const ended = handle.wait({ condition: "not-running" });
      if (how === "orderly") await handle.stop({ t: 20 });
      else await handle.kill({ signal: definition.immediateSignal ?? "SIGKILL" });
      await ended;
    },
    async start() {
      await handle.start();
      await untilReady(handle);
      isExpected = false;
      watch();
    },
    async restart(how) {
      await server.halt(how);
      await server.start();
    },
    freeze: () => freeze(handle),
    thaw: () => handle.unpause(),
    async remove() {
      isExpected = true;
      await handle.remove({ force: true, v: true }).catch(unlessGone);
    },
  };
  return server;
}

/** On cgroup v1 runc freezes by chance, and gives up where a process is just being made (opencontainers/runc#2791). */
async function freeze(handle: Handle): Promise<void> {
  const isChance = (error: unknown) => /unable to freeze/.test((error as Error).message);
  const policy = { firstMs: 100, maxMs: 100, floorMs: 100, attempts: freezeAttempts, mayRetry: isChance };
  await retry(policy, () => handle.pause());
}

/** How a container ended, with its last lines; nothing while it runs, or where it never did. */
async function endOf(handle: Handle): Promise<string | undefined> {
  const { State } = await handle.inspect();
  if (State.Running || State.Status === "created") return undefined;
  return `ended with code ${State.ExitCode}${State.OOMKilled ? ", out of memory" : ""}${told(await lastLines(handle))}`;
}

const lastLines = async (handle: Handle) =>
  plainLines(await handle.logs({ stdout: true, stderr: true, tail: toldLines }).catch(() => Buffer.alloc(0)));

const told = (lines: string[]) =>
  lines.length === 0 ? "; it wrote nothing" : `; its last lines:\n${lines.map((line) => `  ${line}`).join("\n")}`;

const imageFailure =
  /no such image|pull access denied|manifest|failed to resolve reference|repository \S+ not found|dial tcp|no basic auth|TLS handshake/i;

function couldNotStart(what: string, variable: ImageVariable, cause: unknown, lines: string[]): Error {
  const message = (cause as Error).message.trim();
  if (message.startsWith(what)) return cause as Error;
  const why = imageFailure.test(message)
    ? `its image cannot be had: ${message}. Pull or build it, or name another one with ${variable}`
    : `${message}${lines.length === 0 ? "" : told(lines.slice(-toldLines))}`;
  return new Error(`${what} did not start: ${why}`, { cause });
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
