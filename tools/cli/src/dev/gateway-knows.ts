import { poll } from "@weft/core";

const bounds = { forMs: 5_000, everyMs: 25 };

/**
 * Waits until the gateway routes to all of them: a service is ready when it is registered, and the gateway hears of that a
 * moment later. Without this, the first request after "everything is up" could meet a 404. Bounded: a service that registers no
 * route (or not yet) must not keep the rest from being used.
 */
export async function gatewayKnows(url: string, operatorsToken: string, services: readonly string[]): Promise<void> {
  await poll(bounds, async () => {
    const known = await routedServices(url, operatorsToken);
    return services.every((service) => known.includes(service)) || undefined;
  });
}

async function routedServices(url: string, operatorsToken: string): Promise<string[]> {
  try {
    const response = await fetch(`${url}/health`, {
      headers: { authorization: `Bearer ${operatorsToken}` },
      signal: AbortSignal.timeout(1_000),
    });
    const { checks } = (await response.json()) as { checks: { routes?: { details?: { services?: string[] } } } };
    return checks.routes?.details?.services ?? [];
  } catch {
    return [];
  }
}
