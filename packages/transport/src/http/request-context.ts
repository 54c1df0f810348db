import type { IncomingHttpHeaders } from "node:http";
import { type CallContext, contextFields } from "@weft/core";
import { contextFrom, contextHeaders, single } from "../context/headers.ts";

/** The context that came in with a request, or begins with it, bounded by `timeoutMs` or by what is left to the caller. */
export function contextFromHeaders(headers: IncomingHttpHeaders, timeoutMs: number): CallContext {
  return { ...contextFrom("http", headers), deadline: deadlineFrom(headers, timeoutMs) };
}

/**
 * When work that begins now must end: after `timeoutMs`, or when the caller's time is over where that comes first. What the
 * caller says counts as absent where it is no number of milliseconds.
 */
export function deadlineFrom(headers: IncomingHttpHeaders, timeoutMs: number): number {
  const own = performance.now() + timeoutMs;
  const left = single(headers[contextHeaders.timeoutMs]);
  const callers = left === undefined ? undefined : contextFields.deadline.read([left])?.deadline;
  return callers === undefined ? own : Math.min(own, callers);
}
