import { googleProtobuf, googleRpc } from "@weft/contracts/grpc";
import { type ErrorDetails, type ErrorKind, errorKinds, type GrpcCode, kindOfGrpc, WeftError } from "@weft/core";

/** The codes of gRPC, by their numbers on the wire. */
export const grpcCodes = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const satisfies Record<GrpcCode, number>;

const names = new Map<number, GrpcCode>(Object.entries(grpcCodes).map(([name, code]) => [code, name as GrpcCode]));

/** The way back; what no kind has is `internal`. */
function grpcToKind(grpcCode: number, answered: { code: string; details?: ErrorDetails }): ErrorKind {
  return kindOfGrpc(names.get(grpcCode) ?? "UNKNOWN", answered);
}

/** What a call ends with, as grpc-js takes it. */
export interface EncodedStatus {
  code: number;
  /** For people: at most 1,000 characters. */
  message: string;
  /** `google.rpc.Status` for the metadata `grpc-status-details-bin`. */
  details: Buffer;
}

const maxMessageLength = 1000;
/** Peers refuse trailers from 8 KiB on, and base64 makes them longer by a third. */
const maxDetailsBytes = 5000;
const maxFieldViolations = 20;

/**
 * An error as gRPC carries it: a `google.rpc.Status` with `ErrorInfo` (`reason` is the code, `domain` the service), `details`
 * as a `google.protobuf.Struct`, field errors as `BadRequest` besides, and `RetryInfo` where a pause makes sense. Of very
 * many field errors the first 20 are told; details that are still too long for metadata are left out.
 */
export function encodeStatus(error: WeftError, domain: string): EncodedStatus {
  const code = grpcCodes[errorKinds[error.kind].grpc];
  const message = error.message.slice(0, maxMessageLength).toWellFormed();
  const errorInfo = pack("google.rpc.ErrorInfo", googleRpc.ErrorInfo, { reason: error.code, domain, metadata: {} });
  const retry = error.retryAfterSeconds === undefined ? [] : [retryInfo(error.retryAfterSeconds)];
  const status = (details: googleProtobuf.Any[]) =>
    Buffer.from(googleRpc.Status.encode({ code, message, details: [errorInfo, ...retry, ...details] }).finish());
  const whole = status(detailsOf(error.details));
  return { code, message, details: whole.length <= maxDetailsBytes ? whole : status([]) };
}

function detailsOf(details: ErrorDetails | undefined): googleProtobuf.Any[] {
  if (details === undefined) return [];
  const { field_errors: fieldErrors, ...rest } = JSON.parse(JSON.stringify(details)) as ErrorDetails;
  const violations = Object.entries(fieldErrors ?? {}).slice(0, maxFieldViolations);
  const told = fieldErrors === undefined ? rest : { ...rest, field_errors: Object.fromEntries(violations) };
  const struct = pack("google.protobuf.Struct", googleProtobuf.Struct, googleProtobuf.Struct.wrap(told));
  if (violations.length === 0) return [struct];
  const fieldViolations = violations.map(([field, description]) => ({ field, description: String(description) }));
  return [struct, pack("google.rpc.BadRequest", googleRpc.BadRequest, { fieldViolations })];
}

function retryInfo(seconds: number): googleProtobuf.Any {
  const retryDelay = { seconds: Math.floor(seconds), nanos: Math.round((seconds % 1) * 1e9) };
  return pack("google.rpc.RetryInfo", googleRpc.RetryInfo, { retryDelay });
}

/**
 * The error that another service ended a call with, as the same typed error here: `StockNotFound.is(error)` holds.
 * A status without `ErrorInfo` gets the common code of its kind; one that no kind has is `INTERNAL_ERROR`.
 * @param details the metadata `grpc-status-details-bin`
 * @returns also whether it came from a service of this kind, and not from a library or a proxy on the way
 */
export function decodeStatus(
  grpcCode: number,
  message: string,
  details: Uint8Array | undefined,
): { error: WeftError; hasInfo: boolean } {
  const packed = unpackStatus(details);
  const info = packed && unpack(packed, "google.rpc.ErrorInfo", googleRpc.ErrorInfo);
  if (!packed || !info?.reason) {
    const isTooLarge = grpcCode === grpcCodes.RESOURCE_EXHAUSTED && /larger than max|larger than \d/.test(message);
    const kind = isTooLarge ? "too-large" : grpcToKind(grpcCode, { code: "" });
    const { code: commonCode, mayPass } = errorKinds[kind];
    const error = new WeftError({ code: commonCode, message, kind, retryable: mayPass });
    return { error, hasInfo: false };
  }
  const struct = unpack(packed, "google.protobuf.Struct", googleProtobuf.Struct);
  const told = struct && (googleProtobuf.Struct.unwrap(struct) as ErrorDetails);
  const kind = grpcToKind(grpcCode, { code: info.reason, ...(told ? { details: told } : {}) });
  const delay = unpack(packed, "google.rpc.RetryInfo", googleRpc.RetryInfo)?.retryDelay;
  const error = new WeftError({
    code: info.reason,
    message: packed.message,
    kind,
    retryable: errorKinds[kind].mayPass,
    details: told,
    retryAfterSeconds: delay && delay.seconds + delay.nanos / 1e9,
  });
  return { error, hasInfo: true };
}

interface Codec<Message> {
  encode(message: Message): { finish(): Uint8Array };
  decode(input: Uint8Array): Message;
}

function pack<Message>(type: string, codec: Codec<Message>, message: Message): googleProtobuf.Any {
  return { typeUrl: `type.googleapis.com/${type}`, value: codec.encode(message).finish() as Buffer };
}

function unpackStatus(details: Uint8Array | undefined): googleRpc.Status | undefined {
  return details && decoded(googleRpc.Status, details);
}

function unpack<Message>({ details }: googleRpc.Status, type: string, codec: Codec<Message>): Message | undefined {
  const found = details.find(({ typeUrl }) => typeUrl.endsWith(`/${type}`));
  return found && decoded(codec, found.value);
}

/** What a stranger sent may be anything. */
function decoded<Message>(codec: Codec<Message>, bytes: Uint8Array): Message | undefined {
  try {
    return codec.decode(bytes);
  } catch {
    return undefined;
  }
}
