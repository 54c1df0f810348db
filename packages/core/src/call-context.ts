import { AsyncLocalStorage } from "node:async_hooks";
import { randomBytes, randomUUID } from "node:crypto";

/**
 * What belongs to one request wherever it goes: over HTTP, over gRPC, and through the outbox and Kafka into the handlers
 * of other services. `context-fields.ts` has what crosses a call and what crosses a commit, field by field.
 */
export interface CallContext {
  readonly requestId: string;
  /** The request id that began the chain; the same as `requestId` where a request from outside began it. */
  readonly correlationId: string;
  /** The event that caused this work, where one did. */
  readonly causationId?: string;
  readonly trace: TraceContext;
  /** When the caller stops waiting, in milliseconds of `performance.now()`: a clock that does not jump. */
  readonly deadline?: number;
  /** Whoever called: the `X-Service-Name` of another service. In a handler, whoever called the service that published. */
  readonly caller?: string;
  readonly user?: ContextUser;
  readonly idempotencyKey?: string;
  readonly baggage?: string;
}

/** Whose request it is: set by the gateway; absent where a service was called directly. */
export interface ContextUser {
  readonly id: string;
  readonly role: string;
  /**
   * True in the handler of an event: it says who began the chain, as the event's headers have it, which anybody may write who
   * writes to the topic. It is for records of who did what, and decides nothing: whatever asks what a user may do takes it as
   * no user, and calls that the handler makes do not name it.
   */
  readonly isProvenance?: true;
}

/** W3C Trace Context, level 1. */
export interface TraceContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits: the span of this process. */
  readonly spanId: string;
  readonly sampled: boolean;
  readonly state?: string;
}

const storage = new AsyncLocalStorage<CallContext>();

/** The context of the work that is running, if it runs inside one. */
export function currentContext(): CallContext | undefined {
  return storage.getStore();
}

/** Runs `work` with `context` as the current one, through every await in it. */
export function runInContext<T>(context: CallContext, work: () => T): T {
  return storage.run(context, work);
}

/** What may come in of a context: the trace as W3C writes it, the rest as it is. */
export type ContextParts = Partial<Omit<CallContext, "trace">> & { traceparent?: string; tracestate?: string };

/** A context that begins here, or goes on from the parts that came in. A trace that came in gets a new span. */
export function newContext(parts: ContextParts = {}): CallContext {
  const { traceparent, tracestate, ...rest } = parts;
  const requestId = parts.requestId ?? randomUUID();
  const parent = traceparent === undefined ? undefined : parseTraceparent(traceparent);
  return {
    ...rest,
    requestId,
    correlationId: parts.correlationId ?? requestId,
    trace: {
      traceId: parent?.traceId ?? randomBytes(16).toString("hex"),
      spanId: randomBytes(8).toString("hex"),
      sampled: parent?.sampled ?? true,
      ...(parent && tracestate ? { state: tracestate } : {}),
    },
  };
}

/** `00-<trace id>-<span id>-<flags>`; a value that is not well formed, or is all zero, counts as absent, as the standard asks. */
export function parseTraceparent(value: string): TraceContext | undefined {
  const match = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/.exec(value);
  if (!match) return undefined;
  const [, version, traceId, spanId, flags, rest] = match as unknown as [
    string,
    string,
    string,
    string,
    string,
    string?,
  ];
  if (version === "ff" || (version === "00" && rest !== undefined)) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

export function formatTraceparent({ traceId, spanId, sampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${sampled ? "01" : "00"}`;
}

/** `X-Request-Id` from outside: taken only in this form, made anew otherwise. */
export function isRequestId(value: unknown): value is string {
  return typeof value === "string" && /^[A-Za-z0-9._:-]{1,128}$/.test(value);
}

/** Milliseconds that are left, never below 0; `undefined` where nobody set a deadline. */
export function remainingMs(context: CallContext | undefined = currentContext()): number | undefined {
  return context?.deadline === undefined ? undefined : Math.max(0, context.deadline - performance.now());
}

/** The same context with a deadline `timeoutMs` from now, or the one it had where that comes sooner. */
export function withTimeout(context: CallContext, timeoutMs: number): CallContext {
  const deadline = performance.now() + timeoutMs;
  return context.deadline !== undefined && context.deadline <= deadline ? context : { ...context, deadline };
}
