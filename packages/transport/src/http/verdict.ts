import type { Outcome, Verdict } from "../policy/attempt.ts";

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

/**
 * What an answer says about its instance, and whether asking again makes sense.
 * Only the caller nearest to a fault retries: `DEPENDENCY_FAILED` means that the retries have been made further down. Nor does
 * it speak against the instance that says so: its breaker would shut out all that it can still do (ADR 0011).
 */
export function verdictOf(answer: RawAnswerOf): Verdict {
  const { status, headers } = answer;
  if (status < 400) return { instance: "good", again: "never" };
  const afterMs = retryAfterMs(headers["retry-after"]);
  if (status === 421) return { instance: "bad", again: "not-done" };
  if (status === 429) return { instance: "neutral", again: "if-repeatable", afterMs };
  if (status === 409 && errorBodyOf(answer)?.code === "REQUEST_IN_PROGRESS") {
    return { instance: "neutral", again: "if-repeatable", afterMs };
  }
  if (status < 500) return { instance: "neutral", again: "never" };
  const code = errorBodyOf(answer)?.code;
  if (code === "DEPENDENCY_FAILED") return { instance: "neutral", again: "never" };
  return { instance: "bad", again: "if-repeatable", afterMs, isTimeout: status === 503 && code === "TIMEOUT" };
}

/** Nothing was sent when no connection came about; after that something may have arrived. */
export function failureOf(error: unknown): Outcome<never> {
  const { code, syscall } = error as { code?: string; syscall?: string };
  if (code === "UND_ERR_RES_EXCEEDED_MAX_SIZE" || code?.startsWith("HPE_")) {
    return { kind: "failure", cause: "bad_answer", error, verdict: { instance: "bad", again: "never" } };
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
