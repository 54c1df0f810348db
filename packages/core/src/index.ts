// Time
export { type BackoffOptions, backoffMs, maxTimerMs, sleep } from "./backoff.ts";
// Whose work this is
export {
  type CallContext,
  type ContextParts,
  type ContextUser,
  currentContext,
  formatTraceparent,
  isRequestId,
  newContext,
  parseTraceparent,
  remainingMs,
  runInContext,
  type TraceContext,
  withTimeout,
} from "./call-context.ts";
// What went wrong
export { classify, isLostConnection, isOutage, mayPass, sqlStateOf } from "./classify.ts";
export { type Clock, systemClock } from "./clock.ts";
// Logs, metrics, lifetimes
export type { Component, ComponentHealth } from "./component.ts";
// Configuration and validation
export { ConfigurationInvalid, loadConfig } from "./config.ts";
export {
  type ContextCarrier,
  type ContextField,
  contextFields,
  isForServices,
  isHandedOn,
  readContext,
  refusedContextHeaders,
  writeContext,
} from "./context-fields.ts";
export {
  type ErrorKind,
  type ErrorKindMeaning,
  errorKinds,
  type GrpcCode,
  kindOfGrpc,
  kindOfHttp,
} from "./error-kinds.ts";
export {
  BadRequest,
  Conflict,
  type DependencyCause,
  DependencyFailed,
  definedErrors,
  defineError,
  type ErrorBody,
  type ErrorClass,
  type ErrorDetails,
  type FieldErrors,
  Forbidden,
  IdempotencyKeyReused,
  InternalError,
  MethodNotAllowed,
  MisdirectedRequest,
  NotFound,
  PayloadTooLarge,
  RateLimited,
  RequestInProgress,
  reasonOf,
  ServiceUnavailable,
  Timeout,
  Unauthorized,
  UnsupportedMediaType,
  ValidationFailed,
  WeftError,
} from "./errors.ts";
// Who may reach a server of this machine
export { type Addressed, type HostGuard, hostGuard, isLoopback, originForm } from "./host-guard.ts";
// Things, their ids and what changes in them
export { idPattern, newId } from "./id.ts";
// Repeated requests
export type { IdempotencyKeys, IdempotentRequest, StoredAnswer } from "./idempotency.ts";
export { changedFields, type Json, type JsonObject, mergePatch } from "./json.ts";
export {
  createLogger,
  type Logger,
  type LogLevel,
  type ServiceIdentity,
  silentLogger,
} from "./log.ts";
export { type Counter, type Gauge, type Histogram, type Labels, type Metrics, noMetrics } from "./metrics.ts";
export { momentOf } from "./moment.ts";
export { type Cents, fromCents, largestAmount, percentOf, toCents } from "./money.ts";
export { isNetworkFailure } from "./network-failure.ts";
export { type OptionRule, OptionsInvalid, option, type Taken, takeOptions } from "./options.ts";
export { type PollOptions, poll } from "./poll.ts";
export { processStart } from "./process-start.ts";
export { withoutCredentials } from "./redaction.ts";
export { type Pauses, pauses, type RetryPolicy, repeat, retry, retryPauseMs, type Ticker } from "./retry.ts";
export { type TlsOptions, tlsFailureOf } from "./tls.ts";
export { compileValidator, extendAjv, fieldErrorsOf, narrowFormats, newAjv } from "./validation.ts";
export { type TimeLimit, timeLimit, within } from "./within.ts";
