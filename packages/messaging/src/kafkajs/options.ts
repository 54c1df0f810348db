import { option, type TlsOptions, takeOptions } from "@weft/core";

const saslMechanisms = ["plain", "scram-sha-256", "scram-sha-512"] as const;
type SaslMechanism = (typeof saslMechanisms)[number];

export interface KafkaBrokerOptions {
  /** `host:port` of some brokers; the others are learnt from them. */
  brokers: string[];
  /** How this process is called in the brokers' logs and quotas. */
  clientId: string;
  /** `{}` is TLS with the authorities that Node brings. @defaultValue no TLS */
  tls?: TlsOptions;
  sasl?: { mechanism: SaslMechanism; username: string; password: string };
  /** How long `start` waits for a first answer, in milliseconds; 0 waits until `stop`. @defaultValue 0 */
  startTimeoutMs?: number;
  /** Longest time to open a connection, in milliseconds. @defaultValue 1000 */
  connectTimeoutMs?: number;
  /** Longest time for one request, and for one `send` with all that it repeats, in milliseconds. @defaultValue 10000 */
  requestTimeoutMs?: number;
  /** Most bytes of records in one produce request; brokers refuse batches of more than 1,048,588 by default. @defaultValue 900000 */
  maxRequestBytes?: number;
  /** Calls of `send` that may wait for their turn; more are refused as unavailable. @defaultValue 1000 */
  maxWaitingSends?: number;
  /** A member that says nothing for so long has lost its partitions, in milliseconds. @defaultValue 10000 */
  sessionTimeoutMs?: number;
  /** @defaultValue 3000 */
  heartbeatMs?: number;
  /** How long the cluster waits for members to come back in a rebalance, in milliseconds. @defaultValue 30000 */
  rebalanceTimeoutMs?: number;
  /** How long a sink may take to give partitions back, in milliseconds; less than the rebalance timeout. @defaultValue 10000 */
  revokeTimeoutMs?: number;
  /**
   * How long a fetch waits where there is nothing new, in milliseconds; 100 at most while partitions are paused, which is the
   * longest delay of one that is resumed. A stop and a rebalance wait for the fetch that is under way. @defaultValue 500
   */
  fetchWaitMs?: number;
}

export type KafkaSettings = Required<Omit<KafkaBrokerOptions, "tls" | "sasl">> &
  Pick<KafkaBrokerOptions, "tls" | "sasl">;

const rules = {
  clientId: option.text(),
  startTimeoutMs: option.milliseconds(0, { from: 0 }),
  connectTimeoutMs: option.milliseconds(1000),
  requestTimeoutMs: option.milliseconds(10_000),
  maxRequestBytes: option.count(900_000),
  maxWaitingSends: option.count(1000),
  sessionTimeoutMs: option.milliseconds(10_000),
  heartbeatMs: option.milliseconds(3000),
  rebalanceTimeoutMs: option.milliseconds(30_000),
  revokeTimeoutMs: option.milliseconds(10_000),
  fetchWaitMs: option.milliseconds(500),
};

/** @throws OptionsInvalid naming every wrong field */
export function settingsOf(options: KafkaBrokerOptions): KafkaSettings {
  return takeOptions("the Kafka configuration", rules, options, (settings, wrong) => {
    const { brokers, tls, sasl } = settings;
    if (!Array.isArray(brokers) || brokers.length === 0) wrong("brokers", "must name at least one broker as host:port");
    else if (!brokers.every((broker) => typeof broker === "string" && /^.+:\d{1,5}$/.test(broker))) {
      wrong("brokers", "must each be host:port");
    }
    if (tls && (tls.cert === undefined) !== (tls.key === undefined)) wrong("tls", "needs cert and key together");
    if (sasl && !saslMechanisms.includes(sasl.mechanism)) {
      wrong("sasl.mechanism", `must be one of ${saslMechanisms.join(", ")}`);
    }
    if (sasl && !sasl.username) wrong("sasl.username", "must not be empty");
    if (sasl && !sasl.password) wrong("sasl.password", "must not be empty");
    if (settings.heartbeatMs * 2 > settings.sessionTimeoutMs) {
      wrong("heartbeatMs", "must fit twice into sessionTimeoutMs");
    }
    if (settings.revokeTimeoutMs >= settings.rebalanceTimeoutMs) {
      wrong("revokeTimeoutMs", "must be less than rebalanceTimeoutMs");
    }
  });
}

/** What kafkajs is told of a member of a group, whoever the member is. */
export const membership = (group: string, settings: KafkaSettings) => ({
  groupId: group,
  sessionTimeout: settings.sessionTimeoutMs,
  heartbeatInterval: settings.heartbeatMs,
  rebalanceTimeout: settings.rebalanceTimeoutMs,
  maxWaitTimeInMs: settings.fetchWaitMs,
  allowAutoTopicCreation: false,
});
