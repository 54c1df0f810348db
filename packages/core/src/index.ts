// What went wrong

// Time
export { type BackoffOptions, backoffMs, sleep } from "./backoff.ts";
// Whose work this is
export {
  type CallContext,
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
export { type Clock, systemClock } from "./clock.ts";
// Logs, metrics, lifetimes
export type { Component, ComponentHealth } from "./component.ts";
// Configuration and validation
export { ConfigurationInvalid, loadConfig } from "./config.ts";
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
  type ErrorKind,
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
  ServiceUnavailable,
  Timeout,
  Unauthorized,
  UnsupportedMediaType,
  ValidationFailed,
  WeftError,
} from "./errors.ts";
export { createLogger, type Logger, type LogIdentity, type LogLevel, silentLogger, withoutCredentials } from "./log.ts";
export { type Counter, type Gauge, type Histogram, type Labels, type Metrics, noMetrics } from "./metrics.ts";
export { compileValidator, fieldErrorsOf, newAjv } from "./validation.ts";
