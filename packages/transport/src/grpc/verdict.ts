import type { WeftError } from "@weft/core";
import type { Outcome, Verdict } from "../policy/attempt.ts";
import { decodeStatus, grpcCodes } from "./status.ts";

/** How an attempt ended that an instance answered, with a message or with an error. */
export type GrpcAnswer = { kind: "message"; message: Buffer } | { kind: "error"; error: WeftError };

/** A call that did not end with OK, as grpc-js tells it. */
export interface FailedCall {
  code: number;
  message: string;
  /** The metadata `grpc-status-details-bin`, where there was one. */
  details: Uint8Array | undefined;
}

/** Whether the error blames the request and not the service: it comes back as itself, everywhere else it is a failed dependency. */
export function isTheCallersFault({ kind }: WeftError): boolean {
  return !["misdirected", "internal", "unavailable", "timeout", "dependency"].includes(kind);
}

/**
 * What an answer says about its instance, and whether asking again makes sense; the same as over HTTP (`http/verdict.ts`).
 * A failed dependency is neither retried nor held against the instance: it was tried again further down.
 */
function verdictOf({ kind, retryAfterSeconds }: WeftError): Verdict {
  const afterMs = retryAfterSeconds === undefined ? undefined : retryAfterSeconds * 1000;
  switch (kind) {
    case "misdirected":
      return { instance: "bad", again: "not-done" };
    case "rate-limited":
    case "in-progress":
      return { instance: "neutral", again: "if-repeatable", afterMs };
    case "internal":
    case "unavailable":
    case "timeout":
      return { instance: "bad", again: "if-repeatable", afterMs, isTimeout: kind === "timeout" };
    default:
      return { instance: "neutral", again: "never" };
  }
}

/** grpc-js's words for: no connection came about, and HTTP/2's REFUSED_STREAM (a draining server took no notice of the call). */
const certainlyNotDone = /^(No connection established|Stream refused by server)/;

/**
 * A status with `ErrorInfo` is a service's own word. Without one, these are grpc-js's names for what happened to the
 * connection: mostly something may have arrived there.
 */
export function outcomeOf(failed: FailedCall, answerLimitBytes: number): Outcome<GrpcAnswer> {
  const { code, message, details } = failed;
  const { error, hasInfo } = decodeStatus(code, message, details);
  if (!hasInfo && (code === grpcCodes.UNAVAILABLE || code === grpcCodes.CANCELLED)) {
    const again = certainlyNotDone.test(message) ? "not-done" : "if-repeatable";
    return { kind: "failure", cause: "connect", error, verdict: { instance: "bad", again } };
  }
  if (!hasInfo && code === grpcCodes.DEADLINE_EXCEEDED) {
    return { kind: "failure", cause: "timeout", error, verdict: { instance: "bad", again: "if-repeatable" } };
  }
  if (!hasInfo && code === grpcCodes.RESOURCE_EXHAUSTED && message.includes(`${answerLimitBytes}`)) {
    return { kind: "failure", cause: "bad_answer", error, verdict: { instance: "bad", again: "never" } };
  }
  return { kind: "answer", answer: { kind: "error", error }, verdict: verdictOf(error) };
}
