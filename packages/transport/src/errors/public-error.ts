import { type ErrorKind, WeftError } from "@weft/core";

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
 * What a caller gets of an error: itself, where its code is a common one or one that the route or method declares. Any other is a
 * detail of how the service is built (`COMMIT_UNKNOWN`, say): the caller gets the common one of its kind, without its words.
 * Of what went wrong inside, nobody outside gets anything.
 */
export function publicError(error: WeftError, declared: readonly string[] = []): WeftError {
  const { kind, retryable, retryAfterSeconds } = error;
  if (kind !== "internal" && (commonCodes.has(error.code) || declared.includes(error.code))) return error;
  const [code, message] = common[kind];
  return new WeftError({ code, message, kind, retryable, retryAfterSeconds, cause: error });
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

/** Whether an error of this kind that came from another service may pass. */
export function isRetryable(kind: ErrorKind): boolean {
  return retryableKinds.has(kind);
}

/** What an error of this kind is called where nobody said more: `NOT_FOUND`. */
export function commonCodeOf(kind: ErrorKind): string {
  return common[kind][0];
}
