import { type ErrorKind, WeftError } from "@weft/core";

/** The one place where a kind of error becomes an HTTP status (`docs/errors.md` shows the whole table). */
const statuses = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  "not-found": 404,
  "method-not-allowed": 405,
  conflict: 409,
  exists: 409,
  "in-progress": 409,
  "too-large": 413,
  "unsupported-media-type": 415,
  misdirected: 421,
  "key-reused": 422,
  "rate-limited": 429,
  internal: 500,
  unavailable: 503,
  timeout: 503,
  dependency: 503,
} satisfies Record<ErrorKind, number>;

export function kindToStatus(kind: ErrorKind): number {
  return statuses[kind];
}

/** Code and words of each kind where an error has none that callers know (surfaces.md, section 2). */
const common: Record<ErrorKind, [code: string, message: string]> = {
  invalid: ["BAD_REQUEST", "the request cannot be carried out as it is"],
  unauthenticated: ["UNAUTHORIZED", "a valid bearer token is needed"],
  forbidden: ["FORBIDDEN", "this role may not do that"],
  "not-found": ["NOT_FOUND", "it does not exist"],
  "method-not-allowed": ["METHOD_NOT_ALLOWED", "the method is not allowed here"],
  conflict: ["CONFLICT", "the present state does not allow it"],
  exists: ["CONFLICT", "it exists already"],
  "in-progress": ["REQUEST_IN_PROGRESS", "the same request is still running"],
  "too-large": ["PAYLOAD_TOO_LARGE", "the request is too large"],
  "unsupported-media-type": ["UNSUPPORTED_MEDIA_TYPE", "the body is not of a type that is read here"],
  misdirected: ["MISDIRECTED_REQUEST", "the request reached another service or instance than the one meant"],
  "key-reused": ["IDEMPOTENCY_KEY_REUSED", "the key was used for another request"],
  "rate-limited": ["RATE_LIMITED", "too many requests"],
  internal: ["INTERNAL_ERROR", "something went wrong inside the service"],
  unavailable: ["SERVICE_UNAVAILABLE", "the service cannot do this now"],
  timeout: ["TIMEOUT", "it took too long"],
  dependency: ["DEPENDENCY_FAILED", "a service that is needed did not answer"],
};
const commonCodes = new Set([...Object.values(common).map(([code]) => code), "VALIDATION_ERROR"]);

/**
 * What a caller gets of an error: itself, where its code is a common one or one that the route declares. Any other is a
 * detail of how the service is built (`COMMIT_UNKNOWN`, say): the caller gets the common one of its kind, without its words.
 * Of what went wrong inside, nobody outside gets anything.
 */
export function publicError(error: WeftError, declared: readonly string[] = []): WeftError {
  const { kind, retryable, retryAfterSeconds } = error;
  if (kind !== "internal" && (commonCodes.has(error.code) || declared.includes(error.code))) return error;
  const [code, message] = common[kind];
  return new WeftError({ code, message, kind, retryable, retryAfterSeconds, cause: error });
}

const kindOfCode: Record<string, ErrorKind> = {
  REQUEST_IN_PROGRESS: "in-progress",
  TIMEOUT: "timeout",
  DEPENDENCY_FAILED: "dependency",
};
const kinds: Record<number, ErrorKind> = {
  400: "invalid",
  401: "unauthenticated",
  403: "forbidden",
  404: "not-found",
  405: "method-not-allowed",
  409: "conflict",
  413: "too-large",
  415: "unsupported-media-type",
  421: "misdirected",
  422: "key-reused",
  429: "rate-limited",
  503: "unavailable",
};

/** The way back: the code decides where several kinds share a status. */
export function statusToKind(status: number, code: string): ErrorKind {
  if (status === 409 && code.endsWith("_EXISTS")) return "exists";
  const known = kindOfCode[code];
  if (known && kindToStatus(known) === status) return known;
  return kinds[status] ?? (status >= 500 ? "internal" : "invalid");
}

const retryableKinds: ReadonlySet<ErrorKind> = new Set([
  "in-progress",
  "misdirected",
  "rate-limited",
  "internal",
  "unavailable",
  "timeout",
  "dependency",
]);

/** An error that another service answered with, as the same typed error here: `ProductNotFound.is(error)` holds. */
export function errorFromAnswer(
  status: number,
  body: { code: string; message: string; details?: Record<string, unknown> },
  retryAfterSeconds?: number,
): WeftError {
  const kind = statusToKind(status, body.code);
  return new WeftError({ ...body, kind, retryable: retryableKinds.has(kind), retryAfterSeconds });
}
