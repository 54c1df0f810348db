import type { Logger } from "@weft/core";
import type { ICustomPartitioner, Message, Producer, RecordMetadata, TopicMessages } from "kafkajs";
import kafkajs from "kafkajs";
import type { OutgoingRecord } from "../broker.ts";
import { BrokerUnavailable, RecordRefused } from "../errors.ts";
import { headerList } from "../headers.ts";
import type { KafkaAccess } from "./access.ts";
import { connectKafka, type KafkaConnection, retry } from "./connection.ts";
import { sendFailure, within } from "./failures.ts";
import type { KafkaSettings } from "./options.ts";

/**
 * Sends records through one idempotent kafkajs producer, one request at a time.
 *
 * kafkajs takes the sequence numbers of a failed request back. Had the broker stored it all the same, the next request
 * would carry those numbers again and be answered as a duplicate, acknowledged but not stored. So no two requests are on
 * the way at once, and a producer that failed once is given up: the next one gets a producer id of its own. Requests that
 * wait are joined into one, which costs nothing in throughput.
 */
export interface SerialProducer {
  send(records: readonly OutgoingRecord[]): Promise<void>;
  stop(): Promise<void>;
}

interface WaitingSend {
  records: readonly OutgoingRecord[];
  resolve: () => void;
  reject: (error: Error) => void;
}

interface LiveProducer {
  producer: Producer;
  /** Where each message goes. */
  chosen: WeakMap<Message, number>;
  connection: KafkaConnection;
}

/** Roughly what a record adds to a batch besides key, value and headers. */
const recordOverheadBytes = 40;
const maxJoinedRecords = 5000;

export function serialProducer(log: Logger, settings: KafkaSettings, access: KafkaAccess): SerialProducer {
  const waiting: WaitingSend[] = [];
  let live: LiveProducer | undefined;
  let pumping: Promise<void> | undefined;
  let isStopped = false;

  async function pump(): Promise<void> {
    while (waiting.length > 0) {
      const joined = takeJoined();
      try {
        await sendAll(joined.flatMap(({ records }) => records));
        for (const { resolve } of joined) resolve();
      } catch (error) {
        await settleFailed(joined, error as Error);
      }
    }
  }

  function takeJoined(): WaitingSend[] {
    const joined = [waiting.shift()!];
    let count = joined[0]!.records.length;
    while (waiting.length > 0 && count + waiting[0]!.records.length <= maxJoinedRecords) {
      count += waiting[0]!.records.length;
      joined.push(waiting.shift()!);
    }
    return joined;
  }

  async function settleFailed(joined: WaitingSend[], error: Error): Promise<void> {
    if (RecordRefused.is(error) && joined.length > 1) {
      // One of them is refused for ever; the others must not fail with it. What is sent twice is the same event twice.
      for (const one of joined) await sendAll(one.records).then(one.resolve, one.reject);
      return;
    }
    // Whoever waits behind an outage learns of it now, not one timeout later each.
    const all = RecordRefused.is(error) ? joined : [...joined, ...waiting.splice(0)];
    for (const { reject } of all) reject(error);
  }

  async function sendAll(records: readonly OutgoingRecord[]): Promise<void> {
    for (const chunk of chunksOf(records, settings.maxRequestBytes)) {
      const topicMessages = byTopic(chunk);
      try {
        await within(settings.requestTimeoutMs, "send", sendChunk(topicMessages));
        access.admitted();
      } catch (error) {
        retire();
        throw sendFailure(
          error,
          topicMessages.map(({ topic }) => topic),
          access.explain,
        );
      }
    }
  }

  async function sendChunk(topicMessages: TopicMessages[]): Promise<void> {
    live ??= createProducer();
    const { producer, chosen } = live;
    await producer.connect();
    const answers = await producer.sendBatch({ acks: -1, timeout: settings.requestTimeoutMs, topicMessages });
    assertAcknowledged(topicMessages, chosen, answers);
  }

  function createProducer(): LiveProducer {
    const connection = connectKafka(log, settings);
    const chosen: LiveProducer["chosen"] = new WeakMap();
    const producer = connection.kafka.producer({
      idempotent: true,
      // The request that is repeated is always the only one.
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      metadataMaxAge: 60_000,
      createPartitioner: steadyPartitioner(chosen),
      retry,
    });
    return { producer, chosen, connection };
  }

  function retire(): void {
    live?.connection.destroy();
    live = undefined;
  }

  return {
    send(records) {
      if (records.length === 0) return Promise.resolve();
      if (isStopped) return Promise.reject(new BrokerUnavailable({ operation: "send", message: "it was stopped" }));
      if (waiting.length >= settings.maxWaitingSends) {
        const message = `${waiting.length} sends are waiting already`;
        return Promise.reject(new BrokerUnavailable({ operation: "send", message }));
      }
      return new Promise((resolve, reject) => {
        waiting.push({ records, resolve, reject });
        pumping ??= pump().finally(() => {
          pumping = undefined;
        });
      });
    },

    async stop() {
      isStopped = true;
      await pumping;
      if (live) await within(1000, "disconnect", live.producer.disconnect()).catch(() => {});
      retire();
    },
  };
}

/**
 * Every message lies in a partition that a broker answered for. Where one broker answers and another does not, kafkajs repeats
 * the second's part without asking the first again, also when the first leads those partitions by then
 * (`producer/sendMessages.js`): nobody is sent them, and it reports success.
 * @throws BrokerUnavailable, so that whoever sends sends again
 */
export function assertAcknowledged(
  topicMessages: readonly TopicMessages[],
  chosen: WeakMap<Message, number>,
  answers: readonly Pick<RecordMetadata, "topicName" | "partition">[],
): void {
  for (const { topic, messages } of topicMessages) {
    const acknowledged = new Set(answers.filter(({ topicName }) => topicName === topic).map((one) => one.partition));
    for (const message of messages) {
      const partition = chosen.get(message) ?? -1;
      if (acknowledged.has(partition)) continue;
      throw new BrokerUnavailable({ operation: "send", message: `no broker acknowledged ${topic}/${partition}` });
    }
  }
}

/** In order, each of at most `maxBytes`; a record that is larger on its own goes alone, and the broker decides. */
export function* chunksOf(records: readonly OutgoingRecord[], maxBytes: number): Generator<OutgoingRecord[]> {
  let chunk: OutgoingRecord[] = [];
  let bytes = 0;
  for (const record of records) {
    const size = sizeOf(record);
    if (chunk.length > 0 && bytes + size > maxBytes) {
      yield chunk;
      chunk = [];
      bytes = 0;
    }
    chunk.push(record);
    bytes += size;
  }
  if (chunk.length > 0) yield chunk;
}

function sizeOf({ key, value, headers }: OutgoingRecord): number {
  let bytes = recordOverheadBytes + (key === null ? 0 : Buffer.byteLength(key)) + (value?.length ?? 0);
  for (const [name, given] of headerList(headers))
    bytes += Buffer.byteLength(name) + Buffer.byteLength(given ?? "") + 4;
  return bytes;
}

function byTopic(records: readonly OutgoingRecord[]): TopicMessages[] {
  const topics = new Map<string, Message[]>();
  for (const { topic, key, value, headers, partition, timestampMs } of records) {
    const message: Message = {
      key,
      value,
      // A list, other than the type says (`records-patch.ts`).
      headers: headers as NonNullable<Message["headers"]>,
      timestamp: String(timestampMs ?? Date.now()),
      ...(partition === undefined ? {} : { partition }),
    };
    const messages = topics.get(topic);
    if (messages) messages.push(message);
    else topics.set(topic, [message]);
  }
  return [...topics].map(([topic, messages]) => ({ topic, messages }));
}

/**
 * The murmur2 partitioner of the Java client, with one choice for each message: kafkajs partitions again when it repeats a
 * request, and a message without a key would move and take a sequence number of another partition with it.
 * A partition that does not exist is refused; kafkajs would drop such a message and report success.
 */
const steadyPartitioner =
  (chosen: WeakMap<Message, number>): ICustomPartitioner =>
  () => {
    const choose = kafkajs.Partitioners.DefaultPartitioner();
    return (args) => {
      const known = chosen.get(args.message);
      if (known !== undefined) return known;
      const partition = choose(args);
      if (!args.partitionMetadata.some(({ partitionId }) => partitionId === partition)) {
        const message = `it has no partition ${partition}`;
        throw new RecordRefused({ topic: args.topic, reason: "UNKNOWN_PARTITION", message });
      }
      chosen.set(args.message, partition);
      return partition;
    };
  };
