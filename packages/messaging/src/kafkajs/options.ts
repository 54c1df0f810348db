import { type FieldErrors, type TlsOptions, ValidationFailed, withDefaults } from "@weft/core";

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

const defaults = {
  startTimeoutMs: 0,
  connectTimeoutMs: 1000,
  requestTimeoutMs: 10_000,
  maxRequestBytes: 900_000,
  maxWaitingSends: 1000,
  sessionTimeoutMs: 10_000,
  heartbeatMs: 3000,
  rebalanceTimeoutMs: 30_000,
  revokeTimeoutMs: 10_000,
  fetchWaitMs: 500,
} satisfies Omit<KafkaSettings, "brokers" | "clientId" | "tls" | "sasl">;

const wholeNumbers = Object.keys(defaults) as (keyof typeof defaults)[];

/** @throws ValidationFailed naming every wrong field */
export function settingsOf(options: KafkaBrokerOptions): KafkaSettings {
  const settings: KafkaSettings = withDefaults(defaults, options);
  const fieldErrors: FieldErrors = {};
  if (!Array.isArray(settings.brokers) || settings.brokers.length === 0) {
    fieldErrors.brokers = "must name at least one broker as host:port";
  } else if (!settings.brokers.every((broker) => typeof broker === "string" && /^.+:\d{1,5}$/.test(broker))) {
    fieldErrors.brokers = "must each be host:port";
  }
  if (!settings.clientId) fieldErrors.clientId = "must not be empty";
  const { tls, sasl } = settings;
  if (tls && (tls.cert === undefined) !== (tls.key === undefined)) fieldErrors.tls = "needs cert and key together";
  if (sasl && !saslMechanisms.includes(sasl.mechanism)) {
    fieldErrors["sasl.mechanism"] = `must be one of ${saslMechanisms.join(", ")}`;
  }
  if (sasl && !sasl.username) fieldErrors["sasl.username"] = "must not be empty";
  if (sasl && !sasl.password) fieldErrors["sasl.password"] = "must not be empty";
  for (const name of wholeNumbers) {
    const least = name === "startTimeoutMs" ? 0 : 1;
    if (!Number.isInteger(settings[name]) || settings[name] < least) {
      fieldErrors[name] = `must be a whole number from ${least}`;
    }
  }
  if (settings.heartbeatMs * 2 > settings.sessionTimeoutMs)
    fieldErrors.heartbeatMs ??= "must fit twice into sessionTimeoutMs";
  if (settings.revokeTimeoutMs >= settings.rebalanceTimeoutMs) {
    fieldErrors.revokeTimeoutMs ??= "must be less than rebalanceTimeoutMs";
  }
  if (Object.keys(fieldErrors).length > 0) throw new ValidationFailed({ fieldErrors, what: "the Kafka configuration" });
  return settings;
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
