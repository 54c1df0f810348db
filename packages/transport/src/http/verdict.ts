import { classify, kindOfHttp } from "@weft/core";
import { AddressNotAllowed } from "@weft/discovery";
import { RequestNotSendable } from "../errors/not-sent.ts";
import { type Outcome, outside, ownFault, type Verdict } from "../policy/attempt.ts";
import { isExhaustedHere, verdictOfKind } from "../policy/verdict.ts";

/** An answer as it came, whole. */
export interface RawAnswerOf {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

/** The body of an error in the usual form, if it is one. */
export function errorBodyOf({
  body,
}: RawAnswerOf): { code: string; message: string; details?: Record<string, unknown> } | undefined {
  try {
    const { error } = JSON.parse(body.toString("utf8")) as {
      error?: { code?: unknown; message?: unknown; details?: unknown };
    };
    if (typeof error?.code !== "string" || typeof error.message !== "string") return undefined;
    const { code, message, details } = error;
    return typeof details === "object" && details !== null
      ? { code, message, details: details as Record<string, unknown> }
      : { code, message };
  } catch {
    return undefined;
  }
}

/** What an answer says about its instance, and whether asking again makes sense: what core's table says of its kind. */
export function verdictOf(answer: RawAnswerOf): Verdict {
  const { status, headers } = answer;
  if (status < 400) return { instance: "good", again: "never" };
  const kind = kindOfHttp(status, errorBodyOf(answer) ?? { code: "" });
  return verdictOfKind(kind, retryAfterMs(headers["retry-after"]));
}

/** What `undici` 8 says of a request that it does not take; `assertSendable` knows most of them first. */
const refusedHere = new Set(["UND_ERR_INVALID_ARG", "UND_ERR_NOT_SUPPORTED", "UND_ERR_REQ_CONTENT_LENGTH_MISMATCH"]);

/** Nothing was sent when no connection came about; after that something may have arrived. */
export function failureOf(error: unknown, service: string): Outcome<never> {
  const { code, syscall } = error as { code?: string; syscall?: string };
  if (code !== undefined && refusedHere.has(code)) {
    const reason = (error as Error).message;
    return ownFault(new RequestNotSendable({ what: `a request to ${service}`, reason }, { cause: error }));
  }
  if (AddressNotAllowed.is(error)) return outside(error);
  if (classify(error) === "bug") return ownFault(error);
  if (code === "UND_ERR_RES_EXCEEDED_MAX_SIZE" || code?.startsWith("HPE_")) {
    return { kind: "failure", cause: "bad_answer", error, verdict: { instance: "bad", again: "never" } };
  }
  if (isExhaustedHere(error)) {
    return { kind: "failure", cause: "connect", error, verdict: { instance: "neutral", again: "not-done" } };
  }
  const isNotSent =
    syscall === "connect" || syscall === "getaddrinfo" || code === "ECONNREFUSED" || code === "UND_ERR_CONNECT_TIMEOUT";
  const again = isNotSent ? "not-done" : "if-repeatable";
  return { kind: "failure", cause: "connect", error, verdict: { instance: "bad", again } };
}

/** `Retry-After` in its form of seconds; a date is not worth a clock that may be wrong. */
export function retryAfterMs(value: string | string[] | undefined): number | undefined {
  return typeof value === "string" && /^\d{1,6}$/.test(value) ? Number(value) * 1000 : undefined;
}
