import { classify, errorKinds, InternalError, WeftError } from "@weft/core";

const commonCodes = new Set([...Object.values(errorKinds).map(({ code }) => code), "VALIDATION_ERROR"]);

/**
 * What a caller gets of an error: itself, where its code is a common one or one that the route or method declares. Any other is a
 * detail of how the service is built (`COMMIT_UNKNOWN`, say): the caller gets the common one of its kind, without its words.
 * Internal errors are never shown to callers.
 */
export function publicError(error: WeftError, declared: readonly string[] = []): WeftError {
  const { kind, retryable, retryAfterSeconds } = error;
  const isInternal = kind === "internal" || kind === "bug";
  if (!isInternal && (commonCodes.has(error.code) || declared.includes(error.code))) return error;
  const { code, message, details } = errorKinds[kind];
  return new WeftError({ code, message, kind, retryable, details, retryAfterSeconds, cause: error });
}

/** What anything thrown by a handler is: also where it came from a library, a shared resource that is away or full is no failure inside. */
export function thrown(error: unknown): WeftError {
  if (error instanceof WeftError) return error;
  if (classify(error) !== "resource") return new InternalError(undefined, { cause: error });
  const { code, message, details } = errorKinds.resource;
  return new WeftError({
    code,
    message,
    details,
    kind: "resource",
    retryable: true,
    retryAfterSeconds: 1,
    cause: error,
  });
}
