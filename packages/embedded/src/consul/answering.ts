import type { HttpAnswer, HttpRequest } from "../http/server.ts";
import { type BlockingQueries, boundedWaitMs } from "./blocking.ts";
import { parseDurationMs } from "./duration.ts";
import { badRequest } from "./refusal.ts";

export const jsonType = { "content-type": "application/json" };

export const json = (value: unknown, { query }: HttpRequest): HttpAnswer => ({
  status: 200,
  headers: jsonType,
  body: query.has("pretty") ? `${JSON.stringify(value, null, 4)}\n` : JSON.stringify(value),
});

/**
 * An answer that a caller may wait for: `index` says when it last changed, and is read again after the wait. It is also worked
 * out before a wait, as in Consul, so that what is refused is refused at once; what the caller may see belongs into it, so that
 * a token that was deleted meanwhile sees nothing.
 */
export type BlockingQuery = (
  request: HttpRequest,
  index: () => number,
  answer: () => HttpAnswer,
) => Promise<HttpAnswer>;

export const blockingQuery =
  (queries: BlockingQueries): BlockingQuery =>
  async (request, index, answer) => {
    const { seen, waitMs } = readWait(request.query);
    if (seen > 0 && index() <= seen) {
      answer();
      await queries.wait(index, { seen, waitMs: boundedWaitMs(waitMs), signal: request.signal });
    }
    const { headers, ...rest } = answer();
    return {
      ...rest,
      headers: {
        ...headers,
        "x-consul-index": String(Math.max(index(), 1)),
        "x-consul-knownleader": "true",
        "x-consul-lastcontact": "0",
        "x-consul-effective-consistency": "leader",
      },
    };
  };

export function readWait(query: URLSearchParams): { seen: number; waitMs: number } {
  const index = query.get("index") ?? "";
  if (index !== "" && !/^\d{1,15}$/.test(index)) throw badRequest("Invalid index");
  const wait = query.get("wait") ?? "";
  const waitMs = wait === "" ? 0 : parseDurationMs(wait);
  if (waitMs === undefined) throw badRequest("Invalid wait time");
  return { seen: Number(index), waitMs };
}

/** Present without a value counts as true. */
export function readFlag(query: URLSearchParams, name: string): boolean {
  const value = query.get(name);
  if (value === null) return false;
  if (["", "1", "t", "T", "true", "TRUE", "True"].includes(value)) return true;
  if (["0", "f", "F", "false", "FALSE", "False"].includes(value)) return false;
  throw badRequest(`Invalid value for ?${name}`);
}

export function readWhole(query: URLSearchParams, name: string): number | undefined {
  const value = query.get(name);
  if (value === null) return undefined;
  if (!/^\d{1,15}$/.test(value)) throw badRequest(`Invalid ${name} index: ${value.slice(0, 40)}`);
  return Number(value);
}
