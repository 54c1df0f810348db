const twoTo32 = 4_294_967_296;
/** From here on, bytes are handed on as they are instead of being copied. */
const passThroughBytes = 2048;

/** Writes the primitive types of the Kafka protocol. The result is a list of pieces, so that record batches are not copied. */
export class Writer {
  private buffer: Buffer;
  private at = 0;
  private readonly done: Buffer[] = [];
  private doneBytes = 0;

  constructor(initialBytes = 512) {
    this.buffer = Buffer.allocUnsafe(initialBytes);
  }

  get length(): number {
    return this.doneBytes + this.at;
  }

  /** May replace the buffer: callers look at `this.buffer` only afterwards. */
  private room(count: number): number {
    const at = this.at;
    if (at + count > this.buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, at + count));
      this.buffer.copy(larger, 0, 0, at);
      this.buffer = larger;
    }
    this.at = at + count;
    return at;
  }

  int8(value: number): void {
    const at = this.room(1);
    this.buffer.writeInt8(value, at);
  }
  bool(value: boolean): void {
    this.int8(value ? 1 : 0);
  }
  int16(value: number): void {
    const at = this.room(2);
    this.buffer.writeInt16BE(value, at);
  }
  int32(value: number): void {
    const at = this.room(4);
    this.buffer.writeInt32BE(value, at);
  }
  int64(value: number): void {
    const at = this.room(8);
    this.buffer.writeInt32BE(Math.floor(value / twoTo32), at);
    this.buffer.writeUInt32BE(value - Math.floor(value / twoTo32) * twoTo32, at + 4);
  }
  uuid(value: string): void {
    const at = this.room(16);
    this.buffer.write(value, at, 16, "hex");
  }

  uvarint(value: number): void {
    let rest = value;
    while (rest > 127) {
      const at = this.room(1);
      this.buffer[at] = (rest % 128) + 128;
      rest = Math.floor(rest / 128);
    }
    const at = this.room(1);
    this.buffer[at] = rest;
  }
  varint(value: number): void {
    this.uvarint(((value << 1) ^ (value >> 31)) >>> 0);
  }
  varlong(value: number): void {
    let rest = BigInt.asUintN(64, (BigInt(value) << 1n) ^ (BigInt(value) >> 63n));
    while (rest > 127n) {
      const at = this.room(1);
      this.buffer[at] = Number(rest & 127n) | 128;
      rest >>= 7n;
    }
    const at = this.room(1);
    this.buffer[at] = Number(rest);
  }

  raw(value: Buffer): void {
    if (value.length < passThroughBytes) {
      const at = this.room(value.length);
      value.copy(this.buffer, at);
      return;
    }
    this.cut();
    this.done.push(value);
    this.doneBytes += value.length;
  }

  string(value: string | null, flexible: boolean): void {
    const length = value === null ? -1 : Buffer.byteLength(value);
    if (flexible) this.uvarint(length + 1);
    else this.int16(length);
    if (value === null || length === 0) return;
    const at = this.room(length);
    this.buffer.write(value, at, length);
  }
  bytes(value: Buffer | null, flexible: boolean): void {
    const length = value === null ? -1 : value.length;
    if (flexible) this.uvarint(length + 1);
    else this.int32(length);
    if (value !== null) this.raw(value);
  }
  arrayLength(length: number | null, flexible: boolean): void {
    if (flexible) this.uvarint(length === null ? 0 : length + 1);
    else this.int32(length === null ? -1 : length);
  }

  private cut(): void {
    if (this.at === 0) return;
    this.done.push(this.buffer.subarray(0, this.at));
    this.doneBytes += this.at;
    this.buffer = this.buffer.subarray(this.at);
    this.at = 0;
  }

  /** Everything written, in order. The writer is not used afterwards. */
  pieces(): Buffer[] {
    this.cut();
    return this.done;
  }
  toBuffer(): Buffer {
    const pieces = this.pieces();
    return pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces);
  }
}
