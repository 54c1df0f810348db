import { Malformed } from "../bytes/malformed.ts";
import { Reader } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";
import { type Api, type ApiName, apiByKey, apis } from "../protocol/apis.ts";
import { codecOf, isFlexible } from "../protocol/codec.ts";
import { errorCodes } from "../protocol/error-codes.ts";

export interface Request {
  name: ApiName;
  version: number;
  correlationId: number;
  clientId: string;
  body: unknown;
  /** An ApiVersions request of a version from the future (KIP-511). */
  isBeyond: boolean;
}

/**
 * Request header, versions 1 and 2, and the body behind it.
 * @throws Malformed also for what is not spoken here: Kafka closes the connection then
 */
export function readRequest(frame: Buffer): Request {
  const reader = new Reader(frame);
  const key = reader.int16();
  const version = reader.int16();
  const correlationId = reader.int32();
  const name = apiByKey.get(key);
  if (!name) throw new Malformed(`unsupported API ${key}`);
  const api: Api = apis[name];
  const isKnown = version >= api.min && version <= api.max;
  if (!isKnown && name !== "apiVersions") throw new Malformed(`unsupported version ${version} of ${name}`);
  // Also in the flexible header, the client id keeps its two-byte length (KIP-482).
  const clientId = reader.string(false) ?? "";
  const common = { name, version, correlationId, clientId };
  if (!isKnown) return { ...common, body: {}, isBeyond: true };
  if (isFlexible(api.request, version)) skipTaggedFields(reader);
  const body = codecOf(api.request, version).read(reader);
  if (reader.remaining > 0) throw new Malformed(`${reader.remaining} bytes after a ${name} request`);
  return { ...common, body, isBeyond: false };
}

function skipTaggedFields(reader: Reader): void {
  for (let left = reader.uvarint(); left > 0; left--) {
    reader.uvarint();
    reader.skip(reader.uvarint());
  }
}

/** The whole answer, length included, in pieces. */
export function writeResponse({ name, version, correlationId, isBeyond }: Request, response: object): Buffer[] {
  const api: Api = apis[name];
  const writer = new Writer();
  writer.int32(0);
  writer.int32(correlationId);
  // KIP-511: whoever asks in a version that is not known here gets version 0 with error 35 and the range; and the header of
  // ApiVersions is never flexible, because the asker does not know yet what to expect.
  if (isBeyond) codecOf(api.response, 0).write(writer, { ...response, errorCode: errorCodes.UNSUPPORTED_VERSION });
  else {
    if (name !== "apiVersions" && isFlexible(api.response, version)) writer.uvarint(0);
    codecOf(api.response, version).write(writer, response as never);
  }
  const length = writer.length - 4;
  const pieces = writer.pieces();
  pieces[0]?.writeInt32BE(length, 0);
  return pieces;
}
