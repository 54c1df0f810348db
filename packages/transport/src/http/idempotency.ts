import { createHash } from "node:crypto";
import {
  BadRequest,
  type CallContext,
  contextFields,
  type IdempotentRequest,
  type StoredAnswer,
  WeftError,
} from "@weft/core";
import { publicError } from "../errors/public-error.ts";
import type { Route } from "./route.ts";
import { kindToStatus } from "./status.ts";

const keyed = new Set(["POST", "PUT", "PATCH"]);

/**
 * The header, where it counts: on POST, PUT and PATCH.
 * @throws BadRequest for anything but 1 to 255 printable ASCII characters
 */
export function idempotencyKeyOf(method: string, header: string | string[] | undefined): string | undefined {
  if (header === undefined || !keyed.has(method)) return undefined;
  if (typeof header !== "string" || !contextFields.idempotencyKey.read([header])) {
    throw new BadRequest({ message: "Idempotency-Key must be 1 to 255 printable ASCII characters" });
  }
  return header;
}

/** The same key by another subject, or on another route, is another key; with other values or another body it is refused. */
export function idempotentRequest(
  key: string,
  route: Pick<Route, "method" | "path" | "errors">,
  request: { params: unknown; query: unknown; body: unknown; context: CallContext },
): IdempotentRequest {
  const { user, caller } = request.context;
  const fingerprint = createHash("sha256")
    .update(canonicalJson([request.params, request.query, request.body ?? null]))
    .digest("hex");
  return {
    subject: user ? `user:${user.id}` : caller ? `service:${caller}` : "anonymous",
    route: `${route.method} ${route.path}`,
    key,
    fingerprint,
    refusal: (error) => refusal(error, route.errors),
  };
}

/**
 * Only refusals that the same request would meet for ever, as each error says of itself. What may come out differently (stock
 * is filled up, a tier is raised, a promotion is switched on) is worked out anew each time.
 */
function refusal(error: unknown, declared: readonly string[] | undefined): StoredAnswer | undefined {
  if (!(error instanceof WeftError) || !error.isFinal) return undefined;
  return { status: kindToStatus(error.kind), body: { error: publicError(error, declared).toBody() } };
}

/** JSON with the fields of every object in one order, so that the order in which a client wrote them does not count. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
