import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { type Addressed, type HostGuard, hostGuard, type Logger, originForm } from "@weft/core";
import { listenError } from "../errors.ts";
import type { EmbeddedAddress } from "../server.ts";
import { type RouteMatch, type RouteTable, router } from "./router.ts";

export interface HttpRequest {
  method: string;
  /** Without the query. */
  path: string;
  params: Record<string, string>;
  query: URLSearchParams;
  headers: IncomingMessage["headers"];
  body: Buffer;
  /** Aborted when the caller goes away or the server stops: whoever waits on a request's behalf stops waiting. */
  signal: AbortSignal;
}

export interface HttpAnswer {
  status: number;
  headers?: OutgoingHttpHeaders;
  body?: string | Buffer;
}

export type HttpHandler = (request: HttpRequest) => HttpAnswer | Promise<HttpAnswer>;

export interface HttpServerOptions {
  name: string;
  host: string;
  port: number;
  /** Largest body, in bytes. */
  maxBodyBytes: number;
  /** Connections at once; more are refused. */
  maxConnections: number;
  routes: RouteTable<HttpHandler>;
  /** Names that are answered besides those of loopback. A server on another address answers to all, unless some are given. */
  allowedHosts?: readonly string[];
  /** Types of bodies that are read. A body without a type always is. @defaultValue all */
  contentTypes?: readonly string[];
  /** What answers when no route does, and when a handler throws. */
  otherwise: (problem: Problem, request: { method: string; path: string }) => HttpAnswer;
  onError: (error: unknown) => HttpAnswer;
}

type Problem =
  | Exclude<RouteMatch<never>, { kind: "found" }>
  | { kind: "too-large" }
  | { kind: "unsupported-media-type" }
  /** Asked for by a name that is not answered to, or by a web page of another origin; `message` says which. */
  | { kind: "not-served"; status: 421 | 403; message: string };

export interface HttpServer {
  readonly address: EmbeddedAddress;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** The part of an HTTP server that both REST servers share: routes, bounded bodies and connections, a stop that ends waits. */
export function httpServer({ log }: { log: Logger }, options: HttpServerOptions): HttpServer {
  const { name, host, maxBodyBytes } = options;
  const find = router(options.routes);
  let port = options.port;
  let server: Server | undefined;
  let stopped = new AbortController();
  let guard: HostGuard = () => undefined;

  async function serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = message.method ?? "GET";
    const { url, host = message.headers.host } = originForm(message.url ?? "/");
    const at = url.indexOf("?");
    const path = at < 0 ? url : url.slice(0, at);
    const refused = notServed({ host, origin: message.headers.origin }, guard);
    if (refused) return answer(response, method, options.otherwise(refused, { method, path }), true);
    const body = await readBody(message, maxBodyBytes);
    if (body === "gone") return;
    const match = find(method, path);
    if (body === "too-large")
      return answer(response, method, options.otherwise({ kind: "too-large" }, { method, path }), true);
    if (match.kind !== "found") return answer(response, method, options.otherwise(match, { method, path }));
    if (body.length > 0 && !isOfType(message.headers["content-type"], options.contentTypes))
      return answer(response, method, options.otherwise({ kind: "unsupported-media-type" }, { method, path }));
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    const signal = AbortSignal.any([gone.signal, stopped.signal]);
    const query = new URLSearchParams(at < 0 ? "" : url.slice(at + 1));
    const result = await match.handler({
      method,
      path,
      params: match.params,
      query,
      headers: message.headers,
      body,
      signal,
    });
    answer(response, method, result);
  }

  return {
    get address() {
      return { host, port };
    },
    start() {
      stopped = new AbortController();
      const listening = createServer(
        { requestTimeout: 30_000, headersTimeout: 10_000, keepAliveTimeout: 60_000 },
        (message, response) => {
          serve(message, response).catch((error) => {
            if (response.headersSent) response.destroy();
            else answer(response, message.method ?? "GET", options.onError(error));
          });
        },
      );
      listening.maxConnections = options.maxConnections;
      listening.on("clientError", (_error, socket) => {
        if (socket.writable) socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
      });
      server = listening;
      return new Promise((resolve, reject) => {
        listening.once("error", (error) => reject(listenError(error, host, port)));
        listening.listen({ host, port: options.port }, () => {
          const bound = listening.address() as AddressInfo;
          port = bound.port;
          guard = hostGuard({ listensOn: bound.address, allowed: options.allowedHosts ?? [] });
          listening.on("error", (err) => log.error({ err }, `${name} listener failed`));
          resolve();
        });
      });
    },
    stop() {
      stopped.abort();
      const closing = server;
      server = undefined;
      if (!closing?.listening) return Promise.resolve();
      return new Promise((resolve) => {
        closing.close(() => resolve());
        closing.closeIdleConnections();
        // Whoever is still talking has had its answer by now, or is not going to read one.
        setTimeout(() => closing.closeAllConnections(), 250).unref();
      });
    },
  };
}

/** Web pages must not reach a server of this machine: neither by a name of theirs nor from another origin. */
function notServed({ host, origin }: Addressed, guard: HostGuard): Problem | undefined {
  const wrong = guard({ host, origin });
  if (wrong === undefined) return undefined;
  const name = JSON.stringify(((wrong === "host" ? host : origin) ?? "").slice(0, 100));
  return wrong === "host"
    ? {
        kind: "not-served",
        status: 421,
        message: `the host ${name} is not served here; WEFT_ALLOWED_HOSTS lists those that are`,
      }
    : { kind: "not-served", status: 403, message: `a web page of the origin ${name} may not ask here` };
}

function isOfType(contentType: string | undefined, types: readonly string[] | undefined): boolean {
  if (types === undefined || contentType === undefined) return true;
  return types.includes((contentType.split(";", 1)[0] ?? "").trim().toLowerCase());
}

function answer(
  response: ServerResponse,
  method: string,
  { status, headers = {}, body = "" }: HttpAnswer,
  close = false,
): void {
  if (response.destroyed) return;
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  response.writeHead(status, { ...headers, "content-length": bytes.length, ...(close ? { connection: "close" } : {}) });
  response.end(method === "HEAD" ? undefined : bytes);
}

function readBody(message: IncomingMessage, maxBytes: number): Promise<Buffer | "too-large" | "gone"> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    message.on("data", (chunk: Buffer) => {
      size += chunk.length;
      // The rest is read and dropped, up to a point, so that the caller gets to see the refusal.
      if (size <= maxBytes) chunks.push(chunk);
      else chunks.length = 0;
      if (size > maxBytes * 4 + 1024 * 1024) {
        message.pause();
        resolve("too-large");
      }
    });
    message.on("end", () => resolve(size > maxBytes ? "too-large" : Buffer.concat(chunks)));
    message.on("error", () => resolve("gone"));
    message.on("close", () => resolve("gone"));
  });
}
