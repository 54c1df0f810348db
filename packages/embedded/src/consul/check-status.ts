import type { CheckDefinition, CheckStatus } from "./definitions.ts";

/**
 * From results to a status. A good result (passing or warning) counts once enough have come in a row; a bad one makes the
 * check warning after `failuresBeforeWarning` in a row and critical after `failuresBeforeCritical`. Until then the status stays.
 * Source: Consul, "Define health checks", success and failure thresholds.
 */
export function statusMachine({
  successBeforePassing,
  failuresBeforeWarning,
  failuresBeforeCritical,
}: Pick<CheckDefinition, "successBeforePassing" | "failuresBeforeWarning" | "failuresBeforeCritical">): (
  result: CheckStatus,
) => CheckStatus | "unchanged" {
  let successes = 0;
  let failures = 0;
  return (result) => {
    if (result !== "critical") {
      failures = 0;
      successes++;
      return successes >= successBeforePassing ? result : "unchanged";
    }
    successes = 0;
    failures++;
    if (failures >= failuresBeforeCritical) return "critical";
    return failures >= failuresBeforeWarning ? "warning" : "unchanged";
  };
}

/** For how long a critical check must stay so before its service goes: at least a minute, whatever was asked. 0: never. */
export const deregisterAfterMs = (askedMs: number, floorMs: number): number =>
  askedMs <= 0 ? 0 : Math.max(askedMs, floorMs);
