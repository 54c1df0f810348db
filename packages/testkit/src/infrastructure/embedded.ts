import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type EmbeddedProcess, type EmbeddedServerName, spawnEmbedded } from "@weft/embedded";
import { hostPort } from "./host-port.ts";
import type { Infrastructure, InfrastructureOptions, Server } from "./server.ts";

const keptLines = 12;

/** The embedded servers, each a process with a folder of its own, as containers would be. */
export async function startEmbedded({ brokers = 1 }: InfrastructureOptions): Promise<Infrastructure> {
  if (brokers !== 1) throw new Error("the embedded broker is a cluster of one: three brokers are for containers");
  const root = mkdtempSync(join(tmpdir(), "weft-infrastructure-"));
  const removals: (() => Promise<void>)[] = [];
  const stop = async () => {
    await Promise.all(removals.splice(0).map((remove) => remove()));
    rmSync(root, { recursive: true, force: true });
  };
  const begin = async (name: EmbeddedServerName) => {
    const started = await startServer(name, join(root, name));
    removals.push(() => started.remove());
    return started;
  };
  const starting = [begin("kafka"), begin("consul"), begin("schema-registry"), begin("postgres")] as const;
  try {
    const [kafka, consul, schemaRegistry, postgres] = await Promise.all(starting);
    return {
      kind: "embedded",
      kafka: { brokers: [kafka.url], servers: [kafka] },
      consul: {
        ...consul,
        async restartEmpty() {
          await consul.halt("immediate");
          consul.forget();
          await consul.start();
        },
      },
      schemaRegistry,
      postgres,
      stop,
    };
  } catch (error) {
    await Promise.allSettled(starting);
    await stop();
    throw error;
  }
}

async function startServer(
  name: EmbeddedServerName,
  dataDir: string,
): Promise<Server & { url: string; forget(): void }> {
  const port = await hostPort();
  const lines: string[] = [];
  const onLine = (line: string) => {
    if (lines.push(line) > keptLines) lines.shift();
  };
  const spawn = () => spawnEmbedded(name, { dataDir, port, onLine });
  let running: EmbeddedProcess = await spawn();
  const server: Server = {
    name,
    async lastLines() {
      return [...lines];
    },
    async halt(how = "orderly") {
      if (how === "orderly") return running.stop();
      process.kill(running.pid, name === "postgres" ? "SIGQUIT" : "SIGKILL");
      await running.exited;
    },
    async start() {
      running = await spawn();
    },
    async restart(how) {
      await server.halt(how);
      await server.start();
    },
    async freeze() {
      process.kill(running.pid, "SIGSTOP");
    },
    async thaw() {
      process.kill(running.pid, "SIGCONT");
    },
    remove: () => running.stop(),
  };
  return { ...server, url: running.url, forget: () => rmSync(dataDir, { recursive: true, force: true }) };
}
