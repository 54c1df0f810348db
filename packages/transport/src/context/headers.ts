import {
  BadRequest,
  type CallContext,
  type ContextCarrier,
  contextFields,
  currentContext,
  isForServices,
  isHandedOn,
  MisdirectedRequest,
  newContext,
  readContext,
  refusedContextHeaders,
  type ServiceIdentity,
  writeContext,
} from "@weft/core";
import type { ServiceInstance } from "@weft/discovery";
import { RequestNotSendable } from "../errors/not-sent.ts";

/** Names of headers that a call carries: fields of the call context that have a use of their own here, and who is meant. */
export const contextHeaders = {
  requestId: contextFields.requestId.http[0],
  timeoutMs: contextFields.deadline.http[0],
  idempotencyKey: contextFields.idempotencyKey.http[0],
  serviceName: contextFields.caller.http[0],
  serviceVersion: "x-service-version",
  target: "x-weft-target",
} as const;

/** Headers that only services may set: the edge drops them, whoever sends them. */
export function isInternalHeader(name: string): boolean {
  return /^x-(weft|service|user)-/i.test(name) || isForServices(name.toLowerCase());
}

/** Headers that a client writes itself with every call, so that of a request that is passed on they say nothing. */
export function isCallHeader(name: string): boolean {
  return isInternalHeader(name) || isHandedOn(name.toLowerCase());
}

/** Headers or metadata of a request, by name in lower case. */
export type IncomingHeaders = Record<string, string | string[] | undefined>;
/** What carries a context between services that call each other. */
export type CallCarrier = Exclude<ContextCarrier, "event">;

/** The context that came in with a request, or begins with it. */
export function contextFrom(carrier: CallCarrier, headers: IncomingHeaders): CallContext {
  return newContext(readContext(carrier, (name) => single(headers[name])));
}

/**
 * What every call between services carries: whose work it is, who calls and who is meant.
 * @throws RequestNotSendable for a user who cannot be named: without one, the call would be that of a service
 */
export function callHeaders(
  carrier: CallCarrier,
  identity: ServiceIdentity,
  to: Pick<ServiceInstance, "service" | "instanceId">,
  context: CallContext = currentContext() ?? newContext(),
): Record<string, string> {
  return {
    ...written(carrier, to.service, context),
    [contextHeaders.serviceName]: identity.name,
    [contextHeaders.serviceVersion]: identity.version,
    [contextHeaders.target]: `${to.service}/${to.instanceId}`,
  };
}

function written(carrier: CallCarrier, service: string, context: CallContext): Record<string, string> {
  try {
    return writeContext(carrier, context);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new RequestNotSendable({ what: `a call of ${service}`, reason }, { cause });
  }
}

/**
 * What a server looks at before anything else of a call.
 * @throws MisdirectedRequest where the caller meant another service or instance; one that names nobody means this one
 * @throws BadRequest where it names a user, and not as one is named: without a user it would be the call of a service
 */
export function assertCallHeaders(carrier: CallCarrier, headers: IncomingHeaders, identity: ServiceIdentity): void {
  assertTarget(headers[contextHeaders.target], identity);
  const refused = refusedContextHeaders(carrier, (name) => single(headers[name]));
  if (refused.length > 0) throw new BadRequest({ message: `${refused.join(" and ")} are not valid` });
}

function assertTarget(target: string | string[] | undefined, { name, instanceId }: ServiceIdentity): void {
  const reached = `${name}/${instanceId}`;
  if (typeof target !== "string" || target === name || target === reached) return;
  throw new MisdirectedRequest({ target: target.slice(0, 300), reached });
}

export const single = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value.join(",") : value;
