import { Malformed } from "./malformed.ts";

/** Elements of all arrays of one frame together: a length alone must not be able to fill the memory. */
const maxElements = 1_000_000;
const twoTo32 = 4_294_967_296;

/**
 * Reads the primitive types of the Kafka protocol (https://kafka.apache.org/protocol#protocol_types), big-endian.
 * Every length is checked against the bytes that are left before anything is allocated.
 * 64-bit integers come as numbers: exact up to 2^53, which no offset or timestamp here reaches.
 */
export class Reader {
  private at: number;
  private elements = 0;
  private readonly buffer: Buffer;
  private readonly end: number;

  constructor(buffer: Buffer, at = 0, end = buffer.length) {
    this.buffer = buffer;
    this.at = at;
    this.end = end;
  }

  get remaining(): number {
    return this.end - this.at;
  }
  get position(): number {
    return this.at;
  }

  private take(count: number): number {
    const at = this.at;
    if (count > this.end - at) throw new Malformed(`${count} bytes wanted where ${this.end - at} are left`);
    this.at = at + count;
    return at;
  }

  skip(count: number): void {
    if (count < 0) throw new Malformed("a negative length");
    this.take(count);
  }

  int8(): number {
    return this.buffer.readInt8(this.take(1));
  }
  bool(): boolean {
    return this.buffer[this.take(1)] !== 0;
  }
  int16(): number {
    return this.buffer.readInt16BE(this.take(2));
  }
  int32(): number {
    return this.buffer.readInt32BE(this.take(4));
  }
  int64(): number {
    const at = this.take(8);
    return this.buffer.readInt32BE(at) * twoTo32 + this.buffer.readUInt32BE(at + 4);
  }
  /** 32 hexadecimal digits. */
  uuid(): string {
    const at = this.take(16);
    return this.buffer.toString("hex", at, at + 16);
  }

  /** Unsigned, at most 32 bits: lengths in flexible versions (KIP-482). */
  uvarint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.buffer[this.take(1)] as number;
      if (shift === 28 && byte > 15) break;
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
    throw new Malformed("a varint longer than 32 bits");
  }

  /** Zigzag, at most 32 bits: lengths inside a record. */
  varint(): number {
    const value = this.uvarint();
    return (value >>> 1) ^ -(value & 1);
  }

  /** Zigzag, at most 64 bits: timestamp deltas inside a record. */
  varlong(): number {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.buffer[this.take(1)] as number;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return Number(BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n)));
    }
    throw new Malformed("a varint longer than 64 bits");
  }

  /** A view, not a copy. */
  slice(length: number): Buffer {
    const at = this.take(length);
    return this.buffer.subarray(at, at + length);
  }

  private length16(): number | null {
    const length = this.int16();
    if (length < -1) throw new Malformed(`a string of length ${length}`);
    return length === -1 ? null : length;
  }
  private length32(): number | null {
    const length = this.int32();
    if (length < -1) throw new Malformed(`a length of ${length}`);
    return length === -1 ? null : length;
  }
  private compactLength(): number | null {
    const length = this.uvarint();
    return length === 0 ? null : length - 1;
  }

  string(flexible: boolean): string | null {
    const length = flexible ? this.compactLength() : this.length16();
    if (length === null) return null;
    const at = this.take(length);
    return this.buffer.toString("utf8", at, at + length);
  }
  bytes(flexible: boolean): Buffer | null {
    const length = flexible ? this.compactLength() : this.length32();
    return length === null ? null : this.slice(length);
  }
  arrayLength(flexible: boolean): number | null {
    const length = flexible ? this.compactLength() : this.length32();
    if (length === null) return null;
    if (length > this.remaining) throw new Malformed(`an array of ${length} in ${this.remaining} bytes`);
    this.elements += length;
    if (this.elements > maxElements) throw new Malformed(`more than ${maxElements} array elements`);
    return length;
  }
}
