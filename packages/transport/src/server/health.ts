import { type ComponentHealth, within } from "@weft/core";
import type { Readiness } from "./gate.ts";

/** What a process knows of its own state; the server adds who it is and when it was asked. */
export interface HealthReport {
  /** `degraded` still serves; `unhealthy` means wedged: there is work and no progress. */
  status: "healthy" | "degraded" | "unhealthy";
  checks: Record<string, ComponentHealth>;
}

/** The body of `/health`, `/health/live` and `/health/ready` and whether each is a 200. */
export interface HealthAnswer {
  status: HealthReport["status"] | "draining";
  checks: Record<string, ComponentHealth>;
  live: boolean;
  ready: boolean;
}

/**
 * Not ready before the first start, while draining and when wedged. Not alive only when wedged: a process that starts or
 * drains must not be killed for it. A report that does not come within `boundMs` is `degraded`, because what it waits for
 * is mostly a dependency that every instance shares.
 */
export async function healthAnswer(
  report: () => Promise<HealthReport>,
  readiness: Readiness,
  boundMs = 2500,
): Promise<HealthAnswer> {
  const { status, checks } = await bounded(report, boundMs);
  const live = status !== "unhealthy";
  switch (readiness.is) {
    case "starting":
      return {
        status: "unhealthy",
        checks: { ...checks, start: { status: "unhealthy", message: readiness.reason } },
        live,
        ready: false,
      };
    case "draining":
      return { status: "draining", checks, live, ready: false };
    case "ready":
      return { status, checks, live, ready: live };
  }
}

async function bounded(report: () => Promise<HealthReport>, boundMs: number): Promise<HealthReport> {
  try {
    return await within(boundMs, report(), () => noReport(`no report within ${boundMs} ms`));
  } catch {
    return noReport("the report failed");
  }
}

const noReport = (message: string): HealthReport => ({
  status: "degraded",
  checks: { health: { status: "degraded", message } },
});
