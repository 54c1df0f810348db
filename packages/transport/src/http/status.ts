import { type ErrorKind, errorKinds, kindOfHttp, WeftError } from "@weft/core";

export function kindToStatus(kind: ErrorKind): number {
  return errorKinds[kind].http;
}

/** An error that another service answered with, as the same typed error here: `ProductNotFound.is(error)` holds. */
export function errorFromAnswer(
  status: number,
  body: { code: string; message: string; details?: Record<string, unknown> },
  retryAfterSeconds?: number,
): WeftError {
  const kind = kindOfHttp(status, body);
  return new WeftError({ ...body, kind, retryable: errorKinds[kind].mayPass, retryAfterSeconds });
}
