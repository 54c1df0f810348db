import { contextFields } from "@weft/core";
import type { NextFunction, Request, Response } from "express";

/** Which web pages of other origins may read answers (Fetch, section 3.2). */
export interface CorsOptions {
  /** `https://shop.example.com`, with the port where it is not the usual one; `*` for every origin. */
  origins: readonly string[];
  /** How long a browser may keep what it was told of a preflight, in seconds; browsers cut it to 2 hours and less. @defaultValue 600 */
  maxAgeSeconds?: number;
}

const methods = "GET, HEAD, POST, PUT, PATCH, DELETE";
const fromStrangers = Object.values(contextFields).flatMap(({ http, fromStrangers }) => (fromStrangers ? http : []));
const requestHeaders = ["authorization", "content-type", ...fromStrangers].join(", ");
const exposedHeaders = "ETag, Idempotency-Replayed, Retry-After, WWW-Authenticate, X-Request-Id";

/** @returns what is wrong with an origin, as the end of a sentence */
export function originProblem(origin: string): string | undefined {
  const url = origin === "*" ? undefined : URL.parse(origin);
  if (origin === "*" || (url && /^https?:$/.test(url.protocol) && /^https?:\/\/[^/?#@]+$/i.test(origin)))
    return undefined;
  return "must be an origin, such as https://shop.example.com, or *";
}

/**
 * Answers preflights and lets pages of the listed origins read what is answered. Cookies are never asked for
 * (`Access-Control-Allow-Credentials` is not sent): who asks says so by a token. A page of another origin gets the answers of a
 * server that knows nothing of CORS, and its browser keeps them from it.
 */
export function cors({ origins, maxAgeSeconds = 600 }: CorsOptions) {
  const isOpen = origins.includes("*");
  const allowed = new Set(origins.filter((origin) => origin !== "*").map((origin) => new URL(origin).origin));

  return (request: Request, response: Response, next: NextFunction): void => {
    const { origin } = request.headers;
    if (!isOpen) response.vary("Origin");
    if (origin === undefined || !(isOpen || allowed.has(origin))) {
      next();
      return;
    }
    response.setHeader("Access-Control-Allow-Origin", isOpen ? "*" : origin);
    if (request.method === "OPTIONS" && request.headers["access-control-request-method"] !== undefined) {
      response.locals.route = "(preflight)";
      response
        .status(204)
        .setHeader("Access-Control-Allow-Methods", methods)
        .setHeader("Access-Control-Allow-Headers", requestHeaders)
        .setHeader("Access-Control-Max-Age", String(maxAgeSeconds))
        .end();
      return;
    }
    response.setHeader("Access-Control-Expose-Headers", exposedHeaders);
    next();
  };
}
