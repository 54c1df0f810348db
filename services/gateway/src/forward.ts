import { type CallContext, NotFound, runInContext, Unauthorized } from "@weft/core";
import type { HttpClient, RawRequest, RawRoute, RawWork } from "@weft/transport";
import { authorize, type User } from "./access.ts";
import { apiPath } from "./api-path.ts";
import { addressKey, clientAddress } from "./client-address.ts";
import { requestHeaders, responseHeaders } from "./headers.ts";
import type { RouteTable } from "./route-table.ts";

export interface ForwardCollaborators {
  routes: Pick<RouteTable, "match">;
  authenticate: (authorization: string | undefined) => Promise<User | undefined>;
  /** Takes one request of a subject or an address. @throws RateLimited */
  limit: (key: string) => void | Promise<void>;
  /** For requests that may be repeated, and for those that may not: they have other bounds. */
  clientFor: (service: string, kind: "read" | "write") => Pick<HttpClient, "forward">;
}

/**
 * `/api/**`: who it is (401) → within the rate (429) → one meaning of the path (400) → which service (404) → allowed (401,
 * 403) → the body, and whether it is allowed (403) → passed on. What the service answers is passed back, refusals and failures too; where no instance answers it is 503
 * `DEPENDENCY_FAILED`.
 */
export function forwardRoute(
  { routes, authenticate, limit, clientFor }: ForwardCollaborators,
  { trustedProxies }: { trustedProxies: number },
): RawRoute {
  async function begin(request: RawRequest): Promise<RawWork> {
    const address = clientAddress(request.remoteAddress, request.headers["x-forwarded-for"], trustedProxies);
    const user = await identify(request, address);
    const path = apiPath(request.url);
    const target = routes.match(path.path);
    if (!target) throw new NotFound({ what: `${request.method} ${path.path}` });
    const { service, isPublicRead } = target;
    const checkBody = authorize(user, { method: request.method, path, isPublicRead });

    const context: CallContext = { ...request.context, caller: undefined, user };
    const isRead = request.method === "GET" || request.method === "HEAD";
    return async (body) => {
      checkBody(body);
      const answer = await runInContext(context, () =>
        clientFor(service, isRead ? "read" : "write").forward({
          method: request.method,
          path: path.url,
          headers: requestHeaders(request.headers, address),
          ...(body.length > 0 ? { body } : {}),
        }),
      );
      return { status: answer.status, headers: responseHeaders(answer.headers), body: answer.body };
    };
  }

  /** Tokens that are refused count for the address, so that trying many of them is limited as well. */
  async function identify(request: RawRequest, address: string): Promise<User | undefined> {
    try {
      const user = await authenticate(request.headers.authorization);
      await limit(user ? `subject ${user.id}` : `address ${addressKey(address)}`);
      return user;
    } catch (error) {
      if (Unauthorized.is(error)) await limit(`address ${addressKey(address)}`);
      throw error;
    }
  }

  return { prefix: "/api", begin };
}
