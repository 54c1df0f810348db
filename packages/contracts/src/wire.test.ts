import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { contracts, decodeWire, encodeWire, maxNestingDepth } from "./index.ts";

const encoded = (bytes: string | Buffer) => encodeWire(7, bytes);
const nested = (depth: number, open: string, close: string) => open.repeat(depth) + close.repeat(depth);

describe("wire format", () => {
  it("is the magic byte, the schema id in four bytes, and the JSON", () => {
    expect([...encodeWire(258, "{}")]).toEqual([0, 0, 0, 1, 2, 0x7b, 0x7d]);
    expect(encodeWire(258, Buffer.from("{}"))).toEqual(encodeWire(258, "{}"));
    expect(() => encodeWire(2 ** 32, "{}")).toThrow(/out of range/);
    expect(() => encodeWire(-1, "{}")).toThrow(/out of range/);
  });

  it("gives back every schema id, value and text that went in", () => {
    const value = fc
      .jsonValue({ maxDepth: 8, stringUnit: "grapheme" })
      .filter((json) => !JSON.stringify(json).includes("__proto__"));
    fc.assert(
      fc.property(fc.nat(2 ** 32 - 1), value, (schemaId, json) => {
        const text = JSON.stringify(json);
        expect(decodeWire(encodeWire(schemaId, text))).toEqual({ ok: true, schemaId, json: JSON.parse(text), text });
      }),
    );
  });

  it("reads every example", () => {
    for (const { examples } of Object.values(contracts)) {
      for (const example of examples)
        expect(decodeWire(encoded(JSON.stringify(example)))).toMatchObject({ ok: true, json: example });
    }
  });

  it.each<[string, Buffer, RegExp]>([
    ["nothing", Buffer.alloc(0), /too few/],
    ["four bytes", Buffer.alloc(4), /too few/],
    ["a prefix without JSON", Buffer.alloc(5), /not JSON/],
    ["JSON without a prefix", Buffer.from('{"a":1}'), /first byte is 123/],
    ["Avro's single-object magic", Buffer.from([0xc3, 1, 0, 0, 0, 1, 2]), /first byte is 195/],
    ["invalid UTF-8", encoded(Buffer.from([0x22, 0xc3, 0x28, 0x22])), /not UTF-8/],
    ["an overlong slash", encoded(Buffer.from([0x22, 0xc0, 0xaf, 0x22])), /not UTF-8/],
    ["a surrogate in UTF-8", encoded(Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])), /not UTF-8/],
    ["UTF-16", encoded(Buffer.from('{"a":1}', "utf16le")), /not JSON/],
    ["a byte order mark", encoded(Buffer.from('\uFEFF{"a":1}')), /byte order mark/],
    ["NaN", encoded('{"a":NaN}'), /not JSON/],
    ["Infinity", encoded('{"a":-Infinity}'), /not JSON/],
    ["1e999", encoded('{"a":[1,1e999]}'), /range of a double/],
    ["a comment", encoded('{"a":1}//'), /not JSON/],
    ["a comma too many", encoded('{"a":1,}'), /not JSON/],
    ["two values", encoded("{}{}"), /not JSON/],
    ["100 objects deep", encoded(nested(100, '{"a":', "}").replace(":}", ":1}")), /deeper than 64/],
    ["one list deeper than the limit", encoded(nested(maxNestingDepth + 1, "[", "]")), /deeper than 64/],
    ["100 lists deep", encoded(nested(100, "[", "]")), /deeper than 64/],
    ["400,000 lists deep", encoded(nested(400_000, "[", "]")), /deeper than 64/],
    ["a lone high surrogate", encoded('{"a":"\\ud800"}'), /surrogate/],
    ["a lone low surrogate", encoded('{"a":["x\\udc00y"]}'), /surrogate/],
    ["a surrogate in a field's name", encoded('{"\\ud800":1}'), /surrogate/],
    ["__proto__", encoded('{"a":{"__proto__":{"admin":true}}}'), /__proto__/],
    ["__proto__ behind an escape", encoded('{"\\u005f_proto__":1}'), /__proto__/],
    ["a field twice", encoded('{"a":1,"b":":","a":2}'), /twice/],
    ["a field twice behind an escape", encoded('{"a":1,"\\u0061":2}'), /twice/],
    ["a field twice further in", encoded('{"l":[{"x\\"":1,"x\\"":1}]}'), /twice/],
  ])("is undecodable: %s", (_name, bytes, message) => {
    expect(decodeWire(bytes)).toEqual({ ok: false, reason: "undecodable", message: expect.stringMatching(message) });
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  it("reads what only looks dangerous", () => {
    const fine = [
      '{"a":"{\\"a\\":1}:::","b":"\\\\","c":"\\\\\\""}',
      '{"constructor":{"prototype":1},"toString":null}',
      '{"a":"\\ud83d\\ude00 \\u0000"}',
      '{"n":12345678901234567890,"z":-0,"e":5e-324}',
      nested(maxNestingDepth, "[", "]"),
      " null\n",
    ];
    for (const text of fine)
      expect(decodeWire(encoded(text))).toEqual({ ok: true, schemaId: 7, json: JSON.parse(text), text });
  });

  it("never throws on a record that was cut off, flipped or made up", () => {
    const whole = encoded(JSON.stringify(contracts.PromotionCreated.examples[0]));
    for (let length = 0; length < whole.length; length += 1) {
      expect(decodeWire(whole.subarray(0, length))).toMatchObject({ ok: false, reason: "undecodable" });
    }
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
        const flipped = Buffer.from(whole);
        flipped[at] = flipped[at]! ^ mask;
        expect(typeof decodeWire(flipped).ok).toBe("boolean");
      }),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(typeof decodeWire(Buffer.from([0, 0, 0, 0, 1, ...bytes])).ok).toBe("boolean");
      }),
      { numRuns: 500 },
    );
  });
});
