import type { CallContext } from "@weft/core";
import type { JsonSchema } from "../schema/json-schema.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** One operation: what it takes, what it gives, and the function that does it. Everything else about HTTP is the server's. */
// biome-ignore lint/suspicious/noExplicitAny: a list of routes holds bodies and queries of every type
export interface Route<Body = any, Query = any> {
  method: Method;
  /** `/v1/catalog/products/{productId}`; values in braces are texts of 1 to 200 characters. */
  path: string;
  summary: string;
  /** Query parameters; numbers and booleans arrive as such. Unknown ones are refused. */
  query?: JsonSchema;
  /** A body is read only where this is given; unknown fields are refused with their path. */
  body?: JsonSchema;
  /** `data` of the answer, for the documentation. */
  response?: JsonSchema;
  /** Codes of the errors that this operation adds to the common ones. Any other reaches the caller as the common one of its kind. */
  errors?: string[];
  /** Bound of the whole request, in milliseconds. @defaultValue the server's */
  timeoutMs?: number;
  handle(request: RouteRequest<Body, Query>): Promise<RouteAnswer>;
}

export interface RouteRequest<Body, Query> {
  params: Record<string, string>;
  /** Already checked against the route's `query`. */
  query: Query;
  /** Already checked against the route's `body`. */
  body: Body;
  context: CallContext;
}

export interface RouteAnswer {
  /** @defaultValue 200 */
  status?: number;
  data: Record<string, unknown>;
  /** Joined to `requestId`: `nextCursor`, `degraded`. */
  meta?: Record<string, unknown>;
  headers?: Record<string, string>;
}

/** For a server that passes requests on (the gateway): bytes in, bytes out, without JSON or schemas. */
export interface RawRoute {
  /** Everything below it, any method: `/api`. */
  prefix: string;
  /**
   * Looks at a request before its body is read: what its headers decide is refused here, and no body is waited for.
   * @returns what answers it, once the whole body is there
   */
  begin(request: RawRequest): Promise<RawWork>;
}

/** @param body at most the server's limit; empty where there is none */
export type RawWork = (body: Buffer) => Promise<RawAnswer>;

export interface RawRequest {
  method: string;
  /** With its query, as it came. */
  url: string;
  headers: Readonly<Record<string, string>>;
  remoteAddress: string;
  context: CallContext;
}

export interface RawAnswer {
  status: number;
  headers: Record<string, string | string[]>;
  body: Buffer;
}
