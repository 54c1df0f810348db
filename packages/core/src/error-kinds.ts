/**
 * One table for one decision: whose fault a failure is, whether it may pass, and what each protocol says of it. HTTP and
 * gRPC, servers and clients, the consumer, the relay and the command line all read it; none of them has a table of its own.
 */

export type ErrorKind =
  | "invalid" // the request is wrong and stays wrong
  | "unauthenticated"
  | "forbidden"
  | "not-found"
  | "method-not-allowed"
  | "conflict" // the state forbids it
  | "exists" // something else already has this identity
  | "in-progress" // the same request is still running
  | "too-large"
  | "unsupported-media-type"
  | "misdirected" // reached another service or instance than the one meant
  | "key-reused" // an idempotency key with another body
  | "rate-limited"
  | "internal" // failed inside, for a reason that nobody classified
  | "bug" // an error of the program itself: it fails again until the program is changed
  | "unavailable" // this instance sheds load, drains or is not there
  | "resource" // what all instances share is away or full: the database, its connections, a disk
  | "timeout"
  | "dependency"; // a service that this one needs did not answer

/** The canonical codes of gRPC: https://grpc.io/docs/guides/status-codes/ */
export type GrpcCode =
  | "OK"
  | "CANCELLED"
  | "UNKNOWN"
  | "INVALID_ARGUMENT"
  | "DEADLINE_EXCEEDED"
  | "NOT_FOUND"
  | "ALREADY_EXISTS"
  | "PERMISSION_DENIED"
  | "RESOURCE_EXHAUSTED"
  | "FAILED_PRECONDITION"
  | "ABORTED"
  | "OUT_OF_RANGE"
  | "UNIMPLEMENTED"
  | "INTERNAL"
  | "UNAVAILABLE"
  | "DATA_LOSS"
  | "UNAUTHENTICATED";

export interface ErrorKindMeaning {
  /** Whether the same request may succeed later without anybody changing something. */
  readonly mayPass: boolean;
  /**
   * What a caller does with an answer of this kind. `never`: the same answer would come again, or the retries were made
   * further down. `if-repeatable`: something may have happened there. `not-done`: certainly nothing happened there.
   */
  readonly again: "never" | "if-repeatable" | "not-done";
  /** Whom an answer of this kind speaks against: circuit breakers and load balancing count only `instance`. */
  readonly speaksAgainst: "instance" | "nobody";
  /** HTTP status (RFC 9110). */
  readonly http: number;
  readonly grpc: GrpcCode;
  /** Code and words that a caller gets where the error has none that callers know. */
  readonly code: string;
  readonly message: string;
  /** Tells this kind from the others of its code on the wire. */
  readonly details?: Readonly<Record<string, unknown>>;
}

const callersFault = { mayPass: false, again: "never", speaksAgainst: "nobody" } as const;

export const errorKinds: Readonly<Record<ErrorKind, ErrorKindMeaning>> = {
  invalid: {
    ...callersFault,
    http: 400,
    grpc: "INVALID_ARGUMENT",
    code: "BAD_REQUEST",
    message: "the request cannot be carried out as it is",
  },
  unauthenticated: {
    ...callersFault,
    http: 401,
    grpc: "UNAUTHENTICATED",
    code: "UNAUTHORIZED",
    message: "a valid bearer token is needed",
  },
  forbidden: {
    ...callersFault,
    http: 403,
    grpc: "PERMISSION_DENIED",
    code: "FORBIDDEN",
    message: "this role may not do that",
  },
  "not-found": {
    ...callersFault,
    http: 404,
    grpc: "NOT_FOUND",
    code: "NOT_FOUND",
    message: "it does not exist",
  },
  "method-not-allowed": {
    ...callersFault,
    http: 405,
    grpc: "UNIMPLEMENTED",
    code: "METHOD_NOT_ALLOWED",
    message: "the method is not allowed here",
  },
  conflict: {
    ...callersFault,
    http: 409,
    grpc: "FAILED_PRECONDITION",
    code: "CONFLICT",
    message: "the present state does not allow it",
  },
  exists: { ...callersFault, http: 409, grpc: "ALREADY_EXISTS", code: "CONFLICT", message: "it exists already" },
  "in-progress": {
    mayPass: true,
    again: "if-repeatable",
    speaksAgainst: "nobody",
    http: 409,
    grpc: "ABORTED",
    code: "REQUEST_IN_PROGRESS",
    message: "the same request is still running",
  },
  "too-large": {
    ...callersFault,
    http: 413,
    grpc: "RESOURCE_EXHAUSTED",
    code: "PAYLOAD_TOO_LARGE",
    message: "the request is too large",
  },
  "unsupported-media-type": {
    ...callersFault,
    http: 415,
    grpc: "INVALID_ARGUMENT",
    code: "UNSUPPORTED_MEDIA_TYPE",
    message: "the body is not of a type that is read here",
  },
  misdirected: {
    mayPass: true,
    again: "not-done",
    speaksAgainst: "instance",
    http: 421,
    grpc: "UNAVAILABLE",
    code: "MISDIRECTED_REQUEST",
    message: "the request reached another service or instance than the one meant",
  },
  "key-reused": {
    ...callersFault,
    http: 422,
    grpc: "FAILED_PRECONDITION",
    code: "IDEMPOTENCY_KEY_REUSED",
    message: "the key was used for another request",
  },
  "rate-limited": {
    mayPass: true,
    again: "if-repeatable",
    speaksAgainst: "nobody",
    http: 429,
    grpc: "RESOURCE_EXHAUSTED",
    code: "RATE_LIMITED",
    message: "too many requests",
  },
  internal: {
    mayPass: true,
    again: "if-repeatable",
    speaksAgainst: "instance",
    http: 500,
    grpc: "INTERNAL",
    code: "INTERNAL_ERROR",
    message: "something went wrong inside the service",
  },
  bug: {
    mayPass: false,
    again: "never",
    speaksAgainst: "instance",
    http: 500,
    grpc: "INTERNAL",
    code: "INTERNAL_ERROR",
    message: "something went wrong inside the service",
  },
  unavailable: {
    mayPass: true,
    again: "if-repeatable",
    speaksAgainst: "instance",
    http: 503,
    grpc: "UNAVAILABLE",
    code: "SERVICE_UNAVAILABLE",
    message: "the service cannot do this now",
  },
  resource: {
    mayPass: true,
    again: "if-repeatable",
    speaksAgainst: "nobody",
    http: 503,
    grpc: "UNAVAILABLE",
    code: "SERVICE_UNAVAILABLE",
    message: "something that the service needs is away or full",
    details: { cause: "resource" },
  },
  timeout: {
    mayPass: true,
    again: "if-repeatable",
    speaksAgainst: "instance",
    http: 503,
    grpc: "DEADLINE_EXCEEDED",
    code: "TIMEOUT",
    message: "it took too long",
  },
  dependency: {
    mayPass: true,
    again: "never",
    speaksAgainst: "nobody",
    http: 503,
    grpc: "UNAVAILABLE",
    code: "DEPENDENCY_FAILED",
    message: "a service that is needed did not answer",
  },
};

const kinds = Object.keys(errorKinds) as ErrorKind[];

/** Codes that several kinds of a status share are told apart by their details; without these, this one is meant. */
const plainKinds: Readonly<Record<string, ErrorKind>> = {
  CONFLICT: "conflict",
  INTERNAL_ERROR: "internal",
  SERVICE_UNAVAILABLE: "unavailable",
};

interface Answered {
  code: string;
  details?: Readonly<Record<string, unknown>> | undefined;
}

function kindAmong(candidates: readonly ErrorKind[], { code, details }: Answered): ErrorKind | undefined {
  const named = candidates.filter((kind) => errorKinds[kind].code === code);
  const told = named.find((kind) => {
    const own = Object.entries(errorKinds[kind].details ?? {});
    return own.length > 0 && own.every(([name, value]) => details?.[name] === value);
  });
  return told ?? named.find((kind) => (plainKinds[code] ?? kind) === kind);
}

/** The kind of an error that came over HTTP: its code decides where several kinds share a status. */
export function kindOfHttp(status: number, answered: Answered): ErrorKind {
  const sharing = kinds.filter((kind) => errorKinds[kind].http === status);
  if (sharing.includes("exists") && answered.code.endsWith("_EXISTS")) return "exists";
  const common: ErrorKind = status === 503 ? "unavailable" : status >= 500 ? "internal" : (sharing[0] ?? "invalid");
  return kindAmong(sharing, answered) ?? common;
}

/** Of the kinds that share a code of gRPC, this one is meant where the error's own code does not say another. */
const grpcKinds: Readonly<Partial<Record<GrpcCode, ErrorKind>>> = {
  RESOURCE_EXHAUSTED: "rate-limited",
  UNAVAILABLE: "unavailable",
  INTERNAL: "internal",
  OUT_OF_RANGE: "invalid",
};

/** The kind of an error that came over gRPC; a code that no kind has is `internal`. */
export function kindOfGrpc(grpcCode: GrpcCode, answered: Answered): ErrorKind {
  const sharing = kinds.filter((kind) => errorKinds[kind].grpc === grpcCode);
  if (sharing.includes("too-large") && answered.code.endsWith("_TOO_LARGE")) return "too-large";
  return kindAmong(sharing, answered) ?? grpcKinds[grpcCode] ?? sharing[0] ?? "internal";
}
