import type { IncomingHttpHeaders } from "node:http";
import { type CallContext, isRequestId, newContext } from "@weft/core";

/** Names of the headers that carry the call context between services. */
export const contextHeaders = {
  requestId: "x-request-id",
  correlationId: "x-weft-correlation-id",
  target: "x-weft-target",
  timeoutMs: "x-request-timeout-ms",
  serviceName: "x-service-name",
  serviceVersion: "x-service-version",
  userId: "x-user-id",
  userRole: "x-user-role",
  idempotencyKey: "idempotency-key",
} as const;

/** Headers that only services may set: the edge drops them, whoever sends them. */
export function isInternalHeader(name: string): boolean {
  return /^x-(weft|service|user)-/i.test(name);
}

/** The context that came in with a request, or begins with it, bounded by `timeoutMs` or by what is left to the caller. */
export function contextFromHeaders(headers: IncomingHttpHeaders, timeoutMs: number): CallContext {
  const requestId = single(headers[contextHeaders.requestId]);
  const correlationId = single(headers[contextHeaders.correlationId]);
  return newContext({
    ...(isRequestId(requestId) ? { requestId } : {}),
    ...(isRequestId(correlationId) ? { correlationId } : {}),
    traceparent: single(headers.traceparent),
    tracestate: bounded(headers.tracestate, 512),
    baggage: bounded(headers.baggage, 8192),
    caller: bounded(headers[contextHeaders.serviceName], 128),
    user: userOf(headers),
    idempotencyKey: single(headers[contextHeaders.idempotencyKey]),
    deadline: deadlineFrom(headers, timeoutMs),
  });
}

/**
 * When work that begins now must end: after `timeoutMs`, or after `X-Request-Timeout-Ms` where that is less. A header that is
 * not a whole number from 0 counts as absent.
 */
export function deadlineFrom(headers: IncomingHttpHeaders, timeoutMs: number): number {
  const left = single(headers[contextHeaders.timeoutMs]) ?? "";
  return performance.now() + Math.min(timeoutMs, /^\d{1,9}$/.test(left) ? Number(left) : timeoutMs);
}

function userOf(headers: IncomingHttpHeaders): CallContext["user"] {
  const id = bounded(headers[contextHeaders.userId], 200);
  const role = bounded(headers[contextHeaders.userRole], 64);
  return id !== undefined && role !== undefined ? { id, role } : undefined;
}

const single = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value.join(",") : value;

function bounded(value: string | string[] | undefined, maxLength: number): string | undefined {
  const text = single(value);
  return text !== undefined && text.length > 0 && text.length <= maxLength ? text : undefined;
}
