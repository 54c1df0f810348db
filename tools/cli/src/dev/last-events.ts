import { decodeWire, eventHeaders, topics } from "@weft/contracts";
import { silentLogger } from "@weft/core";
import { type IncomingRecord, lastHeader } from "@weft/messaging";
import { kafkaBroker } from "@weft/messaging/kafkajs";
import { connectionsAt } from "../connections.ts";
import type { OverviewEvent } from "./overview.ts";

const kept = 50;

/** Reads along on every event topic, from now on, and keeps the newest. */
export async function followEvents(brokers: string[]): Promise<{ newest(): OverviewEvent[]; stop(): Promise<void> }> {
  const connection = connectionsAt({ WEFT_KAFKA_BROKERS: brokers.join(",") }, "weft-overview");
  const broker = kafkaBroker({ log: silentLogger }, connection.kafka());
  await broker.start();
  const events: OverviewEvent[] = [];
  const eventTopics = topics.map(({ name }) => name).filter((name) => name.endsWith(".events"));
  const tail = await broker.tail({ topics: eventTopics, from: "end" }, (record) => {
    events.unshift(describe(record));
    events.length = Math.min(events.length, kept);
  });
  return {
    newest: () => events,
    async stop() {
      await tail.stop();
      await broker.stop();
    },
  };
}

function describe(record: IncomingRecord): OverviewEvent {
  const header = (name: string) => lastHeader(record.headers, name) ?? "";
  const decoded = record.value ? decodeWire(record.value) : undefined;
  const envelope = (decoded?.ok ? decoded.json : {}) as { eventType?: unknown; source?: unknown };
  return {
    timestamp: new Date(record.timestampMs).toISOString(),
    topic: record.topic,
    key: record.key?.toString("utf8") ?? "",
    eventType: header(eventHeaders.eventType) || String(envelope.eventType ?? "?"),
    source: header(eventHeaders.source) || String(envelope.source ?? "?"),
    correlationId: header(eventHeaders.correlationId),
  };
}
