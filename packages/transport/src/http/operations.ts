import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { type Metrics, NotFound, type ServiceIdentity, Unauthorized } from "@weft/core";
import type { Express, Request, Response } from "express";
import type { Readiness } from "../server/gate.ts";
import { type HealthReport, healthAnswer } from "../server/health.ts";
import { type OpenApiInfo, openApiDocument } from "./open-api.ts";
import type { Route } from "./route.ts";

/** Who may see more than whether the process is well. */
export interface OperatorsOptions {
  /** What an operator shows as `Authorization: Bearer`; at least 16 characters. Absent: nobody is known by a token. */
  token?: string;
  /** A listener of their own, where everything is shown without a token: `127.0.0.1:9100`. Absent: there is none. */
  addr?: string;
  /** What to change when `addr` is taken, for the error. @defaultValue "server.operators.addr" */
  addrSetting?: string;
}

/** Takes one request of a stranger's. @throws RateLimited */
export type LimitStrangers = (request: { remoteAddress: string; headers: IncomingHttpHeaders }) => void | Promise<void>;

export interface OperationsParts {
  identity: ServiceIdentity;
  metrics: (Metrics & { text?(): string | Promise<string> }) | undefined;
  report: () => Promise<HealthReport>;
  readiness: () => Readiness;
  routes: readonly Route[];
}

export interface OperationsOptions {
  openApi: OpenApiInfo;
  /** Strangers can reach the process. */
  isEdge: boolean;
  operators: OperatorsOptions | undefined;
  limitStrangers: LimitStrangers;
}

export const healthPaths = ["/health", "/health/live", "/health/ready"];
export const operationsPaths = [...healthPaths, "/metrics", "/openapi.json"];

/** Strangers may ask as often as they like: components are asked once in so long for all of them, in milliseconds. */
const reportForStrangersMs = 1000;

/**
 * `/health*`, `/metrics` and `/openapi.json`. Inside, everybody sees all of it. At an edge, and where operators are configured,
 * strangers see the status and the document: metrics (401) and what the components say are for who has the operators' token or
 * reaches the operators' listener.
 */
export function operationsPages(parts: OperationsParts, options: OperationsOptions) {
  const { identity, metrics, report, readiness, routes } = parts;
  const { operators, limitStrangers } = options;
  const isGuarded = options.isEdge || operators !== undefined;
  const hasToken = tokenCheck(operators?.token);
  const reportForStrangers = madeEvery(reportForStrangersMs, report);
  let document: string | undefined;

  const seesAll = (request: Request, isOperators: boolean) =>
    !isGuarded || isOperators || hasToken(request.headers.authorization);

  async function serveHealth(request: Request, response: Response, isOperators: boolean): Promise<void> {
    response.locals.route = request.path;
    const isShown = seesAll(request, isOperators);
    const answer = await healthAnswer(isShown ? report : reportForStrangers, readiness());
    const isFine = request.path === "/health/live" ? answer.live : answer.ready;
    response.status(isFine ? 200 : 503).json({
      status: answer.status,
      service: identity.name,
      version: identity.version,
      instanceId: identity.instanceId,
      timestamp: new Date().toISOString(),
      checks: isShown ? answer.checks : {},
    });
  }

  async function serveMetrics(request: Request, response: Response, isOperators: boolean): Promise<void> {
    response.locals.route = "/metrics";
    if (!seesAll(request, isOperators)) {
      await limitStrangers(asked(request));
      throw new Unauthorized({ message: "metrics are for operators: with their token, or on their own listener" });
    }
    if (!metrics?.text) throw new NotFound({ what: "a metrics page" });
    response.type("text/plain; version=0.0.4; charset=utf-8").send(await metrics.text());
  }

  async function serveOpenApi(request: Request, response: Response, isOperators: boolean): Promise<void> {
    response.locals.route = "/openapi.json";
    if (!seesAll(request, isOperators)) await limitStrangers(asked(request));
    document ??= JSON.stringify(openApiDocument(identity, options.openApi, routes));
    response.type("application/json; charset=utf-8").send(document);
  }

  return {
    /** @param isOperators this is their own listener */
    mount(app: Express, isOperators: boolean): void {
      for (const path of healthPaths) app.get(path, (request, response) => serveHealth(request, response, isOperators));
      app.get("/metrics", (request, response) => serveMetrics(request, response, isOperators));
      app.get("/openapi.json", (request, response) => serveOpenApi(request, response, isOperators));
    },
  };
}

const asked = ({ socket, headers }: Request) => ({ remoteAddress: socket.remoteAddress ?? "", headers });

/** Compares digests, so that the time says nothing of the token. */
function tokenCheck(token: string | undefined): (authorization: string | undefined) => boolean {
  if (token === undefined) return () => false;
  const digest = (text: string) => createHash("sha256").update(text).digest();
  const wanted = digest(token);
  return (authorization = "") => {
    const [, shown] = /^Bearer +(.+)$/i.exec(authorization) ?? [];
    return shown !== undefined && timingSafeEqual(digest(shown), wanted);
  };
}

/** What `make` gave, for `everyMs` from when it was asked; who comes meanwhile waits for the same. */
function madeEvery<T>(everyMs: number, make: () => Promise<T>): () => Promise<T> {
  let made: { at: number; value: Promise<T> } | undefined;
  return () => {
    if (!made || performance.now() - made.at >= everyMs) made = { at: performance.now(), value: make() };
    return made.value;
  };
}
