import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { Malformed } from "../bytes/malformed.ts";
import { Reader } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";
import { type Api, apis } from "./apis.ts";
import { codecOf, defaultOf } from "./codec.ts";
import { type Field, type Fields, inRange, type Message } from "./schema.ts";

/** Any value that a version can carry; what it cannot carry is the default. */
function anyOf(fields: Fields, version: number, flexible: boolean): fc.Arbitrary<Record<string, unknown>> {
  return fc.record(
    Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, anyField(field, version, flexible)])),
  );
}

function anyField(field: Field, version: number, flexible: boolean): fc.Arbitrary<unknown> {
  if (field.kind === "since") return fc.constant(inRange(field.versions, version));
  if (!inRange(field.versions, version) || (field.tag !== undefined && !flexible)) return fc.constant(defaultOf(field));
  const value = anyValue(field, version, flexible);
  return inRange(field.nullable, version) ? fc.option(value) : value;
}

function anyValue(field: Field, version: number, flexible: boolean): fc.Arbitrary<unknown> {
  switch (field.kind) {
    case "array": {
      const element = field.fields
        ? anyOf(field.fields, version, flexible)
        : anyValue({ ...field, kind: field.element ?? "int32" }, version, flexible);
      return fc.array(element, { maxLength: 3 });
    }
    case "struct":
      return anyOf(field.fields ?? {}, version, flexible);
    case "bool":
      return fc.boolean();
    case "int8":
      return fc.integer({ min: -128, max: 127 });
    case "int16":
      return fc.integer({ min: -32768, max: 32767 });
    case "int64":
      return fc.maxSafeInteger();
    case "string":
      return fc.string({ unit: "binary", maxLength: 20 });
    case "uuid":
      return fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes).toString("hex"));
    case "bytes":
    case "records":
      return fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes));
    default:
      return fc.integer();
  }
}

const versionsOf = ({ min, max }: Api) => Array.from({ length: max - min + 1 }, (_, index) => min + index);
const flexibleFrom = (message: Message, version: number) => inRange(message.flexible, version);

describe.each(Object.entries<Api>(apis))("%s", (_name, api) => {
  it.each(versionsOf(api))("reads in version %i what it wrote", (version) => {
    for (const message of [api.request, api.response]) {
      const codec = codecOf(message, version);
      fc.assert(
        fc.property(anyOf(message.fields, version, flexibleFrom(message, version)), (value) => {
          const writer = new Writer();
          codec.write(writer, value as never);
          const reader = new Reader(writer.toBuffer());
          expect(codec.read(reader)).toEqual(value);
          expect(reader.remaining).toBe(0);
        }),
        { numRuns: 15 },
      );
    }
  });
  it("takes any bytes for a request or for malformed, and nothing else", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom(...versionsOf(api)), (bytes, version) => {
        try {
          codecOf(api.request, version).read(new Reader(Buffer.from(bytes)));
        } catch (error) {
          expect(error).toBeInstanceOf(Malformed);
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe("codec", () => {
  it("reads a classic request, byte by byte (Metadata 4: one topic, no creation)", () => {
    const bytes = Buffer.from("00000001" + "0001" + "74" + "00", "hex");
    expect(codecOf(apis.metadata.request, 4).read(new Reader(bytes))).toMatchObject({
      topics: [{ name: "t" }],
      allowAutoTopicCreation: false,
      emptyMeansAll: false,
    });
  });
  it("reads a flexible request, byte by byte (ApiVersions 3), and skips tags it does not know", () => {
    const bytes = Buffer.from("02" + "61" + "02" + "62" + "01" + "07" + "02" + "ffff", "hex");
    const reader = new Reader(bytes);
    expect(codecOf(apis.apiVersions.request, 3).read(reader)).toEqual({
      clientSoftwareName: "a",
      clientSoftwareVersion: "b",
    });
    expect(reader.remaining).toBe(0);
  });
  it("leaves a tagged field out when it has its default", () => {
    const size = (value: object) => {
      const writer = new Writer();
      codecOf(apis.apiVersions.response, 3).write(writer, { errorCode: 0, apiKeys: [], ...value });
      return writer.length;
    };
    expect(size({ finalizedFeaturesEpoch: -1, supportedFeatures: [] })).toBe(size({}));
    expect(size({ finalizedFeaturesEpoch: 5 })).toBe(size({}) + 10);
  });
});
