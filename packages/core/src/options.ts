import { maxTimerMs } from "./backoff.ts";
import { defineError, type FieldErrors } from "./errors.ts";

/** Options that a factory was given; every wrong one is named. */
export const OptionsInvalid = defineError<{ what: string; fieldErrors: FieldErrors }>({
  code: "OPTIONS_INVALID",
  kind: "invalid",
  message: ({ what, fieldErrors }) =>
    `${what}: ${Object.entries(fieldErrors)
      .map(([field, problem]) => `${field} ${problem}`)
      .join("; ")}`,
  details: ({ fieldErrors }) => ({ field_errors: fieldErrors }),
});

/** What an option may be, and what it is where nobody gave it. */
export interface OptionRule<T> {
  readonly default: T;
  /** @returns what is wrong with a value that was given, as the end of a sentence: `must be …` */
  problem(value: unknown): string | undefined;
}

type Rules = Readonly<Record<string, OptionRule<unknown>>>;
export type Taken<R extends Rules> = { [Name in keyof R]: R[Name] extends OptionRule<infer T> ? T : never };

/**
 * The one way to take options: what is not given, or `undefined`, is its default; every wrong field is reported together.
 * Fields without a rule are handed on as they are.
 * @param also what concerns several fields: reports each with `wrong`
 * @throws OptionsInvalid
 */
export function takeOptions<const R extends Rules, Given extends object>(
  what: string,
  rules: R,
  given: Given,
  also?: (taken: Omit<Given, keyof R> & Taken<R>, wrong: (field: string, problem: string) => void) => void,
): Omit<Given, keyof R> & Taken<R> {
  const fieldErrors: FieldErrors = {};
  const taken = { ...given } as Record<string, unknown>;
  for (const [name, rule] of Object.entries(rules)) {
    const value = (given as Record<string, unknown>)[name];
    const problem = value === undefined && rule.default !== undefined ? undefined : rule.problem(value);
    if (problem !== undefined) fieldErrors[name] = problem;
    taken[name] = value === undefined ? rule.default : value;
  }
  const settings = taken as Omit<Given, keyof R> & Taken<R>;
  also?.(settings, (field, problem) => {
    fieldErrors[field] ??= problem;
  });
  if (Object.keys(fieldErrors).length > 0) throw new OptionsInvalid({ what, fieldErrors });
  return settings;
}

/** A whole number. @param from least @defaultValue 1   @param to most @defaultValue 2^53 − 1 */
function count(
  fallback: number,
  { from = 1, to = Number.MAX_SAFE_INTEGER }: { from?: number; to?: number } = {},
): OptionRule<number> {
  const range = to === Number.MAX_SAFE_INTEGER ? `from ${from}` : `from ${from} to ${to}`;
  return {
    default: fallback,
    problem: (value) =>
      Number.isInteger(value) && Number(value) >= from && Number(value) <= to
        ? undefined
        : `must be a whole number ${range}`,
  };
}

/** A whole number of milliseconds that Node's timers can wait: 2147483647 (24.8 days) at most. @param from least @defaultValue 1 */
function milliseconds(
  fallback: number,
  { from = 1, to = maxTimerMs }: { from?: number; to?: number } = {},
): OptionRule<number> {
  return count(fallback, { from, to });
}

/** A number from 0 to 1. */
function share(fallback: number): OptionRule<number> {
  return {
    default: fallback,
    problem: (value) =>
      typeof value === "number" && value >= 0 && value <= 1 ? undefined : "must be a number from 0 to 1",
  };
}

function flag(fallback: boolean): OptionRule<boolean> {
  return {
    default: fallback,
    problem: (value) => (typeof value === "boolean" ? undefined : "must be true or false"),
  };
}

/** A text that must be given. @param must what a text that does not match is told, as the end of a sentence */
function text(pattern = /./s, must = "must not be empty"): OptionRule<string> {
  return {
    default: undefined as unknown as string,
    problem: (value) => (typeof value === "string" && pattern.test(value) ? undefined : must),
  };
}

function oneOf<const T extends string>(values: readonly T[], fallback: T): OptionRule<T> {
  return {
    default: fallback,
    problem: (value) => (values.includes(value as T) ? undefined : `must be one of ${values.join(", ")}`),
  };
}

/** The rule, for an option that may also be absent. */
function optional<T>(rule: OptionRule<T>): OptionRule<T | undefined> {
  return {
    default: undefined,
    problem: (value) => (value === undefined ? undefined : rule.problem(value)),
  };
}

/** The rules that there are: `option.milliseconds(10_000, { from: 0 })`. */
export const option = { count, milliseconds, share, flag, text, oneOf, optional };
