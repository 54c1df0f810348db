import type { Logger } from "@weft/core";
import { MethodNotAllowed, NotFound } from "@weft/core";
import type { HttpClient, RawAnswer, RawRequest, RawRoute } from "@weft/transport";
import { docsPage, pagePolicy } from "./docs-page.ts";
import { mergeDocuments, type OpenApiDocument } from "./merge-documents.ts";
import type { RouteTable } from "./route-table.ts";

export interface DocsCollaborators {
  routes: Pick<RouteTable, "services" | "match">;
  clientFor: (service: string) => Pick<HttpClient, "forward">;
  log: Logger;
}

export interface DocsOptions {
  version: string;
  /** How long a merged document is given again, in milliseconds. @defaultValue 5000 */
  keepMs?: number;
  /** Bound of each service's answer, in milliseconds. @defaultValue 2000 */
  timeoutMs?: number;
}

const defaults = { keepMs: 5000, timeoutMs: 2000 };

/** `GET /docs`: one OpenAPI document of all that can be reached through here; a page to read where HTML is asked for. */
export function docsRoute({ routes, clientFor, log }: DocsCollaborators, options: DocsOptions): RawRoute {
  const { version, keepMs, timeoutMs } = { ...defaults, ...options };
  let kept: { document: Promise<OpenApiDocument>; at: number } | undefined;

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

  async function merge(): Promise<OpenApiDocument> {
    const documents = await Promise.all(routes.services().map(documentOf));
    return mergeDocuments(documents, { version, serves: (service, path) => routes.match(path)?.service === service });
  }

  async function handle({ method, url, headers }: RawRequest): Promise<RawAnswer> {
    const [path = ""] = url.split("?", 1);
    if (path !== "/docs") throw new NotFound({ what: path });
    if (method !== "GET" && method !== "HEAD") throw new MethodNotAllowed({ method, path, allow: ["GET", "HEAD"] });
    if (!kept || performance.now() - kept.at > keepMs) kept = { document: merge(), at: performance.now() };
    const document = await kept.document;
    const wantsPage = /\btext\/html\b/.test(headers.accept ?? "");
    return {
      status: 200,
      headers: {
        "Content-Type": wantsPage ? "text/html; charset=utf-8" : "application/json; charset=utf-8",
        Vary: "Accept",
        ...(wantsPage ? { "Content-Security-Policy": pagePolicy } : {}),
      },
      body: Buffer.from(wantsPage ? docsPage(document) : JSON.stringify(document)),
    };
  }

  return { prefix: "/docs", handle };
}
