import type { ServerAddress } from "./infrastructure.ts";
import type { Overview, OverviewEvent, OverviewPart } from "./overview.ts";
import type { RunningService } from "./services.ts";
import type { Supervised } from "./supervise.ts";

const healthTimeoutMs = 1_000;

/** How everything is at this moment, each service by its own word. */
export async function lookAtMesh(
  servers: Supervised<ServerAddress>[],
  services: RunningService[],
  events: OverviewEvent[],
  operatorsToken: string,
): Promise<Overview> {
  const serverRows = servers.map((part): OverviewPart => {
    const running = part.current();
    const state = running ? "up" : "down";
    const health = running ? "healthy" : "down";
    return { name: part.name, kind: "server", state, health, address: running?.address.text ?? "", pid: running?.pid };
  });
  const serviceRows = services.map(async ({ process }): Promise<OverviewPart> => {
    const running = process.current();
    if (!running) return { name: process.name, kind: "service", state: "down", health: "down", address: "" };
    const { health, note } = await askHealth(running.address.http, operatorsToken);
    return {
      name: process.name,
      kind: "service",
      state: "up",
      health,
      address: running.address.http,
      pid: running.pid,
      note,
    };
  });
  return { parts: [...serverRows, ...(await Promise.all(serviceRows))], events };
}

interface HealthAnswer {
  status: string;
  checks?: Record<string, { status?: string; message?: string }>;
}

async function askHealth(url: string, operatorsToken: string): Promise<{ health: string; note: string }> {
  try {
    const response = await fetch(`${url}/health`, {
      headers: { authorization: `Bearer ${operatorsToken}` },
      signal: AbortSignal.timeout(healthTimeoutMs),
    });
    const { status, checks = {} } = (await response.json()) as HealthAnswer;
    const notes = Object.entries(checks).flatMap(([name, check]) =>
      check.status !== "healthy" && check.message ? [`${name}: ${check.message}`] : [],
    );
    return { health: status, note: notes.join("; ") };
  } catch {
    return { health: "no answer", note: "" };
  }
}
