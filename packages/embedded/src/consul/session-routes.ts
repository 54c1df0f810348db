import type { HttpHandler } from "../http/server.ts";
import type { PermissionsOf } from "./access.ts";
import { type BlockingQuery, json } from "./answering.ts";
import { sessionAnswer } from "./answers.ts";
import { readObject } from "./definitions.ts";
import { Refusal } from "./refusal.ts";
import type { Session, Sessions } from "./sessions.ts";

/** Source: Consul HTTP API, "Sessions". */
export function sessionRoutes({
  node,
  query,
  sessions,
  permissionsOf,
}: {
  node: string;
  query: BlockingQuery;
  sessions: Sessions;
  permissionsOf: PermissionsOf;
}): Record<string, HttpHandler> {
  const list =
    (which: (session: Session, params: Record<string, string>) => boolean): HttpHandler =>
    (request) =>
      query(request, sessions.index, () => {
        const { may } = permissionsOf(request);
        return json(
          sessions
            .list()
            .filter((session) => which(session, request.params) && may("session", session.node, "read"))
            .map(sessionAnswer),
          request,
        );
      });

  return {
    "PUT /v1/session/create": (request) => {
      permissionsOf(request).demand("session", node, "write");
      const { id } = sessions.create(request.body.length === 0 ? {} : readObject(request.body));
      return json({ ID: id }, request);
    },
    "PUT /v1/session/destroy/{id}": (request) => {
      permissionsOf(request).demand("session", node, "write");
      sessions.destroy(request.params.id ?? "");
      return json(true, request);
    },
    "PUT /v1/session/renew/{id}": (request) => {
      permissionsOf(request).demand("session", node, "write");
      const session = sessions.renew(request.params.id ?? "");
      if (!session) throw new Refusal(404, `Session id '${request.params.id}' not found`);
      return json([sessionAnswer(session)], request);
    },
    "GET /v1/session/info/{id}": list(({ id }, params) => id === params.id),
    "GET /v1/session/node/{node}": list((session, params) => session.node === params.node),
    "GET /v1/session/list": list(() => true),
  };
}
