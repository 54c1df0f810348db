import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { crc32c } from "./crc32c.ts";
import { Malformed } from "./malformed.ts";
import { Reader } from "./reader.ts";
import { Writer } from "./writer.ts";

function through<T>(write: (writer: Writer) => void, read: (reader: Reader) => T): T {
  const writer = new Writer(1);
  write(writer);
  const reader = new Reader(writer.toBuffer());
  const value = read(reader);
  expect(reader.remaining).toBe(0);
  return value;
}

describe("wire types", () => {
  it("read back what was written", () => {
    fc.assert(
      fc.property(fc.nat(0xffffffff), fc.integer(), fc.maxSafeInteger(), fc.boolean(), (unsigned, int, long, flag) => {
        expect(
          through(
            (w) => w.uvarint(unsigned),
            (r) => r.uvarint(),
          ),
        ).toBe(unsigned);
        expect(
          through(
            (w) => w.varint(int),
            (r) => r.varint(),
          ),
        ).toBe(int);
        expect(
          through(
            (w) => w.varlong(long),
            (r) => r.varlong(),
          ),
        ).toBe(long);
        expect(
          through(
            (w) => w.int64(long),
            (r) => r.int64(),
          ),
        ).toBe(long);
        expect(
          through(
            (w) => w.int32(int),
            (r) => r.int32(),
          ),
        ).toBe(int);
        expect(
          through(
            (w) => w.bool(flag),
            (r) => r.bool(),
          ),
        ).toBe(flag);
      }),
    );
  });
  it("keep strings and bytes, null and empty apart, compact and classic", () => {
    const text = fc.option(fc.string({ unit: "binary", maxLength: 200 }));
    const large = fc.option(fc.uint8Array({ maxLength: 5000 }));
    fc.assert(
      fc.property(text, large, fc.boolean(), (string, bytes, flexible) => {
        expect(
          through(
            (w) => w.string(string, flexible),
            (r) => r.string(flexible),
          ),
        ).toBe(string);
        const buffer = bytes && Buffer.from(bytes);
        expect(
          through(
            (w) => w.bytes(buffer, flexible),
            (r) => r.bytes(flexible),
          ),
        ).toEqual(buffer);
      }),
    );
  });
  it("write the varints of KIP-482 and of the record format as documented", () => {
    const hex = (write: (writer: Writer) => void) => {
      const writer = new Writer();
      write(writer);
      return writer.toBuffer().toString("hex");
    };
    expect([0, 127, 128, 300, 0xffffffff].map((v) => hex((w) => w.uvarint(v)))).toEqual([
      "00",
      "7f",
      "8001",
      "ac02",
      "ffffffff0f",
    ]);
    expect([0, -1, 1, -64, 64].map((v) => hex((w) => w.varint(v)))).toEqual(["00", "01", "02", "7f", "8001"]);
  });
  it("refuse what ends too early or claims too much", () => {
    const refused = (hex: string, read: (reader: Reader) => unknown) =>
      expect(() => read(new Reader(Buffer.from(hex, "hex")))).toThrow(Malformed);
    refused("0000", (r) => r.int32());
    refused("ffffffffff01", (r) => r.uvarint());
    refused("ffffffffffffffffffff01", (r) => r.varlong());
    refused("7fff00", (r) => r.string(false));
    refused("fffe", (r) => r.string(false));
    refused("7fffffff", (r) => r.bytes(false));
    refused("7fffffff00", (r) => r.arrayLength(false));
    refused("ffffffff0f", (r) => r.arrayLength(true));
  });
});

describe("CRC-32C", () => {
  it("gives the check values of RFC 3720, appendix B.4", () => {
    expect(crc32c(Buffer.from("123456789"))).toBe(0xe3069283);
    expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa);
    expect(crc32c(Buffer.alloc(32, 0xff))).toBe(0x62a8ab43);
    expect(crc32c(Buffer.from(Array.from({ length: 32 }, (_, i) => i)))).toBe(0x46dd794e);
  });
  it("equals the bit-by-bit definition for every length and offset", () => {
    const slow = (bytes: Uint8Array) => {
      let crc = -1;
      for (const byte of bytes) {
        crc ^= byte;
        for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
      }
      return ~crc >>> 0;
    };
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(20), (bytes, from) => {
        const start = Math.min(from, bytes.length);
        expect(crc32c(bytes, start)).toBe(slow(bytes.subarray(start)));
      }),
    );
  });
});
