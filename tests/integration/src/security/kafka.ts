import { frugalKafka, hostPort } from "@weft/testkit/infrastructure";
import type { StartedTestContainer } from "testcontainers";
import { Wait } from "testcontainers";
import type { Authority } from "./certificates.ts";
import { inContainer, secured } from "./containers.ts";

/** One broker, a listener for each way to come in. */
const listeners = {
  PLAIN: { port: 9092, protocol: "SASL_PLAINTEXT" },
  SCRAM: { port: 9093, protocol: "SASL_SSL" },
  TLS: { port: 9094, protocol: "SSL" },
  MTLS: { port: 9095, protocol: "SSL" },
  EXPIRED: { port: 9096, protocol: "SSL" },
} as const;
type Listener = keyof typeof listeners;
const names = Object.keys(listeners) as Listener[];
const internalPort = 19_092;

export const kafkaUser = { username: "weft", password: "kafka-canary-7Qe" };

export interface SecuredKafka {
  readonly container: StartedTestContainer;
  /** `host:port`, to be found under `host` first and under 127.0.0.1 afterwards. */
  brokers(listener: Listener, host?: string): string;
  /** One mechanism at a time, as Kafka wants it. */
  setScramPassword(mechanism: "SCRAM-SHA-256" | "SCRAM-SHA-512", username: string, password: string): Promise<void>;
}

export async function securedKafka(authority: Authority): Promise<SecuredKafka> {
  const ports = await Promise.all(names.map(() => hostPort()));
  const portOf = (listener: Listener) => ports[names.indexOf(listener)]!;
  const hosts = ["127.0.0.1"];
  const right = await authority.issue("kafka", { hosts: [...hosts, "kafka.test"] });
  const expired = await authority.issue("kafka", { hosts, isExpired: true });
  const folder = "/opt/kafka/certificates";
  const stores = (listener: Listener, keystore: string, more: Record<string, string> = {}) =>
    Object.fromEntries(
      Object.entries({
        SSL_KEYSTORE_TYPE: "PEM",
        SSL_KEYSTORE_LOCATION: `${folder}/${keystore}.pem`,
        SSL_TRUSTSTORE_TYPE: "PEM",
        SSL_TRUSTSTORE_LOCATION: `${folder}/ca.pem`,
        ...more,
      }).map(([name, value]) => [`KAFKA_LISTENER_NAME_${listener}_${name}`, value]),
    );
  const plainModule = "org.apache.kafka.common.security.plain.PlainLoginModule";
  const scramModule = "org.apache.kafka.common.security.scram.ScramLoginModule";
  const container = await secured("WEFT_IMAGE_KAFKA")
    .withExposedPorts(...names.map((name) => ({ container: listeners[name].port, host: portOf(name) })))
    .withCopyContentToContainer(
      inContainer({
        [`${folder}/right.pem`]: right.key + right.cert,
        [`${folder}/expired.pem`]: expired.key + expired.cert,
        [`${folder}/ca.pem`]: authority.ca,
      }),
    )
    .withEnvironment({
      CLUSTER_ID: "d2VmdC1zZWN1cml0eS10ZQ",
      KAFKA_NODE_ID: "1",
      KAFKA_PROCESS_ROLES: "broker,controller",
      KAFKA_CONTROLLER_QUORUM_VOTERS: "1@localhost:29093",
      KAFKA_LISTENERS: [
        ...names.map((name) => `${name}://:${listeners[name].port}`),
        `INTERNAL://:${internalPort}`,
        "CONTROLLER://:29093",
      ].join(","),
      KAFKA_ADVERTISED_LISTENERS: [
        ...names.map((name) => `${name}://127.0.0.1:${portOf(name)}`),
        `INTERNAL://localhost:${internalPort}`,
      ].join(","),
      KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: [
        ...names.map((name) => `${name}:${listeners[name].protocol}`),
        "INTERNAL:PLAINTEXT",
        "CONTROLLER:PLAINTEXT",
      ].join(","),
      KAFKA_INTER_BROKER_LISTENER_NAME: "INTERNAL",
      KAFKA_CONTROLLER_LISTENER_NAMES: "CONTROLLER",
      KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: "1",
      KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS: "1",
      KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: "1",
      KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: "1",
      KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: "0",
      ...frugalKafka,
      KAFKA_SASL_ENABLED_MECHANISMS: "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
      KAFKA_LISTENER_NAME_PLAIN_SASL_ENABLED_MECHANISMS: "PLAIN",
      KAFKA_LISTENER_NAME_PLAIN_PLAIN_SASL_JAAS_CONFIG: `${plainModule} required user_${kafkaUser.username}="${kafkaUser.password}";`,
      KAFKA_LISTENER_NAME_SCRAM_SASL_ENABLED_MECHANISMS: "SCRAM-SHA-256,SCRAM-SHA-512",
      KAFKA_LISTENER_NAME_SCRAM_SCRAM___SHA___256_SASL_JAAS_CONFIG: `${scramModule} required;`,
      KAFKA_LISTENER_NAME_SCRAM_SCRAM___SHA___512_SASL_JAAS_CONFIG: `${scramModule} required;`,
      ...stores("SCRAM", "right"),
      ...stores("TLS", "right", { SSL_CLIENT_AUTH: "none" }),
      ...stores("MTLS", "right", { SSL_CLIENT_AUTH: "required" }),
      ...stores("EXPIRED", "expired"),
    })
    .withWaitStrategy(Wait.forLogMessage(/Kafka Server started/))
    .withStartupTimeout(120_000)
    .start();
  return {
    container,
    brokers: (listener, host = "127.0.0.1") => `${host}:${portOf(listener)}`,
    async setScramPassword(mechanism, username, password) {
      const { exitCode, output } = await container.exec([
        "/opt/kafka/bin/kafka-configs.sh",
        ...["--bootstrap-server", `localhost:${internalPort}`, "--alter"],
        ...["--entity-type", "users", "--entity-name", username, "--add-config", `${mechanism}=[password=${password}]`],
      ]);
      if (exitCode !== 0) throw new Error(`kafka-configs.sh ended with ${exitCode}: ${output}`);
    },
  };
}
