import { isCallHeader, isInternalHeader } from "@weft/transport";

/**
 * Set anew, or meant for this gateway only: the token ends here. (The client of `transport` leaves out what belongs to one
 * connection, RFC 9110 section 7.6.1, both ways, and writes the call context: whose request it is and who asks.)
 */
const own = new Set([
  "authorization",
  "cookie",
  "forwarded",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-port",
  "x-forwarded-proto",
  "x-real-ip",
]);

/**
 * Names of letters, digits and hyphens only: to a program that makes variables of headers, as CGI and WSGI do, `X_User_Id` is
 * `X-User-Id`.
 */
const isPlainName = (name: string) => /^[a-z0-9-]+$/i.test(name);

/** What a service gets to see of the client's headers: none that would speak for someone else. */
export function requestHeaders(incoming: Readonly<Record<string, string>>, address: string): Record<string, string> {
  const passed = Object.entries(incoming).filter(
    ([name]) => isPlainName(name) && !own.has(name) && !isCallHeader(name),
  );
  return { ...Object.fromEntries(passed), "x-forwarded-for": address };
}

/** What the client gets to see of a service's answer: nothing that services say to each other. */
export function responseHeaders(
  outgoing: Readonly<Record<string, string | string[]>>,
): Record<string, string | string[]> {
  // Which pages may read an answer is decided here, for all services.
  const isPassed = (name: string) => !isInternalHeader(name) && !/^access-control-/i.test(name);
  return Object.fromEntries(Object.entries(outgoing).filter(([name]) => isPassed(name)));
}
