import { promisify } from "node:util";
import zlib from "node:zlib";

/** Bytes that one compressed batch may become. A broker bounds what it takes compressed (1 MiB by default), not this. */
export const maxUnpackedBytes = 64 * 1024 * 1024;

const gunzip = promisify(zlib.gunzip);
const zstdDecompress = promisify(zlib.zstdDecompress);

/** The three lowest bits of a batch's attributes. */
const codecs: Record<number, { name: string; unpack(bytes: Buffer, maxBytes: number): Promise<Buffer> }> = {
  1: { name: "gzip", unpack: (bytes, maxBytes) => gunzip(bytes, { maxOutputLength: maxBytes }) },
  2: { name: "snappy", unpack: unpackSnappy },
  3: { name: "lz4", unpack: unpackLz4 },
  4: { name: "zstd", unpack: (bytes, maxBytes) => zstdDecompress(bytes, { maxOutputLength: maxBytes }) },
};

/**
 * What a compressed batch holds. Nothing becomes larger than `maxBytes`: each library is told, or the size is read before.
 * @param codec 1 gzip, 2 snappy, 3 lz4, 4 zstd
 * @throws Error naming the codec, for bytes that are not its own, for too many of them, and for a codec that Kafka does not have
 */
export async function unpack(codec: number, bytes: Buffer, maxBytes = maxUnpackedBytes): Promise<Buffer> {
  const known = codecs[codec];
  if (!known) throw new Error(`compression codec ${codec} is none of Kafka's`);
  try {
    return await known.unpack(bytes, maxBytes);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === "ERR_BUFFER_TOO_LARGE" ? tooLarge(maxBytes) : message;
    throw new Error(`${known.name}: ${why}`, { cause: error });
  }
}

const tooLarge = (maxBytes: number) => `it would become more than ${maxBytes} bytes`;

/** How the Java client frames snappy: this, two version numbers, then blocks with their lengths. librdkafka sends one bare block. */
const xerialMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0]);
const xerialHeaderBytes = xerialMagic.length + 8;

async function unpackSnappy(bytes: Buffer, maxBytes: number): Promise<Buffer> {
  const blocks = bytes.subarray(0, xerialMagic.length).equals(xerialMagic) ? xerialBlocks(bytes) : [bytes];
  const total = blocks.reduce((sum, block) => sum + snappyLength(block), 0);
  if (total > maxBytes) throw new Error(tooLarge(maxBytes));
  const { uncompressSync } = await import("snappy");
  return Buffer.concat(blocks.map((block) => uncompressSync(block) as Buffer));
}

function xerialBlocks(bytes: Buffer): Buffer[] {
  const blocks: Buffer[] = [];
  for (let at = xerialHeaderBytes; at < bytes.length; ) {
    const end = at + 4 + (at + 4 <= bytes.length ? bytes.readUInt32BE(at) : 0);
    if (end > bytes.length || end === at + 4) throw new Error("a block is cut off");
    blocks.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return blocks;
}

/** A bare block begins with the length that it unpacks to. */
function snappyLength(block: Buffer): number {
  let length = 0;
  for (let at = 0; at < 5; at += 1) {
    const byte = block[at] ?? 0x80;
    length += (byte & 0x7f) * 2 ** (7 * at);
    if (byte < 0x80) return length;
  }
  throw new Error("a block has no length");
}

async function unpackLz4(bytes: Buffer, maxBytes: number): Promise<Buffer> {
  if (lz4Bound(bytes) > maxBytes) throw new Error(tooLarge(maxBytes));
  const { decompressFrame } = await import("lz4-napi");
  return decompressFrame(bytes);
}

const lz4Magic = 0x184d2204;
const lz4BlockBytes: Record<number, number> = { 4: 65_536, 5: 262_144, 6: 1_048_576, 7: 4_194_304 };
/** One byte of a block stands for 255 bytes at most. */
const lz4MaxRatio = 255;

/**
 * What an LZ4 frame becomes at most, from the sizes of its blocks: the frame itself need not say it.
 * @see https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md
 */
function lz4Bound(bytes: Buffer): number {
  if (bytes.length < 7 || bytes.readUInt32LE(0) !== lz4Magic) throw new Error("it is no LZ4 frame");
  const flags = bytes[4]!;
  const blockBytes = lz4BlockBytes[(bytes[5]! >> 4) & 7];
  if (blockBytes === undefined) throw new Error("its block size is none of LZ4's");
  let at = 7 + (flags & 8 ? 8 : 0) + (flags & 1 ? 4 : 0);
  const checksumBytes = flags & 16 ? 4 : 0;
  let bound = 0;
  while (at + 4 <= bytes.length) {
    const field = bytes.readUInt32LE(at);
    if (field === 0) return bound;
    const size = field & 0x7fffffff;
    bound += Math.min(blockBytes, field > 0x7fffffff ? size : size * lz4MaxRatio);
    at += 4 + size + checksumBytes;
  }
  throw new Error("a block is cut off");
}
