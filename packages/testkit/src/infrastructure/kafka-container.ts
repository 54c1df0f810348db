import { randomUUID } from "node:crypto";
import { connect } from "node:net";
import { type StartOptions, startContainer } from "./container.ts";
import { containerEngine } from "./engine.ts";
import { ownLabels } from "./owner.ts";
import type { KafkaCluster, Server } from "./server.ts";

/** Any will do; all brokers of a cluster have the same. */
const clusterId = "d2VmdC10ZXN0a2l0LWthZg";
const ports = { clients: 9092, controller: 9093, brokers: 19_092 };

/**
 * A broker that lives for minutes is not worth the second compiler, which takes the processor from everything beside it. One
 * that has nothing to do writes nothing to its metadata log, where Kafka writes twice a second: a third of what it takes then.
 */
export const frugalKafka = {
  KAFKA_HEAP_OPTS: "-Xms192m -Xmx512m",
  KAFKA_JVM_PERFORMANCE_OPTS: "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Djava.awt.headless=true",
  KAFKA_METADATA_MAX_IDLE_INTERVAL_MS: "0",
};

/**
 * Apache Kafka without ZooKeeper, each node broker and controller. Three of them elect a new leader when one dies, and
 * `acks=all` then means two.
 */
export async function kafkaContainers(
  { brokers: count = 1 }: { brokers?: 1 | 3 } = {},
  options: StartOptions = {},
): Promise<KafkaCluster & { remove(): Promise<void> }> {
  const network = count === 1 ? undefined : await newNetwork("kafka");
  const nodes = Array.from({ length: count }, (_, index) => index + 1);
  const host = (node: number) => (network ? `kafka-${node}` : "localhost");
  const results = await Promise.allSettled(
    nodes.map((node) =>
      startContainer(
        (port) => ({
          name: count === 1 ? "kafka" : `kafka-${node}`,
          image: "WEFT_IMAGE_KAFKA",
          containerPort: ports.clients,
          ...(network ? { network: { name: network.name, alias: host(node) } } : {}),
          environment: {
            CLUSTER_ID: clusterId,
            KAFKA_NODE_ID: String(node),
            KAFKA_PROCESS_ROLES: "broker,controller",
            KAFKA_CONTROLLER_QUORUM_VOTERS: nodes.map((n) => `${n}@${host(n)}:${ports.controller}`).join(","),
            KAFKA_LISTENERS: `CLIENTS://:${ports.clients},BROKERS://:${ports.brokers},CONTROLLER://:${ports.controller}`,
            KAFKA_ADVERTISED_LISTENERS: `CLIENTS://127.0.0.1:${port},BROKERS://${host(node)}:${ports.brokers}`,
            KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: "CLIENTS:PLAINTEXT,BROKERS:PLAINTEXT,CONTROLLER:PLAINTEXT",
            KAFKA_INTER_BROKER_LISTENER_NAME: "BROKERS",
            KAFKA_CONTROLLER_LISTENER_NAMES: "CONTROLLER",
            KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: String(count),
            KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: String(count),
            KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: String(Math.ceil(count / 2)),
            KAFKA_MIN_INSYNC_REPLICAS: String(Math.ceil(count / 2)),
            // A consumer's offsets in few partitions: a broker that starts has less to load.
            KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS: "5",
            KAFKA_TRANSACTION_STATE_LOG_NUM_PARTITIONS: "5",
            KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: "0",
            KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS: "1000",
            // A test cannot wait five minutes until a broker looks at what is too old.
            KAFKA_LOG_RETENTION_CHECK_INTERVAL_MS: "1000",
            KAFKA_LOG_CLEANER_BACKOFF_MS: "500",
            KAFKA_LOG_INITIAL_TASK_DELAY_MS: "500",
            ...frugalKafka,
          },
          answers: () => accepts(port),
        }),
        options,
      ),
    ),
  );
  const servers = results.flatMap((result) => (result.status === "fulfilled" ? [result.value.server] : []));
  const remove = async () => {
    await Promise.all(servers.map((server: Server) => server.remove()));
    await network?.remove();
  };
  const failed = results.find((result) => result.status === "rejected");
  if (failed) {
    await remove();
    throw failed.reason;
  }
  const brokers = results.flatMap((result) =>
    result.status === "fulfilled" ? [`127.0.0.1:${result.value.port}`] : [],
  );
  return { brokers, servers, remove };
}

async function newNetwork(server: string): Promise<{ name: string; remove(): Promise<void> }> {
  const { network } = await containerEngine();
  const name = `weft-${randomUUID().slice(0, 13)}`;
  const made = await network.create({ Name: name, Driver: "bridge", Labels: ownLabels(server) });
  return { name, remove: () => network.remove(made) };
}

/**
 * A broker that answers a question about its API versions: the engine's own proxy accepts connections long before.
 */
function accepts(port: number): Promise<boolean> {
  // ApiVersions v0, correlation id 1, client id "ready".
  const request = Buffer.from([0, 0, 0, 15, 0, 18, 0, 0, 0, 0, 0, 1, 0, 5, ...Buffer.from("ready")]);
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(request));
    const end = (answered: boolean) => {
      socket.destroy();
      resolve(answered);
    };
    socket.setTimeout(2_000, () => end(false));
    socket.once("data", () => end(true));
    socket.once("error", () => end(false));
    socket.once("close", () => end(false));
  });
}
