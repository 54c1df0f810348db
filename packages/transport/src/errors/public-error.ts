import { classify, type ErrorKind, errorKinds, InternalError, WeftError } from "@weft/core";

const commonCodes = new Set([...Object.values(errorKinds).map(({ code }) => code), "VALIDATION_ERROR"]);

/** Something went wrong in here, and for no reason that a caller could do anything about. */
export const isInternal = (kind: ErrorKind): boolean => errorKinds[kind].code === errorKinds.internal.code;

/**
 * What a caller gets of an error: itself, where its code is a common one or one that the route or method declares. Any other is a
 * detail of how the service is built (`COMMIT_UNKNOWN`, say): the caller gets the common one of its kind, without its words.
 * Internal errors are never shown to callers.
 */
export function publicError(error: WeftError, declared: readonly string[] = []): WeftError {
  const { kind, retryable, retryAfterSeconds } = error;
  if (!isInternal(kind) && (commonCodes.has(error.code) || declared.includes(error.code))) return error;
  const { code, message, details } = errorKinds[kind];
  return new WeftError({ code, message, kind, retryable, details, retryAfterSeconds, cause: error });
}

/**
 * What anything thrown by a handler is. Of what it did not throw as an error of ours, an error of the program is a bug, and a
 * shared resource that is away or full is no failure inside, also where a library says so. The rest is internal, whatever it was
 * below: to call it an outage, or the caller's fault, is for the handler, who knows.
 */
export function thrown(error: unknown): WeftError {
  if (error instanceof WeftError) return error;
  const kind = classify(error);
  if (kind !== "bug" && kind !== "resource") return new InternalError(undefined, { cause: error });
  const { code, message, details, mayPass: retryable } = errorKinds[kind];
  const pause = retryable ? { retryAfterSeconds: 1 } : {};
  return new WeftError({ code, message, details, kind, retryable, ...pause, cause: error });
}
