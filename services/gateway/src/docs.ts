import { type Logger, MethodNotAllowed, NotFound, option, takeOptions } from "@weft/core";
import type { HttpClient, LimitStrangers, RawAnswer, RawRequest, RawRoute } from "@weft/transport";
import { docsPage, pagePolicy } from "./docs-page.ts";
import { mergeDocuments, type OpenApiDocument } from "./merge-documents.ts";
import type { RouteTable } from "./route-table.ts";

export interface DocsCollaborators {
  routes: Pick<RouteTable, "services" | "match">;
  clientFor: (service: string) => Pick<HttpClient, "forward">;
  log: Logger;
  /** Asked before every answer. @throws RateLimited */
  limitStrangers: LimitStrangers;
}

interface Answers {
  json: Buffer;
  page: Buffer;
}

export interface DocsOptions {
  version: string;
  /** How long a document and its page are given again, in milliseconds. @defaultValue 5000 */
  keepMs?: number;
  /** Bound of each service's answer, in milliseconds. @defaultValue 2000 */
  timeoutMs?: number;
}

const rules = { keepMs: option.count(5000, { from: 0 }), timeoutMs: option.milliseconds(2000) };

/** `GET /docs`: one OpenAPI document of all that can be reached through here; a page to read where HTML is asked for. */
export function docsRoute(
  { routes, clientFor, log, limitStrangers }: DocsCollaborators,
  options: DocsOptions,
): RawRoute {
  const { version, keepMs, timeoutMs } = takeOptions("docsRoute", rules, options);
  let kept: { answers: Promise<Answers>; at: number } | undefined;

  async function documentOf(service: string): Promise<[string, OpenApiDocument | undefined]> {
    try {
      const { status, body } = await clientFor(service).forward({
        method: "GET",
        path: "/openapi.json",
        headers: { accept: "application/json" },
        timeoutMs,
      });
      return [service, status === 200 ? (JSON.parse(body.toString("utf8")) as OpenApiDocument) : undefined];
    } catch (error) {
      log.debug({ err: error, service }, "no OpenAPI document");
      return [service, undefined];
    }
  }

  /** Both forms at once, as bytes: a stranger who asks again costs nothing but sending them. */
  async function make(): Promise<Answers> {
    const documents = await Promise.all(routes.services().map(documentOf));
    const serves = (service: string, path: string) => routes.match(path)?.service === service;
    const document = mergeDocuments(documents, { version, serves });
    return { json: Buffer.from(JSON.stringify(document)), page: Buffer.from(docsPage(document)) };
  }

  async function answer(request: RawRequest): Promise<RawAnswer> {
    const { method, url, headers } = request;
    const [path = ""] = url.split("?", 1);
    if (path !== "/docs") throw new NotFound({ what: path });
    if (method !== "GET" && method !== "HEAD") throw new MethodNotAllowed({ method, path, allow: ["GET", "HEAD"] });
    await limitStrangers(request);
    if (!kept || performance.now() - kept.at > keepMs) kept = { answers: make(), at: performance.now() };
    const { json, page } = await kept.answers;
    const wantsPage = /\btext\/html\b/.test(headers.accept ?? "");
    return {
      status: 200,
      headers: {
        "Content-Type": wantsPage ? "text/html; charset=utf-8" : "application/json; charset=utf-8",
        Vary: "Accept",
        ...(wantsPage ? { "Content-Security-Policy": pagePolicy } : {}),
      },
      body: wantsPage ? page : json,
    };
  }

  return {
    prefix: "/docs",
    async begin(request) {
      const answered = await answer(request);
      return async () => answered;
    },
  };
}
