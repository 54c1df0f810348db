import { RequestNotEncodable, RequestNotSendable } from "../errors/not-sent.ts";

interface Sent {
  service: string;
  method: string;
  path: string;
  headers: Record<string, string>;
}

const isToken = (text: string) => /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(text);
/** RFC 9110, section 5.5; a header is written as one byte a character. */
const isHeaderValue = (value: string) => /^[\t\x20-\x7e\x80-\xff]*$/.test(value);
/** Headers of a request that belong to the connection, which `undici` makes itself or does not take. */
const ofConnection = new Set(["host", "content-length", "transfer-encoding", "keep-alive", "upgrade", "expect"]);

/**
 * Refuses what no instance could be asked, before one is picked: it says nothing about any of them, and the same request would
 * be refused again. `undici` 8 refuses some of it later with an error that looks like a failed connection, and sends the rest.
 * @throws RequestNotSendable
 */
export function assertSendable({ service, method, path, headers }: Sent): void {
  const problem =
    (!isToken(method) && "its method is not a method") ||
    pathProblem(path) ||
    Object.entries(headers).map(headerProblem).find(Boolean);
  if (problem) throw new RequestNotSendable({ what: `a request to ${service}`, reason: problem });
}

/** A path of a URL with its query, percent-encoded, that means the same to whoever reads it. */
function pathProblem(path: string): string | undefined {
  if (typeof path !== "string" || !path.startsWith("/")) return "its path does not begin with /";
  if (path.startsWith("//")) return "its path begins with //, which names a host";
  const at = path.search(/[^\x21\x22\x24-\x5b\x5d-\x7e]/);
  if (at >= 0) return `its path has a character at position ${at} that must be percent-encoded`;
  const segments = path.split("?", 1)[0]!.split("/");
  if (segments.some((segment) => /^(\.|%2e){1,2}$/i.test(segment))) return "its path has a dot segment";
  return undefined;
}

function headerProblem([name, value]: [string, string]): string | undefined {
  if (!isToken(name)) return "the name of a header is not a name";
  if (ofConnection.has(name.toLowerCase())) return `the header ${name} belongs to the connection`;
  return isHeaderValue(value) ? undefined : `the header ${name} has a character that headers cannot carry`;
}

/** @throws RequestNotEncodable for what JSON has no form for: a cycle, a BigInt, a function */
export function encodedBody(service: string, body: unknown): string | undefined {
  if (body === undefined) return undefined;
  let text: string | undefined;
  try {
    text = JSON.stringify(body);
  } catch (cause) {
    throw new RequestNotEncodable({ service }, { cause });
  }
  if (text === undefined) throw new RequestNotEncodable({ service });
  return text;
}
