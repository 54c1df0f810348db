// The circuit breaker alone
export { type Breaker, type BreakerOptions, type BreakerState, breaker, type Permit } from "./breaker/breaker.ts";
export { contextHeaders, isCallHeader, isInternalHeader } from "./context/headers.ts";
// What this side cannot send
export { isNotSent, RequestNotEncodable, RequestNotSendable } from "./errors/not-sent.ts";
// Answer over HTTP
export { jsonText } from "./http/body.ts";
// Ask over HTTP
export type { ForwardAnswer, ForwardRequest, HttpAnswer, HttpClient, HttpRequest } from "./http/client.ts";
// Web pages of other origins
export type { CorsOptions } from "./http/cors.ts";
export { type HttpClientOptions, httpClient } from "./http/http-client.ts";
export type { OpenApiInfo } from "./http/open-api.ts";
export type { LimitStrangers, OperatorsOptions } from "./http/operations.ts";
// Whose request it is
export { assertAdmin, assertOwner } from "./http/ownership.ts";
export { pathOf } from "./http/path-of.ts";
export type {
  Method,
  RawAnswer,
  RawRequest,
  RawRoute,
  RawWork,
  Route,
  RouteAnswer,
  RouteRequest,
} from "./http/route.ts";
export { type HttpServer, type HttpServerOptions, type HttpServerParts, httpServer } from "./http/server.ts";
// Resilience, whatever the protocol
export type { Attempt, AttemptBounds, Outcome, Verdict } from "./policy/attempt.ts";
export type { InstanceSnapshot } from "./policy/instances.ts";
export { isServiceName } from "./policy/options.ts";
export { type Policy, type PolicyOptions, policy, type TargetSnapshot } from "./policy/policy.ts";
// What requests are checked with
export type { JsonSchema } from "./schema/json-schema.ts";
export { closed, field, orNull } from "./schema/pieces.ts";
export { ListenFailed } from "./server/addr.ts";
export type { HealthReport } from "./server/health.ts";
