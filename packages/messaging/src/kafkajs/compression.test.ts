import zlib from "node:zlib";
import { describe, expect, it } from "@jest/globals";
import { compressFrameSync } from "lz4-napi";
import { compressSync } from "snappy";
import { unpack } from "./compression.ts";

const text = Buffer.from("a record and another record ".repeat(2000));
const zeros = Buffer.alloc(8 * 1024 * 1024);

/** As the Java client frames it: blocks of 32 KiB behind a header of 16 bytes. */
function xerial(bytes: Buffer): Buffer {
  const parts: Buffer[] = [Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1])];
  for (let at = 0; at < bytes.length; at += 32_768) {
    const block = compressSync(bytes.subarray(at, at + 32_768));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(block.length);
    parts.push(length, block);
  }
  return Buffer.concat(parts);
}

const packers: [name: string, codec: number, pack: (bytes: Buffer) => Buffer][] = [
  ["gzip", 1, (bytes) => zlib.gzipSync(bytes)],
  ["snappy in one bare block", 2, (bytes) => compressSync(bytes)],
  ["snappy in the Java client's frame", 2, xerial],
  ["lz4", 3, (bytes) => compressFrameSync(bytes)],
  ["lz4 with checksums", 3, (bytes) => compressFrameSync(bytes, { blockChecksums: true, contentChecksum: true })],
  ["zstd", 4, (bytes) => zlib.zstdCompressSync(bytes)],
];

describe("a compressed batch", () => {
  it.each(packers)("is unpacked: %s", async (_, codec, pack) => {
    expect((await unpack(codec, pack(text))).equals(text)).toBe(true);
    expect(await unpack(codec, pack(Buffer.from("x")))).toEqual(Buffer.from("x"));
  });

  it.each(packers)("is not unpacked beyond the bound: %s", async (_, codec, pack) => {
    const bomb = pack(zeros);
    expect(bomb.length).toBeLessThan(zeros.length / 15);
    await expect(unpack(codec, bomb, zeros.length - 1)).rejects.toThrow(/it would become more than 8388607 bytes/);
    expect(await unpack(codec, bomb, zeros.length)).toHaveLength(zeros.length);
  });

  it.each(packers)("that is cut off or changed is an error that names the codec: %s", async (name, codec, pack) => {
    const whole = pack(text);
    for (const wrong of [
      whole.subarray(0, 3),
      whole.subarray(0, whole.length >> 1),
      Buffer.alloc(0),
      zeros.subarray(0, 40),
    ]) {
      await expect(unpack(codec, wrong)).rejects.toThrow(new RegExp(`^${name.split(" ")[0]}: `));
    }
  });

  it.each([5, 6, 7])("of a codec that Kafka does not have is an error: %d", async (codec) => {
    await expect(unpack(codec, text)).rejects.toThrow(`compression codec ${codec} is none of Kafka's`);
  });
});
