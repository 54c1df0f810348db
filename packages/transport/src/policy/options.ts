import { type OptionRule, option } from "@weft/core";
import { pickerRules } from "@weft/discovery";
import { breakerRules } from "../breaker/breaker.ts";
import { retryRules } from "./retry.ts";
import { retryBudgetRules } from "./retry-budget.ts";

const serviceName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/** Whether a service of that name can be called; a registry may hold any text. */
export const isServiceName = (name: string): boolean => serviceName.test(name);

/** What a client takes of the policy chain, whatever its protocol. */
export const policyRules = {
  service: option.text(serviceName, "must be the name of a service"),
  timeoutMs: option.milliseconds(10_000),
  attemptTimeoutMs: option.milliseconds(5000),
  maxInFlight: option.count(256),
};

const groups: Record<string, Record<string, OptionRule<unknown>>> = {
  breaker: breakerRules,
  picker: pickerRules,
  retry: retryRules,
  retryBudget: retryBudgetRules,
};

/** Names what is wrong in the groups of options (`breaker.openMs`) beside the rest: a breaker is made with the first call only. */
export function checkGroups(options: object, wrong: (field: string, problem: string) => void): void {
  for (const [group, rules] of Object.entries(groups)) {
    const given = (options as Record<string, Record<string, unknown> | undefined>)[group] ?? {};
    for (const [name, rule] of Object.entries(rules)) {
      const problem = given[name] === undefined ? undefined : rule.problem(given[name]);
      if (problem !== undefined) wrong(`${group}.${name}`, problem);
    }
  }
}
