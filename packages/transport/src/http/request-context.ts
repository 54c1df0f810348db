import type { IncomingHttpHeaders } from "node:http";
import type { CallContext } from "@weft/core";
import { contextFrom, contextHeaders } from "../context/headers.ts";

/** The context that came in with a request, or begins with it, bounded by `timeoutMs` or by what is left to the caller. */
export function contextFromHeaders(headers: IncomingHttpHeaders, timeoutMs: number): CallContext {
  return contextFrom(headers, deadlineFrom(headers, timeoutMs));
}

/**
 * When work that begins now must end: after `timeoutMs`, or after `X-Request-Timeout-Ms` where that is less. A header that is
 * not a whole number from 0 counts as absent.
 */
export function deadlineFrom(headers: IncomingHttpHeaders, timeoutMs: number): number {
  const left = headers[contextHeaders.timeoutMs];
  const isWhole = typeof left === "string" && /^\d{1,9}$/.test(left);
  return performance.now() + Math.min(timeoutMs, isWhole ? Number(left) : timeoutMs);
}
