import type { WeftError } from "@weft/core";
import type { Outcome } from "../policy/attempt.ts";
import { verdictOfKind } from "../policy/verdict.ts";
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
  const afterMs = error.retryAfterSeconds === undefined ? undefined : error.retryAfterSeconds * 1000;
  return { kind: "answer", answer: { kind: "error", error }, verdict: verdictOfKind(error.kind, afterMs) };
}
