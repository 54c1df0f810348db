import zlib from "node:zlib";
import { expect } from "@jest/globals";
import { compressFrameSync } from "lz4-napi";
import { compressSync } from "snappy";
import { eventually } from "../eventually.ts";
import { type BrokerScripts, record, valuesOf } from "./broker-session.ts";
import { commitOffset, produce, recordBatch, WireClient } from "./kafka-wire.ts";

/** The Java client's frame around snappy; librdkafka sends one bare block. */
function xerial(bytes: Buffer): Buffer {
  const block = compressSync(bytes);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(block.length);
  return Buffer.concat([
    Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1]),
    length,
    block,
  ]);
}

/** How producers compress: a name, the codec in the attributes of a batch, and what makes its bytes. */
export const packers: [name: string, codec: number, pack: (records: Buffer) => Buffer][] = [
  ["gzip", 1, (records) => zlib.gzipSync(records)],
  ["snappy", 2, (records) => compressSync(records)],
  ["xerial", 2, xerial],
  ["lz4", 3, (records) => compressFrameSync(records)],
  ["zstd", 4, (records) => zlib.zstdCompressSync(records)],
];

async function onWire<T>(broker: string, work: (client: WireClient) => Promise<T>): Promise<T> {
  const client = await WireClient.open(broker);
  try {
    return await work(client);
  } finally {
    client.close();
  }
}

export const compressionScripts: BrokerScripts = {
  "batches of gzip, snappy, lz4 and zstd are read, and tailed, in order between plain ones": async (session) => {
    const { broker, brokers, newTopic, newGroup, join } = session;
    const topic = await newTopic();
    await broker.send([record(topic, "k", "plain")]);
    await onWire(brokers[0]!, async (client) => {
      for (const [name, codec, pack] of packers) {
        const values = [1, 2, 3].map((number) => `${name} ${number} ${"x".repeat(2000)}`);
        expect(await produce(client, topic, recordBatch({ values, codec, pack }))).toMatchObject({ errorCode: 0 });
      }
    });
    await broker.send([record(topic, "k", "plain again")]);
    const expected = [
      "plain",
      ...packers.flatMap(([name]) => [1, 2, 3].map((number) => `${name} ${number}`)),
      "plain again",
    ];
    const tailed: string[] = [];
    const tail = await broker.tail({ topics: [topic], from: "beginning" }, ({ value }) => tailed.push(String(value)));
    const member = await join(newGroup(), topic);
    await eventually("all, twice", () => member.records.length === 17 && tailed.length === 17);
    await tail.stop();
    for (const values of [valuesOf(member), tailed])
      expect(values.map((value) => value.replace(/ x+$/, ""))).toEqual(expected);
    expect(member.subscription.stalled()).toEqual([]);
  },

  "a batch that cannot be unpacked holds its own partition, by name, and nothing else": async (session) => {
    const { broker, brokers, newTopic, newGroup, join } = session;
    const topic = await newTopic(2);
    const group = newGroup();
    const send = (value: string, partition: number) => broker.send([record(topic, "k", value, { partition })]);
    await send("before", 0);
    const broken = recordBatch({ values: ["never", "read"], codec: 4, pack: () => Buffer.from("this is not zstd") });
    const { errorCode } = await onWire(brokers[0]!, (client) => produce(client, topic, broken));
    // Apache Kafka looks into what it takes, so it comes to this only with another broker, a broken disk, a codec of tomorrow.
    if (errorCode !== 0) return;
    await send("behind", 0);
    await send("beside", 1);
    const member = await join(group, topic, { isCommitting: true });
    await eventually("it is told", () => member.subscription.stalled().length > 0);
    await send("beside, later", 1);
    await eventually("what is beside it", () => member.records.length === 3);
    expect(valuesOf(member).sort()).toEqual(["before", "beside", "beside, later"]);
    const reason = expect.stringMatching(/^the batch at offsets 1 to 2 cannot be unpacked \(zstd: .+\)$/);
    expect(member.subscription.stalled()).toEqual([{ topic, partition: 0, offset: 1n, reason }]);
    expect(member.subscription.rebuilds().count).toBe(0);
    await member.stop();
    // What an operator does: the group's offset is set behind it.
    expect(await onWire(brokers[0]!, (client) => commitOffset(client, { group, topic, offset: 3 }))).toBe(0);
    const next = await join(group, topic);
    await eventually("what is behind it", () => next.records.length === 1);
    expect([valuesOf(next), next.subscription.stalled()]).toEqual([["behind"], []]);
  },
};
