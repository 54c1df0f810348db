import { currentContext, newContext, type ServiceIdentity, withTimeout } from "@weft/core";
import type { ServiceInstance } from "@weft/discovery";
import { callHeaders, isCallHeader } from "../context/headers.ts";

/** What every call between services carries, and how long it may take. */
export function outgoingHeaders(
  identity: ServiceIdentity,
  to: ServiceInstance,
  timeoutMs: number,
): Record<string, string> {
  return callHeaders("http", identity, to, withTimeout(currentContext() ?? newContext(), timeoutMs));
}

/** Headers that belong to one connection and are never passed on (RFC 9110 section 7.6.1). */
const hopByHop = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);
/** Made anew for the next connection. */
const madeAnew = new Set(["host", "content-length", "expect"]);

/** Of a request that is passed on: neither what belongs to the connection nor what the call context says by itself. */
export function forwardedRequestHeaders(headers: Record<string, string>): Record<string, string> {
  const given = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  const isNamed = namedByConnection(given.find(([name]) => name === "connection")?.[1]);
  return Object.fromEntries(
    given.filter(([name]) => {
      return !hopByHop.has(name) && !madeAnew.has(name) && !isNamed(name) && !isCallHeader(name);
    }),
  );
}

/** Of an answer that is passed on. */
export function forwardedAnswerHeaders(
  headers: Record<string, string | string[] | undefined>,
): Record<string, string | string[]> {
  const isNamed = namedByConnection(headers.connection);
  const kept: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !hopByHop.has(name) && !isNamed(name)) kept[name] = value;
  }
  return kept;
}

function namedByConnection(connection: string | string[] | undefined): (name: string) => boolean {
  const names = new Set(
    String(connection ?? "")
      .split(",")
      .map((name) => name.trim().toLowerCase()),
  );
  return (name) => names.has(name);
}
