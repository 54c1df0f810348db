import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import type { Logger } from "@weft/core";
import { type DataDirectory, openDataDirectory } from "../data-directory.ts";
import { fileError, listenError } from "../errors.ts";
import type { EmbeddedServer } from "../server.ts";
import { nodeDisk } from "./log/disk.ts";
import { type BrokerSettings, type EmbeddedKafkaOptions, parseAddress, settingsOf } from "./options.ts";
import { serveConnection } from "./server/connection.ts";
import type { Broker, Handlers } from "./server/context.ts";
import { configHandlers } from "./server/handlers/configs.ts";
import { fetchHandlers } from "./server/handlers/fetch.ts";
import { groupHandlers } from "./server/handlers/groups.ts";
import { listOffsetsHandlers } from "./server/handlers/list-offsets.ts";
import { metadataHandlers } from "./server/handlers/metadata.ts";
import { offsetHandlers } from "./server/handlers/offsets.ts";
import { produceHandlers } from "./server/handlers/produce.ts";
import { topicHandlers } from "./server/handlers/topics.ts";
import { transactionHandlers } from "./server/handlers/transactions.ts";
import { Cluster } from "./state/cluster.ts";
import { Coordinator } from "./state/coordinator.ts";
import { Housekeeping } from "./state/housekeeping.ts";
import { OffsetStore } from "./state/offsets.ts";
import { Transactions } from "./state/transactions.ts";

export interface EmbeddedKafka extends EmbeddedServer {
  /** Where it listens. After start. */
  readonly address: { host: string; port: number };
}

const nodeId = 1;
/** Grows with every change of what is written to the data directory that an older version cannot read. */
const dataFormat = { server: "kafka", version: 1 };

interface Running {
  directory: DataDirectory;
  server: Server;
  sockets: Set<Socket>;
  broker: Broker;
  housekeeping: Housekeeping;
  address: { host: string; port: number };
}

/**
 * A Kafka broker for development and tests: one node that speaks the Kafka protocol over TCP and keeps its records in segment
 * files. An acknowledged record is with the operating system: `kill -9` loses none. No SASL, no TLS.
 *
 * @throws OptionsInvalid naming every option that is wrong
 * `start` throws EmbeddedPortInUse, EmbeddedDataDirectoryInUse, EmbeddedDataDirectoryUnusable, EmbeddedDataFormat, EmbeddedNoSpace.
 */
export function embeddedKafka({ log }: { log: Logger }, options: EmbeddedKafkaOptions): EmbeddedKafka {
  const settings = settingsOf(options);
  let running: Running | undefined;

  return {
    name: "kafka",
    get address() {
      if (!running) throw new Error("the embedded Kafka has not been started");
      return running.address;
    },
    async start() {
      running ??= await startBroker(log, settings);
    },
    async stop() {
      const stopped = running;
      running = undefined;
      if (stopped) await stopBroker(stopped);
    },
  };
}

async function startBroker(log: Logger, settings: BrokerSettings): Promise<Running> {
  const directory = openDataDirectory(settings.dataDir, dataFormat);
  const cluster = new Cluster({ disk: nodeDisk, log }, settings);
  const offsets = new OffsetStore(
    { disk: nodeDisk, log },
    { path: join(settings.dataDir, "offsets.log"), fsync: settings.fsync },
  );
  const transactions = new Transactions(
    { disk: nodeDisk, cluster, offsets, log },
    { path: join(settings.dataDir, "transactions.log"), settings },
  );
  try {
    cluster.open();
    offsets.open();
    transactions.open();
    const coordinator = new Coordinator({ offsets }, settings);
    const node = { id: nodeId, host: "", port: 0 };
    const broker: Broker = { cluster, offsets, coordinator, transactions, settings, log, node };
    const sockets = new Set<Socket>();
    const server = createServer({ noDelay: true });
    server.maxConnections = settings.maxConnections;
    server.on("drop", () => log.warn({ limit: settings.maxConnections }, "refused a connection: there are too many"));
    // What clients are told depends on the port, so nobody is served before it is known.
    const address = await listen(server, settings);
    Object.assign(node, advertisedAddress(settings, address));
    const handlers = handlersOf(broker);
    server.on("connection", (socket) => {
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
      serveConnection({ socket, handlers, log }, settings);
    });
    const housekeeping = new Housekeeping({ cluster, log }, settings);
    housekeeping.start();
    return { directory, server, sockets, broker, housekeeping, address };
  } catch (error) {
    transactions.close();
    offsets.close();
    cluster.close();
    directory.release();
    throw fileError(error, settings.dataDir);
  }
}

const handlersOf = (broker: Broker): Handlers => ({
  ...metadataHandlers(broker),
  ...produceHandlers(broker),
  ...fetchHandlers(broker),
  ...listOffsetsHandlers(broker),
  ...groupHandlers(broker),
  ...offsetHandlers(broker),
  ...topicHandlers(broker),
  ...configHandlers(broker),
  ...transactionHandlers(broker),
});

function listen(server: Server, { host, port }: BrokerSettings): Promise<{ host: string; port: number }> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => reject(listenError(error, host, port)));
    server.listen({ host, port, exclusive: true }, () => {
      server.removeAllListeners("error");
      const bound = server.address();
      resolve({ host, port: typeof bound === "object" && bound ? bound.port : port });
    });
  });
}

function advertisedAddress({ advertised }: BrokerSettings, { host, port }: { host: string; port: number }) {
  if (advertised !== undefined) return parseAddress(advertised);
  // Nobody can connect to "any address"; this machine can connect to itself.
  return { host: host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host, port };
}

async function stopBroker({ server, sockets, broker, housekeeping, directory }: Running): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  broker.coordinator.close();
  for (const socket of sockets) socket.destroy();
  await closed;
  await housekeeping.stop();
  broker.transactions.close();
  broker.offsets.close();
  broker.cluster.close();
  directory.release();
}
