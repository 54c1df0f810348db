import { type Component, type ComponentHealth, reasonOf, within } from "@weft/core";
import type { HealthReport } from "@weft/transport";

/** A component that does not say how it is within this time, in milliseconds, is degraded. */
const answerWithinMs = 1000;

/**
 * Joins what components say of themselves; the server adds who it is and whether it starts or drains. `unhealthy` (503) only
 * when one is wedged. A lost dependency is `degraded` and stays 200: otherwise the outage of one database would empty the
 * registry.
 */
export async function joinHealth(components: readonly Component[]): Promise<HealthReport> {
  const checks: HealthReport["checks"] = {};
  await Promise.all(
    components.map(async (component) => {
      const health = await ask(component);
      if (health) checks[component.name] = health;
    }),
  );
  return { status: worst(Object.values(checks)), checks };
}

function worst(checks: ComponentHealth[]): ComponentHealth["status"] {
  if (checks.some(({ status }) => status === "unhealthy")) return "unhealthy";
  return checks.some(({ status }) => status === "degraded") ? "degraded" : "healthy";
}

async function ask(component: Component): Promise<ComponentHealth | undefined> {
  if (!component.health) return undefined;
  const late = (): ComponentHealth => ({ status: "degraded", message: `did not answer within ${answerWithinMs} ms` });
  try {
    return await within(answerWithinMs, Promise.resolve(component.health()), late);
  } catch (error) {
    return { status: "degraded", message: reasonOf(error) };
  }
}
