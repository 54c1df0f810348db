import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { Malformed } from "../bytes/malformed.ts";
import { FrameParser } from "./frames.ts";
import { readRequest } from "./requests.ts";

const framed = (bytes: Uint8Array) => {
  const length = Buffer.alloc(4);
  length.writeInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
};

describe("frame parser", () => {
  it("gives the same frames, however the bytes were cut", () => {
    const frames = fc.array(fc.uint8Array({ minLength: 8, maxLength: 60 }), { maxLength: 8 });
    fc.assert(
      fc.property(frames, fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 40 }), (sent, cuts) => {
        const parser = new FrameParser(100);
        let rest = Buffer.concat(sent.map(framed));
        const got: Buffer[] = [];
        for (const cut of [...cuts, rest.length]) {
          got.push(...parser.push(Buffer.from(rest.subarray(0, cut))));
          rest = rest.subarray(cut);
        }
        expect(got.map((frame) => frame.toString("hex"))).toEqual(
          sent.map((bytes) => Buffer.from(bytes).toString("hex")),
        );
      }),
    );
  });
  it("refuses a length that no request has, before the bytes come", () => {
    for (const length of [-1, 0, 7, 101, 2 ** 31 - 1]) {
      const bytes = Buffer.alloc(4);
      bytes.writeInt32BE(length);
      expect(() => new FrameParser(100).push(bytes)).toThrow(Malformed);
    }
  });
  it("takes any bytes for frames, requests or malformed, and nothing else", () => {
    const header = fc.tuple(
      fc.integer({ min: -2, max: 70 }),
      fc.integer({ min: -1, max: 15 }),
      fc.uint8Array({ maxLength: 150 }),
    );
    fc.assert(
      fc.property(fc.array(header, { maxLength: 5 }), fc.boolean(), (requests, spoil) => {
        const parser = new FrameParser(1000);
        try {
          for (const [key, version, rest] of requests) {
            const start = Buffer.alloc(8);
            start.writeInt16BE(key, 0);
            start.writeInt16BE(version, 2);
            const bytes = Buffer.concat([start, rest]);
            for (const frame of parser.push(spoil ? bytes : framed(bytes))) readRequest(frame);
          }
        } catch (error) {
          expect(error).toBeInstanceOf(Malformed);
        }
      }),
      { numRuns: 3000 },
    );
  });
});
