import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
  type ServerResponse,
} from "node:http";
import type { Logger } from "@weft/core";
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
  /** What answers when no route does, and when a handler throws. */
  otherwise: (
    problem: Exclude<RouteMatch<never>, { kind: "found" }> | { kind: "too-large" },
    request: { method: string; path: string },
  ) => HttpAnswer;
  onError: (error: unknown) => HttpAnswer;
}

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

  async function serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = message.method ?? "GET";
    const url = message.url ?? "/";
    const at = url.indexOf("?");
    const path = at < 0 ? url : url.slice(0, at);
    const body = await readBody(message, maxBodyBytes);
    if (body === "gone") return;
    const match = find(method, path);
    if (body === "too-large")
      return answer(response, method, options.otherwise({ kind: "too-large" }, { method, path }), true);
    if (match.kind !== "found") return answer(response, method, options.otherwise(match, { method, path }));
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
          port = (listening.address() as { port: number }).port;
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
