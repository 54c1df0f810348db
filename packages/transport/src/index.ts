// The circuit breaker alone
export { type Breaker, type BreakerOptions, type BreakerState, breaker, type Permit } from "./breaker/breaker.ts";
// Ask over HTTP
export type { ForwardAnswer, ForwardRequest, HttpAnswer, HttpClient, HttpRequest } from "./http/client.ts";
export { HttpClientOptionsInvalid, HttpServerOptionsInvalid, ListenFailed } from "./http/errors.ts";
export type { HealthReport } from "./http/health.ts";
export { type HttpClientOptions, httpClient } from "./http/http-client.ts";
export type { OpenApiInfo } from "./http/open-api.ts";
// Whose request it is
export { assertAdmin, assertOwner } from "./http/ownership.ts";
export { contextHeaders, isInternalHeader } from "./http/request-context.ts";
// Answer over HTTP
export type {
  JsonSchema,
  Method,
  RawAnswer,
  RawRequest,
  RawRoute,
  Route,
  RouteAnswer,
  RouteRequest,
} from "./http/route.ts";
export { closed, field, orNull } from "./http/schema-pieces.ts";
export { type HttpServer, type HttpServerOptions, type HttpServerParts, httpServer } from "./http/server.ts";
// Resilience, whatever the protocol
export type { Attempt, AttemptBounds, Outcome, Verdict } from "./policy/attempt.ts";
export type { InstanceSnapshot } from "./policy/instances.ts";
export { type Policy, type PolicyOptions, policy, type TargetSnapshot } from "./policy/policy.ts";
