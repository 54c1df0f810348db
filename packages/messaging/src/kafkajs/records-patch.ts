import { createRequire } from "node:module";
import { headerList, type OutgoingHeaders } from "../headers.ts";
import { maxUnpackedBytes } from "./compression.ts";
import { type DecodedRecords, decodeBatches, magicOfBatches, type UnreadableBatch } from "./record-batch.ts";

interface Decoder {
  readInt16(): number;
  readInt32(): number;
  readInt64(): { toString(): string };
  readString(): string;
  readBytes(length: number): Buffer;
  canReadBytes(length: number): boolean;
  readArray<T>(item: (decoder: Decoder) => T): T[];
  readArrayAsync<T>(item: (decoder: Decoder) => Promise<T>): Promise<T[]>;
}

interface Encoder {
  size(): number;
  writeInt8(value: number): Encoder;
  writeInt16(value: number): Encoder;
  writeInt32(value: number): Encoder;
  writeString(value: string | null): Encoder;
  writeVarInt(value: number): Encoder;
  writeVarLong(value: number): Encoder;
  writeVarIntString(value: string): Encoder;
  writeVarIntBytes(value: Buffer | string | null): Encoder;
  writeEncoder(value: Encoder): Encoder;
  writeArray(values: Encoder[]): Encoder;
}

interface Api {
  protocol(of: { version: number }): (args: never) => { request: { encode(): Promise<Encoder> }; response: object };
}

interface ConsumerGroup {
  logger: { error(message: string, details: object): void };
  fetch(nodeId: number): Promise<FetchedBatch[]>;
  pause(partitions: { topic: string; partitions: number[] }[]): void;
}

interface FetchedBatch {
  topic: string;
  partition: number;
  fetchedOffset: string;
  rawMessages: Messages;
  isEmptyIncludingFiltered(): boolean;
}

type Messages = DecodedRecords["messages"] & { unreadable?: UnreadableBatch };

interface ProduceArgs {
  acks: number;
  timeout: number;
  transactionalId?: string | null;
  producerId?: unknown;
  producerEpoch?: number;
  topicData: { topic: string; partitions: { partition: number; firstSequence?: number; messages: SentMessage[] }[] }[];
}

interface SentMessage {
  key?: Buffer | string | null;
  value: Buffer | string | null;
  timestamp?: string;
  headers?: OutgoingHeaders;
}

/** What the line of a partition that is held begins with; its details are those of `UnreadableBatch`, as texts. */
export const unreadableMessage = "A batch cannot be read";

let applied = false;

/**
 * Records of kafkajs 2.2.4 go in and out through here, for three reasons. One batch that it cannot decode fails the whole
 * answer of a broker, with all partitions in it: here it is a mark on its own partition, which is paused. It knows gzip
 * alone, and unpacks without a bound. It keeps headers in an object, which loses their order and turns those that repeat
 * into lists: here they are a list, as on the wire.
 */
export function patchRecords(): void {
  if (applied) return;
  applied = true;
  const require = createRequire(import.meta.url);
  patchFetchApi(require);
  patchProduceApi(require);
  patchConsumerGroup(require);
}

/** Of what Weft asks: 4 is the first version with batches of format 2, 11 the last that kafkajs speaks. */
const oldestFetch = 4;

function patchFetchApi(require: NodeJS.Require): void {
  const api = require("kafkajs/src/protocol/requests/fetch") as Api;
  const DecoderOf = require("kafkajs/src/protocol/decoder") as new (bytes: Buffer) => Decoder;
  const decodeOldSet = require("kafkajs/src/protocol/messageSet/decoder") as (
    decoder: Decoder,
    size: number,
  ) => Promise<DecodedRecords["messages"]>;
  const { protocol } = api;

  async function decodeMessages(decoder: Decoder, budget: { bytes: number }): Promise<Messages> {
    const size = decoder.readInt32();
    if (size <= 0 || !decoder.canReadBytes(size)) return [];
    const recordSet = decoder.readBytes(size);
    if (recordSet.length > 16 && recordSet[16]! < magicOfBatches) {
      return decodeOldSet(new DecoderOf(recordSet), size);
    }
    const { messages, bytes, unreadable } = await decodeBatches(recordSet, budget.bytes);
    budget.bytes -= bytes;
    return unreadable ? Object.assign(messages, { unreadable }) : messages;
  }

  const decode = async (version: number, bytes: Buffer) => {
    const decoder = new DecoderOf(bytes);
    const throttleTime = decoder.readInt32();
    const session = version >= 7 ? { errorCode: decoder.readInt16(), sessionId: decoder.readInt32() } : {};
    // The partitions of one answer share it: what is left over comes with the next fetch, in another order.
    const budget = { bytes: maxUnpackedBytes };
    const responses = await decoder.readArrayAsync(async (topic) => ({
      topicName: topic.readString(),
      partitions: await topic.readArrayAsync(async (partition) => ({
        partition: partition.readInt32(),
        errorCode: partition.readInt16(),
        highWatermark: partition.readInt64().toString(),
        lastStableOffset: partition.readInt64().toString(),
        ...(version >= 5 ? { lastStartOffset: partition.readInt64().toString() } : {}),
        abortedTransactions: partition.readArray((aborted) => ({
          producerId: aborted.readInt64().toString(),
          firstOffset: aborted.readInt64().toString(),
        })),
        ...(version >= 11 ? { preferredReadReplica: partition.readInt32() } : {}),
        messages: await decodeMessages(partition, budget),
      })),
    }));
    // From version 8 on the client waits, not the broker (KIP-219).
    const throttle = version >= 8 ? { throttleTime: 0, clientSideThrottleTime: throttleTime } : { throttleTime };
    return { ...throttle, ...session, responses };
  };

  api.protocol = ({ version }) => {
    const made = protocol({ version });
    if (version < oldestFetch) return made;
    return (args) => {
      const { response, ...rest } = made(args);
      return { ...rest, response: { ...response, decode: (bytes: Buffer) => decode(version, bytes) } };
    };
  };
}

const oldestProduce = 3;

function patchProduceApi(require: NodeJS.Require): void {
  const api = require("kafkajs/src/protocol/requests/produce") as Api;
  const EncoderOf = require("kafkajs/src/protocol/encoder") as new () => Encoder;
  const { RecordBatch } = require("kafkajs/src/protocol/recordBatch/v0") as {
    RecordBatch(batch: object): Promise<Encoder>;
  };
  const { protocol } = api;

  function encodeRecord({ key = null, value, headers = [] }: SentMessage, timestampDelta: number, offsetDelta: number) {
    const body = new EncoderOf()
      .writeInt8(0)
      .writeVarLong(timestampDelta)
      .writeVarInt(offsetDelta)
      .writeVarIntBytes(key)
      .writeVarIntBytes(value);
    const list = headerList(headers);
    body.writeVarInt(list.length);
    for (const [name, given] of list) body.writeVarIntString(name).writeVarIntBytes(given);
    return new EncoderOf().writeVarInt(body.size()).writeEncoder(body);
  }

  async function encodePartition(
    { partition, messages, firstSequence }: ProduceArgs["topicData"][number]["partitions"][number],
    { transactionalId, producerId, producerEpoch }: ProduceArgs,
  ) {
    const now = Date.now();
    const times = messages.map(({ timestamp }) => Number(timestamp ?? now));
    const firstTimestamp = times.reduce((least, time) => Math.min(least, time), Number.POSITIVE_INFINITY);
    const batch = await RecordBatch({
      records: messages.map((message, index) => encodeRecord(message, times[index]! - firstTimestamp, index)),
      firstTimestamp,
      maxTimestamp: times.reduce((greatest, time) => Math.max(greatest, time), 0),
      producerId,
      producerEpoch,
      firstSequence,
      transactional: Boolean(transactionalId),
      lastOffsetDelta: messages.length - 1,
    });
    return new EncoderOf().writeInt32(partition).writeInt32(batch.size()).writeEncoder(batch);
  }

  async function encode(args: ProduceArgs): Promise<Encoder> {
    const topics: Encoder[] = [];
    for (const { topic, partitions } of args.topicData) {
      const encoded: Encoder[] = [];
      for (const partition of partitions) encoded.push(await encodePartition(partition, args));
      topics.push(new EncoderOf().writeString(topic).writeArray(encoded));
    }
    return new EncoderOf()
      .writeString(args.transactionalId ?? null)
      .writeInt16(args.acks)
      .writeInt32(args.timeout)
      .writeArray(topics);
  }

  api.protocol = ({ version }) => {
    const made = protocol({ version });
    if (version < oldestProduce) return made;
    return (args) => {
      const { request, ...rest } = made(args);
      return { ...rest, request: { ...request, encode: () => encode(args) } };
    };
  };
}

function patchConsumerGroup(require: NodeJS.Require): void {
  const { prototype } = require("kafkajs/src/consumer/consumerGroup") as { prototype: ConsumerGroup };
  const { fetch } = prototype;
  prototype.fetch = async function fetchWithMarks(this: ConsumerGroup, nodeId) {
    const batches = await fetch.call(this, nodeId);
    for (const batch of batches) {
      const { topic, partition, fetchedOffset, rawMessages } = batch;
      // What comes before it goes through; then it is the first, and comes again until the partition is paused.
      if (!rawMessages.unreadable || !batch.isEmptyIncludingFiltered()) continue;
      const { first, last, reason } = rawMessages.unreadable;
      this.pause([{ topic, partitions: [partition] }]);
      const offset = first > BigInt(fetchedOffset) ? String(first) : fetchedOffset;
      this.logger.error(unreadableMessage, { topic, partition, offset, last: String(last), reason });
    }
    return batches;
  };
}
