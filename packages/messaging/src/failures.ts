import { classify, isOutage, sqlStateOf, WeftError } from "@weft/core";
import { Poison } from "./errors.ts";

/**
 * What a handler's failure means for its event.
 * `transient`: something that it needs is away; tried again for ever, nothing is used up.
 * `poison`: no retry will help. The handler itself says so, or the event's values fit no column or index
 * (SQLSTATE class 22 and 54) or break a constraint (class 23).
 * `failure`: anything else; tried again a few times.
 */
export type FailureKind = "transient" | "poison" | "failure";

/**
 * Of class 23 those that also show a lost race: who inserted the same key at the same moment (23505, 23P01) is there to be
 * found by the next attempt, and a row that was not there yet (23503) may be. Tried again a few times.
 */
const lostRaces: ReadonlySet<string> = new Set(["23503", "23505", "23P01"]);

const maxCauses = 5;

export function failureKindOf(error: unknown): FailureKind {
  const chain = causesOf(error);
  if (chain.some((one) => Poison.is(one))) return "poison";
  const own = chain.find((one) => one instanceof WeftError);
  if (own?.retryable || isOutage(own ?? error)) return "transient";
  if (own !== undefined || classify(error) !== "invalid") return "failure";
  return chain.some((one) => lostRaces.has(sqlStateOf(one) ?? "")) ? "failure" : "poison";
}

/** The error and what caused it, outermost first. */
function causesOf(error: unknown): Error[] {
  const chain: Error[] = [];
  for (let current = error; current instanceof Error && chain.length < maxCauses; current = current.cause) {
    chain.push(current);
  }
  return chain;
}

/** One line for a log or a header, without a stack. */
export function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : "";
  return `${error.name}: ${error.message}${cause}`;
}
