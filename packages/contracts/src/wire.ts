import { readabilityProblem } from "./readability.ts";

export { maxNestingDepth } from "./readability.ts";

/**
 * Most bytes that the JSON of one event may take. Kafka brokers take record batches of 1,048,588 bytes by default
 * (`message.max.bytes`); the rest is for the headers, those of a dead letter, and the batch itself.
 */
export const maxEventBytes = 900_000;

const magicByte = 0;
const prefixBytes = 5;

/**
 * Confluent wire format: magic byte 0, the schema id in four bytes, big endian, then the JSON.
 * @param schemaId as the registry gave it, 0 to 2³²−1
 * @see https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/index.html#wire-format
 */
export function encodeWire(schemaId: number, json: string | Buffer): Buffer {
  const prefix = Buffer.alloc(prefixBytes);
  prefix[0] = magicByte;
  prefix.writeUInt32BE(schemaId, 1);
  return Buffer.concat([prefix, typeof json === "string" ? Buffer.from(json, "utf8") : json]);
}

export type WireOutcome =
  | { ok: true; schemaId: number; json: unknown; text: string }
  | { ok: false; reason: "undecodable"; message: string };

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Takes a record's value apart. Never throws: bytes that are not the wire format, not UTF-8, not JSON, or JSON that
 * programs read differently (see `readabilityProblem`) are `undecodable`, with the cause in `message`.
 */
export function decodeWire(value: Buffer): WireOutcome {
  const undecodable = (message: string): WireOutcome => ({ ok: false, reason: "undecodable", message });
  if (value.length < prefixBytes) {
    return undecodable(`${value.length} bytes are too few for the Confluent wire format, which begins with five`);
  }
  if (value[0] !== magicByte) {
    return undecodable(`the first byte is ${value[0]}, and the Confluent wire format begins with 0`);
  }
  let text: string;
  try {
    text = utf8.decode(value.subarray(prefixBytes));
  } catch {
    return undecodable("the bytes after the schema id are not UTF-8");
  }
  if (text.startsWith("\uFEFF"))
    return undecodable("the text begins with a byte order mark, which JSON does not allow");
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return undecodable(`the text is not JSON: ${(error as Error).message.slice(0, 200)}`);
  }
  const problem = readabilityProblem(json, text);
  return problem === undefined ? { ok: true, schemaId: value.readUInt32BE(1), json, text } : undecodable(problem);
}
