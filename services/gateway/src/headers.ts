import { type CallContext, formatTraceparent } from "@weft/core";
import { isInternalHeader } from "@weft/transport";
import type { User } from "./access.ts";

/**
 * Set anew, or meant for this gateway only: the token ends here. (What belongs to one connection, RFC 9110 section 7.6.1, the
 * client of `transport` leaves out, both ways.)
 */
const own = new Set([
  "authorization",
  "cookie",
  "forwarded",
  "traceparent",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-port",
  "x-forwarded-proto",
  "x-real-ip",
  "x-request-id",
  "x-request-timeout-ms",
]);

/** What a service gets to see: the client's headers without those that would speak for someone else, and who it is. */
export function requestHeaders(
  incoming: Readonly<Record<string, string>>,
  context: CallContext,
  user: User | undefined,
  address: string,
): Record<string, string> {
  const passed = Object.entries(incoming).filter(([name]) => !own.has(name) && !isInternalHeader(name));
  return {
    ...Object.fromEntries(passed),
    "x-request-id": context.requestId,
    traceparent: formatTraceparent(context.trace),
    "x-forwarded-for": address,
    ...(user ? { "x-user-id": user.id, "x-user-role": user.role } : {}),
  };
}

/** What the client gets to see of a service's answer: nothing that services say to each other. */
export function responseHeaders(
  outgoing: Readonly<Record<string, string | string[]>>,
): Record<string, string | string[]> {
  return Object.fromEntries(Object.entries(outgoing).filter(([name]) => !isInternalHeader(name)));
}
