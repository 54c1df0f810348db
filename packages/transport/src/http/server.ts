import type { Server } from "node:http";
import type { Duplex } from "node:stream";
import {
  BadRequest,
  type CallContext,
  type Component,
  type ComponentHealth,
  type ErrorKind,
  errorKinds,
  type IdempotencyKeys,
  type Logger,
  MethodNotAllowed,
  type Metrics,
  maxTimerMs,
  NotFound,
  noMetrics,
  option,
  PayloadTooLarge,
  runInContext,
  type ServiceIdentity,
  ServiceUnavailable,
  type StoredAnswer,
  takeOptions,
  ValidationFailed,
  WeftError,
} from "@weft/core";
import compression from "compression";
import express, { type NextFunction, type Request, type Response } from "express";
import helmet from "helmet";
import { assertCallHeaders, contextHeaders, isInternalHeader } from "../context/headers.ts";
import { isInternal, publicError, thrown } from "../errors/public-error.ts";
import { type SchemaCheck, type SchemaChecks, schemaChecks } from "../schema/check.ts";
import { addrRule } from "../server/addr.ts";
import { gate } from "../server/gate.ts";
import type { HealthReport } from "../server/health.ts";
import { assertJson, parseJson, readBody } from "./body.ts";
import { type CorsOptions, cors, originProblem } from "./cors.ts";
import { drainServer } from "./drain.ts";
import { idempotencyKeyOf, idempotentRequest } from "./idempotency.ts";
import { type Listener, listener, statusOf } from "./listen.ts";
import type { OpenApiInfo } from "./open-api.ts";
import {
  healthPaths,
  type LimitStrangers,
  type OperatorsOptions,
  operationsPages,
  operationsPaths,
} from "./operations.ts";
import { readQuery } from "./query.ts";
import { contextFromHeaders, deadlineFrom } from "./request-context.ts";
import type { RawRoute, Route, RouteAnswer } from "./route.ts";
import { kindToStatus } from "./status.ts";

export interface HttpServerOptions {
  /** Where to listen: `127.0.0.1:8001`; port 0 takes a free one. */
  addr: string;
  /** What to change when `addr` is taken, for the error. @defaultValue "server.http.addr" */
  addrSetting?: string;
  routes?: readonly Route[];
  /** For a server that passes requests on; looked at before `routes`. */
  rawRoutes?: readonly RawRoute[];
  /** What the process knows of its own state, for `/health*`. Absent: healthy. */
  health?: () => Promise<HealthReport>;
  openApi?: OpenApiInfo;
  /** Bound of a request, in milliseconds; a route may have its own, and the caller's deadline cuts both. @defaultValue 15000 */
  timeoutMs?: number;
  /** Largest body, in bytes. @defaultValue 1048576 */
  bodyLimitBytes?: number;
  /** Requests worked on at once; more are answered 503 with `Retry-After`. Health and metrics are exempt. @defaultValue 1000 */
  maxConcurrent?: number;
  /** Answers from this size on are compressed for clients that ask for it, in bytes. @defaultValue 8192 */
  compressFromBytes?: number;
  /** How long `stop` waits for requests in hand before it cuts them, in milliseconds. @defaultValue 10000 */
  drainTimeoutMs?: number;
  /**
   * How long an idle connection is kept, in milliseconds. Longer than any client and balancer in front keeps it, so that they
   * close first and no request is lost in between. @defaultValue 65000
   */
  keepAliveMs?: number;
  /**
   * Names that it answers to besides loopback's: a server on loopback refuses every other `Host` (421). On another address all
   * names are answered to, unless some are given. @defaultValue none
   */
  allowedHosts?: readonly string[];
  /** Setting to change where a host is refused, for the error. @defaultValue "server.http.allowed_hosts" */
  allowedHostsSetting?: string;
  /**
   * True where strangers call: `X-Weft-*`, `X-Service-*` and `X-User-*` that come in are dropped, and of the operators' pages
   * only the status is shown. @defaultValue false
   */
  isEdge?: boolean;
  /** Web pages of other origins that may read answers. @defaultValue none, and nothing is said of CORS */
  cors?: CorsOptions;
  /** Who may see `/metrics` and the details of `/health*`. @defaultValue everybody, and nobody where it is an edge */
  operators?: OperatorsOptions;
  /** Asked before a stranger gets `/openapi.json` or is refused `/metrics`. @defaultValue no limit */
  limitStrangers?: LimitStrangers;
}

const rules = {
  addr: addrRule,
  addrSetting: { ...option.text(), default: "server.http.addr" },
  timeoutMs: option.milliseconds(15_000),
  bodyLimitBytes: option.count(1_048_576),
  maxConcurrent: option.count(1000),
  compressFromBytes: option.count(8192, { from: 0 }),
  drainTimeoutMs: option.milliseconds(10_000, { from: 0 }),
  // Node waits a second more, and its timers 24.8 days at most.
  keepAliveMs: option.milliseconds(65_000, { from: 1000, to: maxTimerMs - 1000 }),
  allowedHostsSetting: { ...option.text(), default: "server.http.allowed_hosts" },
  isEdge: option.flag(false),
};

export interface HttpServer extends Component {
  /** Where it listens. @throws before `start` */
  address(): { host: string; port: number };
  /** Where operators reach it; undefined where they have no listener of their own. */
  operatorsAddress(): { host: string; port: number } | undefined;
  /** Opens the gate (`true`), or says why it is still closed: until then all but `/health*`, `/metrics`, `/openapi.json` is a 503. */
  setReady(ready: true | string): void;
  /** Not ready any more, and every answer asks its client to close the connection; requests are still served. */
  beginDraining(): void;
  /** Takes no new connection and finishes what is in hand. Resolves to the number of requests cut after `timeoutMs`. */
  drain(timeoutMs?: number): Promise<number>;
}

/** Collaborators of {@link httpServer}. A `metrics` that can `text()` is served under `/metrics`. */
export interface HttpServerParts {
  log: Logger;
  identity: ServiceIdentity;
  metrics?: Metrics & { text?(): string | Promise<string> };
  /** Absent: an `Idempotency-Key` is passed into the call context and has no other effect. */
  idempotency?: IdempotencyKeys;
}

/**
 * ASK, the answering side: the HTTP conventions, once, for every service. A request passes, in
 * this order: one meaning of its target (400) → a host that is served (421) → who is meant (421) → known path and method (404, 405) → ready and below the concurrency limit (503) →
 * deadline → query and path (400) → the whole body has arrived (413, 415) → a place below the limit (503) → body against the
 * route's schema (400) → idempotency key → the route's function.
 * @throws OptionsInvalid with every problem together   `start` throws ListenFailed
 */
export function httpServer(parts: HttpServerParts, options: HttpServerOptions): HttpServer {
  const { log, identity, metrics = noMetrics, idempotency } = parts;
  const { routes = [] } = options;
  const { checks, validators } = checksOf(routes);
  const taken = takeOptions("httpServer", rules, options, (_taken, wrong) => {
    const { token, addr } = options.operators ?? {};
    if (addr !== undefined && addrRule.problem(addr)) wrong("operators.addr", `${addrRule.problem(addr)}`);
    if (token !== undefined && token.length < 16) wrong("operators.token", "must have at least 16 characters");
    for (const [index, origin] of (options.cors?.origins ?? []).entries()) {
      const problem = originProblem(origin);
      if (problem) wrong(`cors.origins.${index}`, problem);
    }
    checkRoutes(routes, wrong);
    for (const [where, problem] of Object.entries(checks.problems)) wrong(where, problem);
  });
  const settings = {
    ...taken,
    allowedHosts: taken.allowedHosts ?? [],
    limitStrangers: taken.limitStrangers ?? noLimit,
  };
  const rawRoutes = settings.rawRoutes ?? [];
  const report = settings.health ?? (async () => ({ status: "healthy", checks: {} }) as HealthReport);

  const duration = metrics.histogram(
    "weft_http_server_duration_seconds",
    "Time from the request's headers to its answer",
    ["method", "route", "status"],
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  );
  const inFlightGauge = metrics.gauge("weft_http_server_in_flight", "Requests that are worked on now");
  const shed = metrics.counter("weft_http_server_shed_total", "Requests refused because too many were in hand");

  const door = gate({ log, inFlight: inFlightGauge, shed }, settings);
  /** Answers that are still owed. */
  const owed = new Set<Response>();
  let arrivingBytes = 0;
  const contexts = new WeakMap<Request, CallContext>();
  const contextOf = (request: Request) => contexts.get(request)!;

  const pages = operationsPages(
    { identity, metrics: parts.metrics, report, readiness: door.readiness, routes },
    { ...settings, openApi: settings.openApi ?? {}, operators: settings.operators },
  );
  const hasBegun = (socket: Duplex) => [...owed].some((one) => one.socket === socket && one.headersSent);
  const main = listener(appOf(false), settings, hasBegun);
  const { server } = main;
  const forOperators = operatorsListener();

  function operatorsListener(): Listener | undefined {
    const { addr, addrSetting = "server.operators.addr" } = settings.operators ?? {};
    if (addr === undefined) return undefined;
    return listener(appOf(true), { ...settings, addr, addrSetting, isEdge: false }, hasBegun);
  }

  function appOf(isOperators: boolean) {
    const app = express();
    app.disable("x-powered-by").disable("etag").enable("case sensitive routing").enable("strict routing");
    app.set("query parser", false);
    app.use(beginRequest);
    app.use(helmet({ contentSecurityPolicy: { directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } } }));
    app.use((request: Request, response: Response, next: NextFunction) => {
      try {
        (isOperators ? forOperators! : main).assertAddressed(request);
      } catch (error) {
        // Of a connection on which one request is not understood, the next one is not trusted either.
        response.setHeader("Connection", "close");
        throw error;
      }
      next();
    });
    if (settings.cors && settings.cors.origins.length > 0 && !isOperators) app.use(cors(settings.cors));
    app.use(compression({ threshold: settings.compressFromBytes }));
    for (const path of healthPaths) app.get(path, checkTarget);
    pages.mount(app, isOperators);
    for (const path of operationsPaths) app.all(path, refuseMethod(["GET", "HEAD"]));
    if (!isOperators) {
      app.use(checkTarget);
      app.use(serveRaw);
      for (const route of routes) app[lowerCase(route.method)](pattern(route.path), serveRoute(route));
      for (const [path, methods] of methodsByPath(routes)) app.all(pattern(path), refuseMethod(methods));
    }
    app.use((request: Request) => {
      throw new NotFound({ what: `${request.method} ${request.path}` });
    });
    app.use(answerError);
    return app;
  }

  function beginRequest(request: Request, response: Response, next: NextFunction): void {
    if (settings.isEdge) {
      // Consul's check tells an edge too whom it means.
      const kept = healthPaths.includes(request.path) ? contextHeaders.target : undefined;
      for (const name of Object.keys(request.headers)) {
        if (isInternalHeader(name) && name !== kept) delete request.headers[name];
      }
    }
    const started = performance.now();
    const context = contextFromHeaders(request.headers, settings.timeoutMs);
    contexts.set(request, context);
    response.locals.route = "(unknown)";
    response.setHeader("X-Request-Id", context.requestId);
    // Who is not told to go on may send the body all the same: what comes next on the connection could be either.
    if (door.readiness().is === "draining" || awaitsContinue(request)) response.setHeader("Connection", "close");
    owed.add(response);
    response.once("close", () => {
      owed.delete(response);
      const seconds = (performance.now() - started) / 1000;
      const { route } = response.locals;
      const status = response.writableFinished ? String(response.statusCode) : "aborted";
      duration.observe(seconds, { method: knownMethod(request.method), route, status });
      const line = { method: request.method, route, status, ms: Math.round(seconds * 10_000) / 10 };
      runInContext(context, () =>
        response.statusCode >= 500 && !request.path.startsWith("/health")
          ? log.info(line, "answered")
          : log.debug(line, "answered"),
      );
    });
    next();
  }

  function checkTarget(request: Request, _response: Response, next: NextFunction): void {
    assertCallHeaders("http", request.headers, identity);
    next();
  }

  async function serveRaw(request: Request, response: Response, next: NextFunction): Promise<void> {
    const raw = rawRoutes.find(({ prefix }) => request.path === prefix || request.path.startsWith(`${prefix}/`));
    if (!raw) return next();
    response.locals.route = `${raw.prefix}/**`;
    const context = contextOf(request);
    const operation = `${request.method} ${raw.prefix}`;
    const { work, body } = await door.receive(context, operation, async () => {
      const work = await raw.begin({
        method: request.method,
        url: request.originalUrl,
        headers: joinedHeaders(request.headers),
        remoteAddress: request.socket.remoteAddress ?? "",
        context,
      });
      return { work, body: await receiveBody(request, response) };
    });
    const answer = await door.admit(context, operation, () => work(body));
    if (response.closed) return;
    const requestId = response.getHeader("X-Request-Id")!;
    response.status(answer.status);
    for (const [name, value] of Object.entries(answer.headers)) {
      if (name.toLowerCase() === "vary") response.vary(String(value));
      else response.setHeader(name, value);
    }
    response.setHeader("X-Request-Id", requestId);
    if (request.method === "HEAD") {
      response.end();
    } else {
      response.setHeader("Content-Length", answer.body.length);
      response.end(answer.body);
    }
  }

  /**
   * Bodies that arrive hold no place in `maxConcurrent`, so only connections bound their number (10,000), and that would be
   * 10 GiB. What has really come of all of them is bounded instead, by as much as those in hand may have: 1,000 MiB.
   */
  async function receiveBody(request: Request, response: Response): Promise<Buffer> {
    if (awaitsContinue(request)) {
      const limitBytes = settings.bodyLimitBytes;
      if (Number(request.headers["content-length"] ?? 0) > limitBytes) throw new PayloadTooLarge({ limitBytes });
      response.writeContinue();
    }
    let received = 0;
    const { promise: isTooMuch, reject } = Promise.withResolvers<never>();
    const count = (chunk: Buffer) => {
      // More than the limit of one body is dropped as it comes.
      const kept = Math.min(chunk.length, settings.bodyLimitBytes - received);
      received += kept;
      arrivingBytes += kept;
      if (arrivingBytes <= settings.maxConcurrent * settings.bodyLimitBytes) return;
      reject(new ServiceUnavailable({ message: "too many bodies are arriving" }, { retryAfterSeconds: 1 }));
    };
    const reading = readBody(request, settings.bodyLimitBytes);
    request.on("data", count);
    const forget = () => {
      request.off("data", count);
      arrivingBytes -= received;
    };
    // Not when it is refused: until its connection is closed, a refused one is still kept.
    reading.then(forget, forget);
    return Promise.race([reading, isTooMuch]);
  }

  function serveRoute(route: Route) {
    const validate = validators.get(route)!;
    return async (request: Request, response: Response): Promise<void> => {
      response.locals.route = route.path;
      response.locals.declaredErrors = route.errors;
      const context = contextFor(request, route);
      const operation = `${route.method} ${route.path}`;
      const { params, query, bytes } = await door.receive(context, operation, async () => {
        const params = pathValues(request.params as Record<string, string>);
        const query = readQuery(request.originalUrl, route.query);
        validate.query(query, "query");
        if (route.body) assertJson(request.headers["content-type"]);
        return { params, query, bytes: route.body && (await receiveBody(request, response)) };
      });
      const answer = await door.admit(context, operation, async () => {
        const body = bytes && parseJson(bytes);
        if (bytes) validate.body(body, "body");
        const asked = { params, query, body, context };
        const key = idempotencyKeyOf(request.method, request.headers[contextHeaders.idempotencyKey]);
        if (!idempotency || key === undefined) return stored(await route.handle(asked));
        const outcome = await idempotency.once(idempotentRequest(key, route, asked), async () =>
          stored(await route.handle(asked)),
        );
        return { ...outcome.answer, replayed: outcome.replayed };
      });
      send(response, context, answer);
    };
  }

  /** A route with a bound of its own, longer or shorter, still ends when the caller's deadline does. */
  function contextFor(request: Request, route: Route): CallContext {
    const known = contextOf(request);
    if (route.timeoutMs === undefined) return known;
    return { ...known, deadline: deadlineFrom(request.headers, route.timeoutMs) };
  }

  function answerError(error: unknown, request: Request, response: Response, _next: NextFunction): void {
    const known = asWeftError(error);
    const shown = publicError(known, response.locals.declaredErrors);
    const context = contextOf(request);
    if (shown !== known) {
      const level = isInternal(known.kind) ? "error" : "warn";
      runInContext(context, () => log[level]({ err: error, route: response.locals.route }, "a request failed"));
    }
    if (response.headersSent || response.closed) {
      request.socket.destroy();
      return;
    }
    if (known.retryAfterSeconds !== undefined) {
      response.setHeader("Retry-After", Math.max(1, Math.ceil(known.retryAfterSeconds)));
    } else if (asksToComeAgain(known.kind)) {
      response.setHeader("Retry-After", 1);
    }
    if (MethodNotAllowed.is(known)) response.setHeader("Allow", String(known.details?.allow).replaceAll(",", ", "));
    if (hasLongUnreadBody(request)) response.setHeader("Connection", "close");
    const status = statusOf(known) ?? kindToStatus(shown.kind);
    if (status === 401) response.setHeader("WWW-Authenticate", challengeTo(request.headers.authorization));
    response.status(status).json({
      success: false,
      error: shown.toBody(),
      meta: { requestId: context.requestId, traceId: context.trace.traceId },
    });
  }

  const component: HttpServer = {
    name: "http",
    async start() {
      for (const one of forOperators ? [main, forOperators] : [main]) {
        const { address, port } = await one.listen();
        // From here on an error of the listening socket is an accident at run time (EMFILE), not a reason to end.
        one.server.on("error", (error) => log.error({ err: error }, "the HTTP server has a problem"));
        log.info({ host: address, port }, one === main ? "HTTP server listens" : "operators' HTTP server listens");
      }
    },
    async stop() {
      const cut = await component.drain();
      if (cut > 0) log.warn({ cut }, "requests were cut because they did not end in time");
    },
    health: (): ComponentHealth => ({
      status: "healthy",
      details: { inHand: door.inHand(), limit: settings.maxConcurrent },
    }),
    address() {
      return addressOf(server);
    },
    operatorsAddress() {
      return forOperators && addressOf(forOperators.server);
    },
    setReady: (ready) => door.setReady(ready),
    beginDraining() {
      door.beginDraining();
      for (const response of owed) if (!response.headersSent) response.setHeader("Connection", "close");
    },
    async drain(timeoutMs = settings.drainTimeoutMs) {
      component.beginDraining();
      const cut = await drainServer(server, () => owed.size, timeoutMs);
      // Last, so that operators see it drain.
      if (forOperators?.server.listening) {
        forOperators.server.close();
        forOperators.server.closeAllConnections();
      }
      return cut;
    },
  };
  return component;
}

function addressOf(server: Server): { host: string; port: number } {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the HTTP server has not started");
  return { host: address.address, port: address.port };
}

type Validators = Record<"query" | "body", SchemaCheck>;

const noLimit: LimitStrangers = () => {};

/** Compiles every schema now, so that a broken one stops the start and not a request. */
function checksOf(routes: readonly Route[]): { checks: SchemaChecks; validators: Map<Route, Validators> } {
  const checks = schemaChecks();
  const validators = new Map<Route, Validators>();
  for (const route of routes) {
    const where = `${route.method} ${route.path}`;
    const query = { type: "object", properties: {}, ...route.query, additionalProperties: false };
    validators.set(route, {
      query: checks.compile(query, `${where} query`),
      body: checks.compile(route.body ?? {}, `${where} body`),
    });
  }
  return { checks, validators };
}

function checkRoutes(routes: readonly Route[], wrong: (field: string, problem: string) => void): void {
  const seen = new Set<string>();
  for (const { method, path, timeoutMs } of routes) {
    const where = `${method} ${path}`;
    if (seen.has(where)) wrong(where, "is there twice");
    seen.add(where);
    if (!/^(\/([A-Za-z0-9._~-]+|\{[A-Za-z][A-Za-z0-9]*\}))+$/.test(path)) wrong(where, "is not a path");
    const problem = timeoutMs === undefined ? undefined : rules.timeoutMs.problem(timeoutMs);
    if (problem) wrong(`${where} timeoutMs`, problem);
  }
}

function stored({ status = 200, data, meta, headers }: RouteAnswer): Sent {
  return { status, body: meta ? { data, meta } : { data }, headers, replayed: false };
}

type Sent = StoredAnswer & { headers?: Record<string, string>; replayed: boolean };

function send(response: Response, context: CallContext, answer: Sent): void {
  if (response.closed) return;
  const { data, error, meta } = answer.body as { data?: unknown; error?: unknown; meta?: Record<string, unknown> };
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value);
  if (answer.replayed) response.setHeader("Idempotency-Replayed", "true");
  const { requestId, trace } = context;
  response
    .status(answer.status)
    .json(
      error === undefined
        ? { success: true, data, meta: { ...meta, requestId } }
        : { success: false, error, meta: { requestId, traceId: trace.traceId } },
    );
}

/** Express decodes the values; it refuses broken escapes with an error of its own (see {@link asWeftError}). */
function pathValues(params: Record<string, string>): Record<string, string> {
  for (const [name, value] of Object.entries(params)) {
    const problem = value.length > 200 ? "has more than 200 characters" : /\p{Cc}/u.test(value) && "is not a text";
    if (problem) throw new ValidationFailed({ fieldErrors: { [name]: problem } });
  }
  return { ...params };
}

/** Kinds whose answer says when to come again, also where the error itself does not. */
const asksToComeAgain = (kind: ErrorKind) =>
  [errorKinds.unavailable.code, errorKinds["rate-limited"].code].includes(errorKinds[kind].code);

function asWeftError(error: unknown): WeftError {
  if (error instanceof WeftError) return error;
  const { status } = error as { status?: unknown };
  if (error instanceof URIError || (typeof status === "number" && status >= 400 && status < 500)) {
    return new BadRequest({ message: "the path cannot be decoded" }, { cause: error });
  }
  return thrown(error);
}

function refuseMethod(allow: string[]) {
  return (request: Request): never => {
    throw new MethodNotAllowed({ method: request.method, path: request.path, allow });
  };
}

function methodsByPath(routes: readonly Route[]): Map<string, string[]> {
  const methods = new Map<string, string[]>();
  for (const { path, method } of routes) {
    const known = methods.get(path) ?? [];
    known.push(...(method === "GET" ? ["GET", "HEAD"] : [method]));
    methods.set(path, known);
  }
  return methods;
}

/** RFC 6750, section 3.1: why a token was refused is told to who sent one, by one word. */
const challengeTo = (authorization = "") =>
  /^bearer\b/i.test(authorization) ? 'Bearer error="invalid_token"' : "Bearer";

/** Whether it waits, with `Expect: 100-continue`, to hear that its body is wanted. */
const awaitsContinue = (request: Request) => /^100-continue$/i.test(request.headers.expect ?? "") && !request.complete;

/** What is left of a long body would have to be read before the connection could be used again. */
function hasLongUnreadBody(request: Request): boolean {
  if (request.complete) return false;
  return request.headers["transfer-encoding"] !== undefined || Number(request.headers["content-length"] ?? 0) > 65_536;
}

const pattern = (path: string) => path.replace(/\{([^}]+)\}/g, ":$1");
const lowerCase = (method: Route["method"]) => method.toLowerCase() as Lowercase<Route["method"]>;
const methods = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);
/** A label has few values, whatever strangers send. */
const knownMethod = (method: string) => (methods.has(method) ? method : "other");

function joinedHeaders(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const joined: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) joined[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return joined;
}
