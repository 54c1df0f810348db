import { connect, type Socket } from "node:net";

/**
 * A client of bytes, for what no library lets one send: wrong checksums, stale generations, requests from the future.
 * Written without the embedded broker's codec, so that one mistake cannot hide in both.
 */
export class Bytes {
  private readonly parts: Buffer[] = [];

  private fixed(size: number, write: (buffer: Buffer) => void): this {
    const buffer = Buffer.alloc(size);
    write(buffer);
    this.parts.push(buffer);
    return this;
  }
  int8(value: number): this {
    return this.fixed(1, (b) => b.writeInt8(value));
  }
  int16(value: number): this {
    return this.fixed(2, (b) => b.writeInt16BE(value));
  }
  int32(value: number): this {
    return this.fixed(4, (b) => b.writeInt32BE(value));
  }
  uint32(value: number): this {
    return this.fixed(4, (b) => b.writeUInt32BE(value));
  }
  int64(value: number | bigint): this {
    return this.fixed(8, (b) => b.writeBigInt64BE(BigInt(value)));
  }
  varint(value: number): this {
    let rest = BigInt.asUintN(64, (BigInt(value) << 1n) ^ (BigInt(value) >> 63n));
    const bytes: number[] = [];
    for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
    bytes.push(Number(rest));
    return this.raw(Buffer.from(bytes));
  }
  raw(bytes: Buffer): this {
    this.parts.push(bytes);
    return this;
  }
  string(value: string | null): this {
    return value === null ? this.int16(-1) : this.int16(Buffer.byteLength(value)).raw(Buffer.from(value));
  }
  bytes(value: Buffer | null): this {
    return value === null ? this.int32(-1) : this.int32(value.length).raw(value);
  }
  array<T>(items: readonly T[], write: (item: T) => void): this {
    this.int32(items.length);
    for (const item of items) write(item);
    return this;
  }
  uvarint(value: number): this {
    const bytes: number[] = [];
    let rest = value;
    for (; rest > 127; rest >>>= 7) bytes.push((rest & 127) | 128);
    bytes.push(rest);
    return this.raw(Buffer.from(bytes));
  }
  /** String and array of flexible versions, and the end of a structure in them: no tagged fields. */
  compactString(value: string | null): this {
    return value === null ? this.uvarint(0) : this.uvarint(Buffer.byteLength(value) + 1).raw(Buffer.from(value));
  }
  compactArray<T>(items: readonly T[] | null, write: (item: T) => void): this {
    this.uvarint(items === null ? 0 : items.length + 1);
    for (const item of items ?? []) write(item);
    return this;
  }
  noTags(): this {
    return this.uvarint(0);
  }
  uuid(hex: string): this {
    return this.raw(Buffer.from(hex, "hex"));
  }
  done(): Buffer {
    return Buffer.concat(this.parts);
  }
}

export class Answer {
  private at = 0;
  readonly buffer: Buffer;
  constructor(buffer: Buffer) {
    this.buffer = buffer;
  }
  private skip(size: number): number {
    this.at += size;
    return this.at - size;
  }
  int8(): number {
    return this.buffer.readInt8(this.skip(1));
  }
  int16(): number {
    return this.buffer.readInt16BE(this.skip(2));
  }
  int32(): number {
    return this.buffer.readInt32BE(this.skip(4));
  }
  int64(): number {
    return Number(this.buffer.readBigInt64BE(this.skip(8)));
  }
  string(): string | null {
    const length = this.int16();
    return length < 0 ? null : this.take(length).toString();
  }
  bytes(): Buffer | null {
    const length = this.int32();
    return length < 0 ? null : this.take(length);
  }
  array<T>(read: () => T): T[] {
    return Array.from({ length: this.int32() }, read);
  }
  bool(): boolean {
    return this.int8() !== 0;
  }
  uvarint(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.buffer.readUInt8(this.skip(1));
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  }
  compactString(): string | null {
    const length = this.uvarint() - 1;
    return length < 0 ? null : this.take(length).toString();
  }
  compactBytes(): Buffer | null {
    const length = this.uvarint() - 1;
    return length < 0 ? null : this.take(length);
  }
  compactArray<T>(read: () => T): T[] {
    return Array.from({ length: Math.max(0, this.uvarint() - 1) }, read);
  }
  /** Skips the tagged fields at the end of a structure. */
  tags(): void {
    for (let left = this.uvarint(); left > 0; left--) {
      this.uvarint();
      this.skip(this.uvarint());
    }
  }
  uuid(): string {
    return this.take(16).toString("hex");
  }
  private take(length: number): Buffer {
    const from = this.skip(length);
    return this.buffer.subarray(from, from + length);
  }
}

export const apiKeys = {
  produce: 0,
  fetch: 1,
  listOffsets: 2,
  metadata: 3,
  offsetCommit: 8,
  offsetFetch: 9,
  findCoordinator: 10,
  joinGroup: 11,
  heartbeat: 12,
  leaveGroup: 13,
  syncGroup: 14,
  describeGroups: 15,
  listGroups: 16,
  apiVersions: 18,
  createTopics: 19,
  deleteTopics: 20,
  deleteRecords: 21,
  initProducerId: 22,
  addPartitionsToTxn: 24,
  addOffsetsToTxn: 25,
  endTxn: 26,
  txnOffsetCommit: 28,
  describeConfigs: 32,
  incrementalAlterConfigs: 44,
  offsetDelete: 47,
  describeCluster: 60,
  describeTransactions: 65,
  listTransactions: 66,
} as const;

/** One connection; answers are matched by correlation id, and their order is kept in `order`. */
export class WireClient {
  readonly order: number[] = [];
  private readonly socket: Socket;
  private readonly waiting = new Map<number, { resolve(answer: Answer): void; reject(error: Error): void }>();
  private received: Buffer = Buffer.alloc(0);
  private nextId = 1;
  /** Resolves when the other side has closed the connection. */
  readonly closed: Promise<void>;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (chunk) => this.onData(chunk));
    socket.on("error", () => {});
    this.closed = new Promise((resolve) =>
      socket.on("close", () => {
        for (const { reject } of this.waiting.values()) reject(new Error("the broker closed the connection"));
        this.waiting.clear();
        resolve();
      }),
    );
  }

  static open(broker: string): Promise<WireClient> {
    const at = broker.lastIndexOf(":");
    return new Promise((resolve, reject) => {
      const socket = connect({ host: broker.slice(0, at), port: Number(broker.slice(at + 1)) });
      socket.once("error", reject);
      socket.once("connect", () => resolve(new WireClient(socket)));
    });
  }

  private onData(chunk: Buffer): void {
    this.received = Buffer.concat([this.received, chunk]);
    while (this.received.length >= 4) {
      const end = 4 + this.received.readInt32BE(0);
      if (this.received.length < end) return;
      const id = this.received.readInt32BE(4);
      this.order.push(id);
      this.waiting.get(id)?.resolve(new Answer(this.received.subarray(8, end)));
      this.waiting.delete(id);
      this.received = this.received.subarray(end);
    }
  }

  /** Sends a request with header version 1. */
  ask(apiKey: number, version: number, body: Bytes): Promise<Answer> {
    const id = this.nextId++;
    const frame = new Bytes().int16(apiKey).int16(version).int32(id).string("wire").raw(body.done()).done();
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.send(new Bytes().int32(frame.length).raw(frame).done());
    });
  }

  /** The same in a flexible version: header version 2, and the answer's tagged fields are skipped. */
  async askFlexible(apiKey: number, version: number, body: Bytes): Promise<Answer> {
    const answer = await this.ask(apiKey, version, new Bytes().noTags().raw(body.done()));
    answer.tags();
    return answer;
  }

  send(bytes: Buffer): void {
    this.socket.write(bytes);
  }
  close(): void {
    this.socket.destroy();
  }
}

export interface BatchOptions {
  values: (string | Buffer | null)[];
  /** One for each value. @defaultValue none have any */
  keys?: string[];
  isTransactional?: boolean;
  timestamp?: number;
  producerId?: number;
  producerEpoch?: number;
  baseSequence?: number;
  /** Instead of the right one. */
  crc?: number;
  magic?: number;
  /** Instead of the right one. */
  recordsCount?: number;
  /** 1 gzip, 2 snappy, 3 lz4, 4 zstd; `pack` does it. @defaultValue none */
  codec?: number;
  pack?: (records: Buffer) => Buffer;
}

/** A record batch, magic 2. */
export function recordBatch(options: BatchOptions): Buffer {
  const { values, timestamp = Date.now(), producerId = -1, producerEpoch = -1, baseSequence = -1 } = options;
  const { codec = 0, pack = (bytes) => bytes } = options;
  const records = values.map((value, index) => {
    const body = new Bytes().int8(0).varint(0).varint(index);
    for (const part of [options.keys?.[index] ?? null, value]) {
      if (part === null) body.varint(-1);
      else body.varint(Buffer.byteLength(part)).raw(Buffer.from(part));
    }
    body.varint(0);
    const bytes = body.done();
    return new Bytes().varint(bytes.length).raw(bytes).done();
  });
  const checked = new Bytes()
    .int16(codec | (options.isTransactional ? 16 : 0))
    .int32(values.length - 1)
    .int64(timestamp)
    .int64(timestamp)
    .int64(producerId)
    .int16(producerEpoch)
    .int32(baseSequence)
    .int32(options.recordsCount ?? values.length)
    .raw(pack(Buffer.concat(records)))
    .done();
  const crc = options.crc ?? castagnoli(checked);
  return new Bytes()
    .int64(0)
    .int32(9 + checked.length)
    .int32(-1)
    .int8(options.magic ?? 2)
    .uint32(crc)
    .raw(checked)
    .done();
}

/** CRC-32C, bit by bit: slow and obvious. */
function castagnoli(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** Produce version 7 to one partition: the first that may carry zstd. */
export async function produce(
  client: WireClient,
  topic: string,
  batch: Buffer,
  acks = -1,
  partition = 0,
  transactionalId: string | null = null,
) {
  const body = new Bytes().string(transactionalId).int16(acks).int32(10_000);
  body.int32(1).string(topic).int32(1).int32(partition).bytes(batch);
  const answer = await client.ask(apiKeys.produce, 7, body);
  answer.int32();
  answer.string();
  answer.int32();
  answer.int32();
  return { errorCode: answer.int16(), baseOffset: answer.int64() };
}

export interface FetchOptions {
  topic: string;
  offsets: number[];
  maxWaitMs?: number;
  minBytes?: number;
  maxBytes?: number;
  partitionMaxBytes?: number;
  /** Only what is committed. */
  isCommittedOnly?: boolean;
}

/** Fetch version 4; `offsets[n]` is where partition n begins. */
export async function fetchRecords(client: WireClient, options: FetchOptions) {
  const { topic, offsets, maxWaitMs = 0, minBytes = 1, maxBytes = 1 << 24, partitionMaxBytes = 1 << 20 } = options;
  const isolation = options.isCommittedOnly ? 1 : 0;
  const body = new Bytes().int32(-1).int32(maxWaitMs).int32(minBytes).int32(maxBytes).int8(isolation);
  body.int32(1).string(topic);
  body.array([...offsets.entries()], ([partition, offset]) =>
    body.int32(partition).int64(offset).int32(partitionMaxBytes),
  );
  const answer = await client.ask(apiKeys.fetch, 4, body);
  answer.int32();
  answer.int32();
  answer.string();
  return answer.array(() => {
    const partition = answer.int32();
    const errorCode = answer.int16();
    const highWatermark = answer.int64();
    const lastStableOffset = answer.int64();
    const aborted = answer.array(() => ({ producerId: answer.int64(), firstOffset: answer.int64() }));
    const records = answer.bytes() ?? Buffer.alloc(0);
    return { partition, errorCode, highWatermark, lastStableOffset, aborted, records };
  });
}

/** ListOffsets version 2 for partition 0, as `read_committed` asks. */
export async function listCommittedOffset(client: WireClient, topic: string, timestamp: number) {
  const body = new Bytes().int32(-1).int8(1).int32(1).string(topic).int32(1).int32(0).int64(timestamp);
  const answer = await client.ask(apiKeys.listOffsets, 2, body);
  answer.int32();
  answer.int32();
  answer.string();
  answer.int32();
  answer.int32();
  return { errorCode: answer.int16(), timestamp: answer.int64(), offset: answer.int64() };
}

/** ListOffsets version 1 for partition 0. */
export async function listOffset(client: WireClient, topic: string, timestamp: number) {
  const body = new Bytes().int32(-1).int32(1).string(topic).int32(1).int32(0).int64(timestamp);
  const answer = await client.ask(apiKeys.listOffsets, 1, body);
  answer.int32();
  answer.string();
  answer.int32();
  answer.int32();
  return { errorCode: answer.int16(), timestamp: answer.int64(), offset: answer.int64() };
}

export interface JoinOptions {
  group: string;
  memberId?: string;
  sessionTimeoutMs?: number;
  rebalanceTimeoutMs?: number;
  protocols?: string[];
  version?: 1 | 4;
}

/** JoinGroup: version 1 knows nothing of MEMBER_ID_REQUIRED, version 4 does. */
export async function joinGroup(client: WireClient, options: JoinOptions) {
  const { group, memberId = "", sessionTimeoutMs = 10_000, rebalanceTimeoutMs = 10_000, version = 1 } = options;
  const body = new Bytes().string(group).int32(sessionTimeoutMs).int32(rebalanceTimeoutMs).string(memberId);
  body.string("consumer").array(options.protocols ?? ["range"], (name) => body.string(name).bytes(Buffer.alloc(0)));
  const answer = await client.ask(apiKeys.joinGroup, version, body);
  if (version >= 2) answer.int32();
  return {
    errorCode: answer.int16(),
    generation: answer.int32(),
    protocol: answer.string(),
    leader: answer.string(),
    memberId: answer.string() ?? "",
    members: answer.array(() => ({ memberId: answer.string() ?? "", metadata: answer.bytes() })),
  };
}

export async function syncGroup(
  client: WireClient,
  group: string,
  { generation, memberId }: { generation: number; memberId: string },
  assignments: Record<string, string> = {},
) {
  const body = new Bytes().string(group).int32(generation).string(memberId);
  body.array(Object.entries(assignments), ([id, value]) => body.string(id).bytes(Buffer.from(value)));
  const answer = await client.ask(apiKeys.syncGroup, 0, body);
  return { errorCode: answer.int16(), assignment: answer.bytes()?.toString() };
}

export async function heartbeat(client: WireClient, group: string, generation: number, memberId: string) {
  return (await client.ask(apiKeys.heartbeat, 0, new Bytes().string(group).int32(generation).string(memberId))).int16();
}

export async function leaveGroup(client: WireClient, group: string, memberId: string) {
  return (await client.ask(apiKeys.leaveGroup, 0, new Bytes().string(group).string(memberId))).int16();
}

export interface CommitOptions {
  group: string;
  topic: string;
  generation?: number;
  memberId?: string;
  offset?: number;
  metadata?: string | null;
}

/** OffsetCommit version 2 for partition 0. */
export async function commitOffset(client: WireClient, options: CommitOptions) {
  const { group, topic, generation = -1, memberId = "", offset = 1, metadata = null } = options;
  const body = new Bytes().string(group).int32(generation).string(memberId).int64(-1);
  body.int32(1).string(topic).int32(1).int32(0).int64(offset).string(metadata);
  const answer = await client.ask(apiKeys.offsetCommit, 2, body);
  answer.int32();
  answer.string();
  answer.int32();
  answer.int32();
  return answer.int16();
}

/** InitProducerId version 0. */
export async function initProducerId(client: WireClient, transactionalId: string | null = null) {
  const answer = await client.ask(apiKeys.initProducerId, 0, new Bytes().string(transactionalId).int32(60_000));
  answer.int32();
  return { errorCode: answer.int16(), producerId: answer.int64(), producerEpoch: answer.int16() };
}

/** OffsetDelete version 0 for partition 0. */
export async function deleteOffset(client: WireClient, group: string, topic: string) {
  const body = new Bytes().string(group).int32(1).string(topic).int32(1).int32(0);
  const answer = await client.ask(apiKeys.offsetDelete, 0, body);
  const errorCode = answer.int16();
  answer.int32();
  const partitions = answer.array(() => {
    answer.string();
    return answer.array(() => ({ partition: answer.int32(), errorCode: answer.int16() }));
  });
  return { errorCode, partitionError: partitions[0]?.[0]?.errorCode };
}
