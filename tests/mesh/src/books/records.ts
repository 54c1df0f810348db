import { decodeWire, type Envelope, type EventType, topics } from "@weft/contracts";
import { silentLogger } from "@weft/core";
import { lastHeader } from "@weft/messaging";
import { kafkaBroker } from "@weft/messaging/kafkajs";

/** An event as it lies on its topic. */
export interface BookedEvent<T extends EventType = EventType> {
  topic: string;
  partition: number;
  offset: bigint;
  key: string;
  sequence: number;
  /** The event that caused it, where one did. */
  causationId?: string;
  envelope: { [Type in T]: Envelope<Type> }[T];
}

export interface TopicContents {
  events: BookedEvent[];
  /** Records in all dead-letter topics. */
  deadLetters: number;
}

const idleMs = 15_000;

/** Everything that the topics hold now, each partition in its order. @throws where records stop coming before the end */
export async function readTopics(brokers: string[]): Promise<TopicContents> {
  const broker = kafkaBroker({ log: silentLogger }, { brokers, clientId: "books" });
  await broker.start();
  try {
    const events: BookedEvent[] = [];
    let deadLetters = 0;
    const expected = new Map<string, bigint>();
    for (const { name } of topics) {
      for (const { partition, first, next } of await broker.topicOffsets(name))
        if (next > first) expected.set(`${name}/${partition}`, next);
    }
    const names = [...new Set([...expected.keys()].map((place) => place.split("/")[0]!))];
    if (names.length === 0) return { events, deadLetters };
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(() => reject(new Error(`no record for ${idleMs} ms: ${[...expected.keys()]}`)), idleMs);
    const tail = await broker.tail({ topics: names, from: "beginning" }, (record) => {
      timer.refresh();
      const { topic, partition, offset, key, value, headers } = record;
      const place = `${topic}/${partition}`;
      const wanted = expected.get(place);
      if (topic.endsWith(".dlq")) deadLetters++;
      else {
        const decoded = decodeWire(value!);
        if (!decoded.ok) return reject(new Error(`${place}@${offset}: ${decoded.message}`));
        events.push({
          topic,
          partition,
          offset,
          key: key!.toString(),
          sequence: Number(lastHeader(headers, "event-sequence")),
          causationId: lastHeader(headers, "causation-id"),
          envelope: decoded.json as BookedEvent["envelope"],
        });
      }
      if (wanted !== undefined && offset + 1n >= wanted) expected.delete(place);
      if (expected.size === 0) resolve();
    });
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      await tail.stop();
    }
    return { events, deadLetters };
  } finally {
    await broker.stop();
  }
}
