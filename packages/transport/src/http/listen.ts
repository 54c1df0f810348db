import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import {
  BadRequest,
  Forbidden,
  type HostGuard,
  hostGuard,
  MethodNotAllowed,
  MisdirectedRequest,
  newContext,
  Timeout,
  WeftError,
} from "@weft/core";
import { contextHeaders } from "../context/headers.ts";
import { ListenFailed, listenFailed, parseAddr } from "../server/addr.ts";
import { assertRequestTarget, toOriginForm } from "./request-target.ts";

export interface ListenerOptions {
  addr: string;
  /** What to change when `addr` is taken. */
  addrSetting: string;
  keepAliveMs: number;
  allowedHosts: readonly string[];
  allowedHostsSetting: string;
  /** Web pages of other origins may ask here: an edge, where a bearer token says who it is and nothing else does. */
  isEdge: boolean;
}

/**
 * Against slow and idle clients; Node's own defaults are 60 s, 300 s and a look every 30 s. Both times begin with the first byte
 * of a request, so an idle connection may be kept longer than they are.
 */
const socketLimits = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 5000,
  maxHeaderSize: 16_384,
  // Node answers an empty 400; here it is refused in the usual form.
  requireHostHeader: false,
};
const maxConnections = 10_000;

/** A server socket and what it asks of every request before anybody looks at what it is about. */
export interface Listener {
  server: Server;
  /** @throws ListenFailed that names the address, what is wrong with it, and where to set another one */
  listen(): Promise<AddressInfo>;
  /**
   * @throws BadRequest for a request that could mean several things   @throws MisdirectedRequest for a host that is not served
   * @throws Forbidden for what a web page of another origin sends   @throws ExpectationFailed
   */
  assertAddressed(request: IncomingMessage): void;
}

/** The only status that no kind of error has: see {@link statusOf}. */
class ExpectationFailed extends WeftError {
  constructor() {
    super({ code: BadRequest.code, kind: BadRequest.kind, message: "of Expect only 100-continue is known here" });
  }
}

/** The status of an error that the kind does not decide. */
export const statusOf = (error: unknown): number | undefined => (error instanceof ExpectationFailed ? 417 : undefined);

/** @param hasBegun whether an answer is on its way on that connection */
export function listener(
  handle: RequestListener,
  { addr, addrSetting, keepAliveMs, allowedHosts, allowedHostsSetting, isEdge }: ListenerOptions,
  hasBegun: (socket: Duplex) => boolean,
): Listener {
  const withExpectation = new WeakSet<IncomingMessage>();
  let guard: HostGuard = () => undefined;
  const onRequest: RequestListener = (request, response) => {
    toOriginForm(request);
    handle(request, response);
  };
  const server = createServer({ ...socketLimits, keepAliveTimeout: keepAliveMs }, onRequest);
  server.maxConnections = maxConnections;
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => answerBroken(error, socket, hasBegun(socket)));
  server.on("connect", ({ url = "" }, socket) => {
    const refusal = new MethodNotAllowed({ method: "CONNECT", path: url.slice(0, 200), allow: ["GET", "HEAD"] });
    endWith(socket, "405 Method Not Allowed", refusal);
  });
  // Node would ask for the body by itself; here whoever reads it does, after looking at the headers.
  server.on("checkContinue", onRequest);
  server.on("checkExpectation", (request, response) => {
    withExpectation.add(request);
    onRequest(request, response);
  });

  return {
    server,
    async listen() {
      const bound = await listenOn(server, addr, addrSetting);
      guard = hostGuard({ listensOn: bound.address, allowed: allowedHosts });
      return bound;
    },
    assertAddressed(request) {
      if (withExpectation.has(request)) throw new ExpectationFailed();
      assertRequestTarget(request);
      const { host, origin } = request.headers;
      // A page of another origin cannot set such a header without asking first, and nobody here says yes to that.
      const isOfService = request.headers[contextHeaders.serviceName] !== undefined;
      const wrong = guard(isEdge || isOfService ? { host } : { host, origin });
      if (wrong === "host") throw notServed(host ?? "", allowedHostsSetting);
      if (wrong === "origin") throw new Forbidden({ message: "a web page of another origin may not ask here" });
    },
  };
}

function notServed(host: string, setting: string): WeftError {
  const { code, kind } = MisdirectedRequest;
  const name = JSON.stringify(host.slice(0, 100));
  return new WeftError({ code, kind, message: `the host ${name} is not served here; ${setting} lists those that are` });
}

function listenOn(server: Server, addr: string, setting: string): Promise<AddressInfo> {
  const parsed = parseAddr(addr);
  if (!parsed) throw new ListenFailed({ addr, setting, reason: "it is not host:port" });
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException) => reject(listenFailed(addr, setting, error));
    server.once("error", onError);
    server.listen(parsed.port, parsed.host, () => {
      server.off("error", onError);
      resolve(server.address() as AddressInfo);
    });
  });
}

/** What Node's parser refused: answered in the usual form, then cut, since the connection cannot be trusted further. */
function answerBroken(error: NodeJS.ErrnoException, socket: Duplex, hasBegun: boolean): void {
  // In the middle of another answer it would be taken for a part of that one.
  if (!socket.writable || error.code === "ECONNRESET" || hasBegun) {
    socket.destroy();
    return;
  }
  const [status, refusal] = refusalOf(error.code);
  endWith(socket, status, refusal);
}

function refusalOf(code: string | undefined): [string, WeftError] {
  if (code === "HPE_HEADER_OVERFLOW") {
    return ["431 Request Header Fields Too Large", new BadRequest({ message: "the headers are too large" })];
  }
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") {
    return ["408 Request Timeout", new Timeout({ operation: "the arrival of the request" })];
  }
  return ["400 Bad Request", new BadRequest({ message: "this is not a well-formed HTTP request" })];
}

function endWith(socket: Duplex, status: string, error: WeftError): void {
  const { requestId, trace } = newContext();
  const meta = { requestId, traceId: trace.traceId };
  const body = JSON.stringify({ success: false, error: error.toBody(), meta });
  const headers = [
    "Content-Type: application/json; charset=utf-8",
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-Id: ${requestId}`,
    ...(MethodNotAllowed.is(error) ? ["Allow: GET, HEAD"] : []),
    "Connection: close",
  ];
  socket.end(`HTTP/1.1 ${status}\r\n${headers.join("\r\n")}\r\n\r\n${body}`);
}
