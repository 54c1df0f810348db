import {
  type CallContext,
  currentContext,
  formatTraceparent,
  isRequestId,
  MisdirectedRequest,
  newContext,
  type ServiceIdentity,
} from "@weft/core";
import type { ServiceInstance } from "@weft/discovery";

/** Names of the headers that carry the call context between services; gRPC metadata has the same, but for the deadline. */
export const contextHeaders = {
  requestId: "x-request-id",
  correlationId: "x-weft-correlation-id",
  target: "x-weft-target",
  timeoutMs: "x-request-timeout-ms",
  serviceName: "x-service-name",
  serviceVersion: "x-service-version",
  userId: "x-user-id",
  userRole: "x-user-role",
  idempotencyKey: "idempotency-key",
} as const;

/** Headers that only services may set: the edge drops them, whoever sends them. */
export function isInternalHeader(name: string): boolean {
  return /^x-(weft|service|user)-/i.test(name);
}

/** Headers or metadata of a request, by name in lower case. */
export type IncomingHeaders = Record<string, string | string[] | undefined>;

/**
 * The context that came in with a request, or begins with it.
 * @param deadline when the work must end, in milliseconds of `performance.now()`
 */
export function contextFrom(headers: IncomingHeaders, deadline: number): CallContext {
  const requestId = single(headers[contextHeaders.requestId]);
  const correlationId = single(headers[contextHeaders.correlationId]);
  return newContext({
    ...(isRequestId(requestId) ? { requestId } : {}),
    ...(isRequestId(correlationId) ? { correlationId } : {}),
    traceparent: single(headers.traceparent),
    tracestate: bounded(headers.tracestate, 512),
    baggage: bounded(headers.baggage, 8192),
    caller: bounded(headers[contextHeaders.serviceName], 128),
    user: userOf(headers),
    idempotencyKey: single(headers[contextHeaders.idempotencyKey]),
    deadline,
  });
}

/** What every call between services carries: whose work it is, who calls and who is meant. */
export function callHeaders(
  identity: ServiceIdentity,
  to: Pick<ServiceInstance, "service" | "instanceId">,
  context: CallContext = currentContext() ?? newContext(),
): Record<string, string> {
  const { requestId, correlationId, trace, baggage, user } = context;
  return {
    [contextHeaders.requestId]: requestId,
    [contextHeaders.correlationId]: correlationId,
    traceparent: formatTraceparent(trace),
    ...(trace.state ? { tracestate: trace.state } : {}),
    ...(baggage ? { baggage } : {}),
    [contextHeaders.serviceName]: identity.name,
    [contextHeaders.serviceVersion]: identity.version,
    [contextHeaders.target]: `${to.service}/${to.instanceId}`,
    ...(user ? { [contextHeaders.userId]: user.id, [contextHeaders.userRole]: user.role } : {}),
  };
}

/** @throws MisdirectedRequest where the caller meant another service or instance; one that names nobody means this one */
export function assertTarget(target: string | string[] | undefined, { name, instanceId }: ServiceIdentity): void {
  const reached = `${name}/${instanceId}`;
  if (typeof target !== "string" || target === name || target === reached) return;
  throw new MisdirectedRequest({ target: target.slice(0, 300), reached });
}

function userOf(headers: IncomingHeaders): CallContext["user"] {
  const id = bounded(headers[contextHeaders.userId], 200);
  const role = bounded(headers[contextHeaders.userRole], 64);
  return id !== undefined && role !== undefined ? { id, role } : undefined;
}

const single = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value.join(",") : value;

function bounded(value: string | string[] | undefined, maxLength: number): string | undefined {
  const text = single(value);
  return text !== undefined && text.length > 0 && text.length <= maxLength ? text : undefined;
}
