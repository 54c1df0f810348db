import net from "node:net";
import tls from "node:tls";
import type { Logger } from "@weft/core";
import type { ISocketFactory, Kafka, LogEntry, RetryOptions } from "kafkajs";
import kafkajs from "kafkajs";
import { patchFetchWait } from "./fetch-wait-patch.ts";
import type { KafkaSettings } from "./options.ts";
import { patchRecords } from "./records-patch.ts";
import { patchRequestQueue } from "./request-queue-patch.ts";

/** kafkajs has other defaults under NODE_ENV=test; these are the same everywhere. All repeats together stay below 2 s. */
export const retry = {
  initialRetryTime: 100,
  maxRetryTime: 1000,
  multiplier: 2,
  factor: 0.2,
  retries: 3,
} satisfies RetryOptions;

/** One kafkajs client with sockets of its own, so that it can be given up for good: kafkajs alone never lets go of a hung one. */
export interface KafkaConnection {
  readonly kafka: Kafka;
  /** Cuts every socket and opens none again, so that nothing this client still repeats can reach a broker. */
  destroy(): void;
}

export interface ConnectOptions {
  /** Sees every line that kafkajs logs, before it is filtered. */
  onLog?: (message: string, entry: Record<string, unknown>) => void;
}

export function connectKafka(log: Logger, settings: KafkaSettings, { onLog }: ConnectOptions = {}): KafkaConnection {
  patchRequestQueue();
  patchFetchWait();
  patchRecords();
  const sockets = new Set<net.Socket>();
  let isDestroyed = false;
  const socketFactory: ISocketFactory = ({ host, port, ssl, onConnect }) => {
    if (isDestroyed) throw new Error("this client was given up");
    const socket = ssl
      ? tls.connect({ host, port, ...(net.isIP(host) ? {} : { servername: host }), ...ssl }, onConnect)
      : net.connect({ host, port }, onConnect);
    socket.setKeepAlive(true, 10_000);
    socket.setNoDelay(true);
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    return socket;
  };
  const write = quietLog(log);
  const kafka = new kafkajs.Kafka({
    brokers: settings.brokers,
    clientId: settings.clientId,
    ...(settings.tls === undefined ? {} : { ssl: settings.tls }),
    ...(settings.sasl === undefined ? {} : { sasl: settings.sasl as KafkaSasl }),
    connectionTimeout: settings.connectTimeoutMs,
    authenticationTimeout: settings.requestTimeoutMs,
    requestTimeout: settings.requestTimeoutMs,
    enforceRequestTimeout: true,
    retry,
    socketFactory,
    logLevel: kafkajs.logLevel.INFO,
    logCreator: () => (entry: LogEntry) => {
      const { message, timestamp, logger, stack, ...rest } = entry.log;
      onLog?.(message, rest);
      if (!isDestroyed) write(entry.level, entry.namespace, message, rest);
    },
  });
  return {
    kafka,
    destroy() {
      isDestroyed = true;
      for (const socket of sockets) socket.destroy(new Error("this client was given up"));
      sockets.clear();
    },
  };
}

type KafkaSasl = NonNullable<ConstructorParameters<typeof Kafka>[0]["sasl"]>;

const quietMs = 5000;
const quietEntries = 100;
const notWorthSaying = /^(Limiting retries for the idempotent producer|There is no leader|Response without match)/;
/** Answers of a cluster that comes up; the same question is asked again, and what fails in the end is said by whoever asked. */
const isComingUp = /coordinator is (loading|not available)|not the correct coordinator/i;

/**
 * What kafkajs calls an error is nearly always one attempt of several, so its lines go out one level lower, and each text
 * once in 5 s: an outage would fill the log otherwise.
 */
function quietLog(log: Logger) {
  const lastSaid = new Map<string, number>();
  return (level: number, namespace: string, message: string, details: Record<string, unknown>) => {
    if (notWorthSaying.test(message)) return;
    if (message.startsWith("Response ") && isComingUp.test(String(details.error))) return;
    const text = `kafkajs: ${message}`;
    const now = performance.now();
    if ((lastSaid.get(text) ?? Number.NEGATIVE_INFINITY) > now - quietMs) return;
    if (lastSaid.size >= quietEntries) lastSaid.clear();
    lastSaid.set(text, now);
    const fields = { part: namespace, ...details };
    if (level <= kafkajs.logLevel.ERROR) log.warn(fields, text);
    else if (level <= kafkajs.logLevel.WARN) log.info(fields, text);
    else log.debug(fields, text);
  };
}
