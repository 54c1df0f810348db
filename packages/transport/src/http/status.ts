import { type ErrorKind, WeftError } from "@weft/core";
import { isRetryable } from "../errors/public-error.ts";

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

/** An error that another service answered with, as the same typed error here: `ProductNotFound.is(error)` holds. */
export function errorFromAnswer(
  status: number,
  body: { code: string; message: string; details?: Record<string, unknown> },
  retryAfterSeconds?: number,
): WeftError {
  const kind = statusToKind(status, body.code);
  return new WeftError({ ...body, kind, retryable: isRetryable(kind), retryAfterSeconds });
}
