import { zstdCompressSync } from "node:zlib";
import { describe, expect, it } from "@jest/globals";
import { decodeBatches } from "./record-batch.ts";

const varint = (value: number): Buffer => {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, (BigInt(value) << 1n) ^ (BigInt(value) >> 63n));
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
};
const field = (text: string | null) =>
  text === null ? varint(-1) : Buffer.concat([varint(Buffer.byteLength(text)), Buffer.from(text)]);

interface Given {
  value: string | null;
  headers?: [string, string | null][];
  timestampDelta?: number;
}

function recordOf({ value, headers = [], timestampDelta = 0 }: Given, index: number): Buffer {
  const pairs = headers.flatMap(([name, text]) => [field(name), field(text)]);
  const body = [Buffer.from([0]), varint(timestampDelta), varint(index), field("key"), field(value)];
  const bytes = Buffer.concat([...body, varint(headers.length), ...pairs]);
  return Buffer.concat([varint(bytes.length), bytes]);
}

/** Checksums are left out: a client does not look at them. */
function batchOf(
  baseOffset: number,
  records: Given[],
  { attributes = 0, count = records.length, pack = (bytes: Buffer): Buffer => bytes } = {},
): Buffer {
  const body = pack(Buffer.concat(records.map(recordOf)));
  const batch = Buffer.alloc(61 + body.length);
  batch.writeBigInt64BE(BigInt(baseOffset), 0);
  batch.writeInt32BE(batch.length - 12, 8);
  batch[16] = 2;
  batch.writeInt16BE(attributes, 21);
  batch.writeInt32BE(records.length - 1, 23);
  batch.writeBigInt64BE(1_000n, 27);
  batch.writeBigInt64BE(9_000n, 35);
  batch.writeBigInt64BE(77n, 43);
  batch.writeInt32BE(count, 57);
  body.copy(batch, 61);
  return batch;
}

const all = Number.POSITIVE_INFINITY;
const values = ({ messages }: Awaited<ReturnType<typeof decodeBatches>>) =>
  messages.map(({ offset, value }) => `${offset} ${value}`);

describe("the batches of a partition", () => {
  it("become records with offsets, times and headers in their order, those that repeat and null ones too", async () => {
    const headers: [string, string | null][] = [
      ["a", "1"],
      ["b", "2"],
      ["a", "3"],
      ["a", null],
      ["7", ""],
    ];
    const { messages, unreadable } = await decodeBatches(
      batchOf(40, [
        { value: "x", headers, timestampDelta: -5 },
        { value: null, timestampDelta: 2 ** 40 },
      ]),
      all,
    );
    expect(unreadable).toBeUndefined();
    expect(messages).toMatchObject([
      {
        offset: "40",
        timestamp: "995",
        isControlRecord: false,
        batchContext: { producerId: "77", inTransaction: false },
      },
      { offset: "41", timestamp: String(1000 + 2 ** 40), value: null, headers: [] },
    ]);
    expect(messages[0]!.headers.map(([name, value]) => [name, value && String(value)])).toEqual(headers);
  });

  it("say what their attributes say: the broker's time, a transaction, a control record", async () => {
    const { messages } = await decodeBatches(batchOf(0, [{ value: "x" }], { attributes: 0x38 }), all);
    expect(messages).toMatchObject([
      { timestamp: "9000", isControlRecord: true, batchContext: { inTransaction: true } },
    ]);
  });

  it("end where the last one is cut off", async () => {
    const [first, second] = [batchOf(0, [{ value: "a" }]), batchOf(1, [{ value: "b" }])];
    for (let cut = 1; cut <= second.length; cut += 1) {
      const set = Buffer.concat([first, second.subarray(0, second.length - cut)]);
      expect(values(await decodeBatches(set, all))).toEqual(["0 a"]);
    }
  });

  it("are not begun any more when enough was unpacked: a small answer may stand for many bytes", async () => {
    const pack = (bytes: Buffer) => zstdCompressSync(bytes);
    const bombs = [0, 1, 2, 3].map((at) => batchOf(at, [{ value: "x".repeat(100_000) }], { attributes: 4, pack }));
    const { messages, bytes } = await decodeBatches(Buffer.concat(bombs), 150_000);
    expect(messages.map(({ offset }) => offset)).toEqual(["0", "1"]);
    expect(bytes).toBeLessThan(250_000);
  });

  const good = [batchOf(0, [{ value: "a" }]), batchOf(4, [{ value: "c" }])] as const;
  const bad = (options: Parameters<typeof batchOf>[2]) => batchOf(1, [{ value: "b" }, { value: "b" }], options);
  it.each([
    ["bytes that are no zstd", bad({ attributes: 4 }), /^zstd: /],
    ["a codec that Kafka does not have", bad({ attributes: 6 }), /^compression codec 6 is none of Kafka's$/],
    ["more records than it holds", bad({ count: 3 }), /^a record is cut off$/],
    ["a record that is longer than the batch", bad({ pack: () => Buffer.from([126]) }), /^a record is longer than/],
    ["a number without an end", bad({ pack: () => Buffer.alloc(20, 0xff) }), /^a number has too many bytes$/],
    ["a later record format", Buffer.from(bad({})).fill(3, 16, 17), /^record format 3 is not known$/],
  ])("are read up to one that cannot be, which is named with its offsets: %s", async (_, broken, reason) => {
    const decoded = await decodeBatches(Buffer.concat([good[0], broken, good[1]]), all);
    expect(values(decoded)).toEqual(["0 a"]);
    expect(decoded.unreadable).toEqual({ first: 1n, last: 2n, reason: expect.stringMatching(reason) });
  });

  it("never fail the whole, whatever bytes there are", async () => {
    const whole = Buffer.concat([...good, bad({})]);
    for (let at = 0; at < whole.length; at += 1) {
      for (const byte of [0x00, 0x7f, 0x80, 0xff]) {
        const changed = Buffer.from(whole);
        changed[at] = byte;
        const { messages } = await decodeBatches(changed, all);
        expect(messages.length).toBeLessThanOrEqual(4);
      }
    }
  });
});
