import { Malformed } from "../bytes/malformed.ts";

const noBytes: Buffer = Buffer.alloc(0);

/** Cuts what comes over a socket into frames: four bytes of length, then so many bytes. Nothing is allocated for a length alone. */
export class FrameParser {
  private chunks: Buffer[] = [];
  private available = 0;
  /** Length of the frame at hand, once its four bytes are there. */
  private wanted = -1;
  private readonly maxFrameBytes: number;

  constructor(maxFrameBytes: number) {
    this.maxFrameBytes = maxFrameBytes;
  }

  /** @returns the frames that are complete now @throws Malformed for a length that no request has */
  push(chunk: Buffer): Buffer[] {
    this.chunks.push(chunk);
    this.available += chunk.length;
    const frames: Buffer[] = [];
    for (;;) {
      if (this.wanted < 0) {
        if (this.available < 4) return frames;
        this.wanted = this.take(4).readInt32BE(0);
        // Eight bytes: the shortest request header there is.
        if (this.wanted < 8 || this.wanted > this.maxFrameBytes)
          throw new Malformed(`a frame of ${this.wanted} bytes; at most ${this.maxFrameBytes} are taken`);
      }
      if (this.available < this.wanted) return frames;
      frames.push(this.take(this.wanted));
      this.wanted = -1;
    }
  }

  private take(count: number): Buffer {
    const first = this.chunks[0] ?? noBytes;
    this.available -= count;
    if (first.length > count) {
      this.chunks[0] = first.subarray(count);
      return first.subarray(0, count);
    }
    if (first.length === count) {
      this.chunks.shift();
      return first;
    }
    const all = Buffer.concat(this.chunks);
    this.chunks = all.length > count ? [all.subarray(count)] : [];
    return all.subarray(0, count);
  }
}
