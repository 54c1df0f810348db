import type { ErrorKind } from "./error-kinds.ts";

/**
 * Errors are a closed list. Each is defined once, with the code that callers see, its kind and whether the same request
 * may succeed later. Callers branch on `code`, `kind` and `retryable`, never on text. What a kind means to each protocol
 * is in `error-kinds.ts`, and nowhere else.
 */

export type ErrorDetails = Record<string, unknown>;

/** What crosses a process boundary: no cause, no stack. */
export interface ErrorBody {
  code: string;
  message: string;
  details?: ErrorDetails;
}

export class WeftError extends Error {
  readonly code: string;
  readonly kind: ErrorKind;
  readonly retryable: boolean;
  /** Nothing that anybody may do makes the same request succeed: only then is a refusal kept under its Idempotency-Key. */
  readonly isFinal: boolean;
  readonly details: ErrorDetails | undefined;
  /** Seconds after which a repetition makes sense, where that is known. */
  readonly retryAfterSeconds: number | undefined;

  constructor(init: {
    code: string;
    kind: ErrorKind;
    message: string;
    retryable?: boolean;
    isFinal?: boolean;
    details?: ErrorDetails;
    retryAfterSeconds?: number;
    cause?: unknown;
  }) {
    super(init.message, init.cause === undefined ? undefined : { cause: init.cause });
    this.name = init.code;
    this.code = init.code;
    this.kind = init.kind;
    this.retryable = init.retryable ?? false;
    this.isFinal = init.isFinal ?? false;
    this.details = init.details;
    this.retryAfterSeconds = init.retryAfterSeconds;
  }

  toBody(): ErrorBody {
    return { code: this.code, message: this.message, ...(this.details ? { details: this.details } : {}) };
  }
}

interface ErrorDefinition<Params> {
  code: string;
  kind: ErrorKind;
  retryable?: boolean;
  /**
   * Whether the same request is refused for ever, whatever anybody does meanwhile; some errors are so for some of their
   * reasons. Such a refusal is kept under the request's Idempotency-Key, and any other is worked out anew.
   * @defaultValue false
   */
  isFinal?: boolean | ((params: Params) => boolean);
  message: (params: Params) => string;
  /** What callers get under `details`. Absent: nothing. */
  details?: (params: Params) => ErrorDetails | undefined;
}

/** The class that `defineError` makes: `throw new PromotionNotApplicable({ promotionId, reason })`. */
export interface ErrorClass<Params> {
  new (params: Params, options?: { cause?: unknown; retryAfterSeconds?: number }): WeftError;
  readonly code: string;
  readonly kind: ErrorKind;
  readonly retryable: boolean;
  /** True for this error here and for the same one that came back from another service. */
  is(error: unknown): error is WeftError;
}

interface DefinedError {
  code: string;
  kind: ErrorKind;
  retryable: boolean;
  isFinal: "yes" | "no" | "sometimes";
}

const definitions = new Map<string, DefinedError>();

export function defineError<Params = void>(definition: ErrorDefinition<Params>): ErrorClass<Params> {
  const { code, kind, retryable = false, isFinal = false, message, details } = definition;
  const isFinalFor = typeof isFinal === "function" ? isFinal : () => isFinal;
  noteDefinition({
    code,
    kind,
    retryable,
    isFinal: typeof isFinal === "function" ? "sometimes" : isFinal ? "yes" : "no",
  });
  return class extends WeftError {
    static readonly code = code;
    static readonly kind = kind;
    static readonly retryable = retryable;
    static is(error: unknown): error is WeftError {
      return error instanceof WeftError && error.code === code;
    }
    constructor(params: Params, options: { cause?: unknown; retryAfterSeconds?: number } = {}) {
      const said = { message: message(params), details: details?.(params), isFinal: isFinalFor(params) };
      super({ code, kind, retryable, ...said, ...options });
    }
  } as ErrorClass<Params>;
}

/** A code may be defined in two services; where they differ in when it is final, it is so sometimes. */
function noteDefinition(defined: DefinedError): void {
  const before = definitions.get(defined.code);
  const isFinal = before === undefined || before.isFinal === defined.isFinal ? defined.isFinal : "sometimes";
  definitions.set(defined.code, { ...defined, isFinal });
}

/** What may be shown of any error, in `/health` for one: never its text, which may name an address or more. */
export function reasonOf(error: unknown): string {
  const { code, name } = error as { code?: unknown; name?: string };
  return typeof code === "string" ? code : (name ?? "unknown");
}

/** Every error that the loaded modules define, by code; `docs/errors.md` is made from it. */
export function definedErrors(): DefinedError[] {
  return [...definitions.values()].sort((a, b) => a.code.localeCompare(b.code));
}

/** Path of a field as it was sent (`sku`, `items.0.quantity`) → what is wrong with it. */
export type FieldErrors = Record<string, string>;

export const BadRequest = defineError<{ message: string }>({
  code: "BAD_REQUEST",
  kind: "invalid",
  message: ({ message }) => message,
});
export const ValidationFailed = defineError<{ fieldErrors: FieldErrors; what?: string }>({
  code: "VALIDATION_ERROR",
  kind: "invalid",
  message: ({ fieldErrors, what = "request" }) =>
    `${what} is invalid: ${Object.entries(fieldErrors)
      .map(([field, problem]) => `${field} ${problem}`)
      .join("; ")}`,
  details: ({ fieldErrors }) => ({ field_errors: fieldErrors }),
});
export const Unauthorized = defineError<{ message?: string }>({
  code: "UNAUTHORIZED",
  kind: "unauthenticated",
  message: ({ message }) => message ?? "a valid bearer token is needed",
});
export const Forbidden = defineError<{ message?: string }>({
  code: "FORBIDDEN",
  kind: "forbidden",
  message: ({ message }) => message ?? "this role may not do that",
});
export const NotFound = defineError<{ what: string }>({
  code: "NOT_FOUND",
  kind: "not-found",
  message: ({ what }) => `${what} does not exist`,
});
export const MethodNotAllowed = defineError<{ method: string; path: string; allow: string[] }>({
  code: "METHOD_NOT_ALLOWED",
  kind: "method-not-allowed",
  message: ({ method, path, allow }) => `${method} is not allowed on ${path}; allowed: ${allow.join(", ")}`,
  details: ({ allow }) => ({ allow }),
});
export const Conflict = defineError<{ message: string; isFinal?: boolean }>({
  code: "CONFLICT",
  kind: "conflict",
  isFinal: ({ isFinal = false }) => isFinal,
  message: ({ message }) => message,
});
export const RequestInProgress = defineError<void>({
  code: "REQUEST_IN_PROGRESS",
  kind: "in-progress",
  retryable: true,
  message: () => "a request with the same Idempotency-Key is still running",
});
export const PayloadTooLarge = defineError<{ limitBytes: number }>({
  code: "PAYLOAD_TOO_LARGE",
  kind: "too-large",
  message: ({ limitBytes }) => `the body is larger than ${limitBytes} bytes`,
  details: ({ limitBytes }) => ({ limit_bytes: limitBytes }),
});
export const UnsupportedMediaType = defineError<{ contentType: string }>({
  code: "UNSUPPORTED_MEDIA_TYPE",
  kind: "unsupported-media-type",
  message: ({ contentType }) => `a body of type ${contentType || "(none)"} is not read here; send application/json`,
});
export const MisdirectedRequest = defineError<{ target: string; reached: string }>({
  code: "MISDIRECTED_REQUEST",
  kind: "misdirected",
  retryable: true,
  message: ({ target, reached }) => `this is ${reached}, not ${target}`,
});
export const IdempotencyKeyReused = defineError<void>({
  code: "IDEMPOTENCY_KEY_REUSED",
  kind: "key-reused",
  message: () => "this Idempotency-Key was used with another body",
});
export const RateLimited = defineError<void>({
  code: "RATE_LIMITED",
  kind: "rate-limited",
  retryable: true,
  message: () => "too many requests",
});
export const InternalError = defineError<void>({
  code: "INTERNAL_ERROR",
  kind: "internal",
  retryable: true,
  message: () => "something failed inside the service; its log has the cause under this request id",
});
export const ServiceUnavailable = defineError<{ message?: string }>({
  code: "SERVICE_UNAVAILABLE",
  kind: "unavailable",
  retryable: true,
  message: ({ message }) => message ?? "the service is not taking requests now",
});
export const Timeout = defineError<{ operation: string; timeoutMs?: number }>({
  code: "TIMEOUT",
  kind: "timeout",
  retryable: true,
  message: ({ operation, timeoutMs }) =>
    timeoutMs === undefined ? `${operation} ran out of time` : `${operation} took longer than ${timeoutMs} ms`,
});

export type DependencyCause =
  | "no_instance"
  | "connect"
  | "timeout"
  | "breaker_open"
  | "bulkhead_full"
  | `status_${number}`
  | "bad_answer";

export const DependencyFailed = defineError<{ service: string; operation: string; cause: DependencyCause }>({
  code: "DEPENDENCY_FAILED",
  kind: "dependency",
  retryable: true,
  message: ({ service, operation, cause }) => `${service} did not answer ${operation}: ${cause}`,
  details: ({ service, operation, cause }) => ({ dependency_service: service, operation, cause }),
});
